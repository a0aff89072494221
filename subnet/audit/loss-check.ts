/** @file Recorded losses against losses that are measured here: floating-point libraries differ in last bits, so within a tolerance. */
import type { Engine } from "../../kernels/engine/engine.ts";
import { KernelError } from "../../kernels/errors.ts";
import { clippedUpdate, tensorNorms } from "../../src/gauntlet/norms.ts";
import type { SparseUpdate } from "../../src/protocol/codec.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { parseHexFloat } from "../../src/protocol/hex-float.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import { readUpdate } from "../../src/protocol/update.ts";
import type { Run, WindowKeys } from "../../src/run/run.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { type Difference, difference } from "./difference.ts";
import type { WindowFacts } from "./facts.ts";

/** Largest relative difference of a loss between machines. */
const LOSS_TOLERANCE = 1e-4;

type Row = WindowRecord["miners"][number];
type Losses = { readonly before: readonly number[]; readonly after: readonly number[] };
type Before = Omit<WindowFacts, "thetaAfter">;

/** What measuring needs. */
export type LossParts = {
  readonly run: Run;
  readonly engine: Engine;
  readonly subnet: Pick<Subnet, "finder">;
  readonly signal: AbortSignal;
};

/** What is measured in one window. */
type Bench = {
  readonly facts: Before;
  readonly keys: WindowKeys;
  readonly noise: Int32Array;
  readonly noiseBefore: readonly number[];
};

/** Whether two losses are the same as far as machines agree. */
function isClose(recorded: number, measured: number): boolean {
  if (Number.isNaN(recorded) || Number.isNaN(measured))
    return Number.isNaN(recorded) && Number.isNaN(measured);
  const largest = Math.max(Math.abs(recorded), Math.abs(measured));
  return Math.abs(recorded - measured) <= LOSS_TOLERANCE * largest;
}

/** The first loss that differs, as field, recorded and measured value. */
function firstFar(
  name: string,
  recorded: { readonly before: readonly string[]; readonly after: readonly string[] },
  measured: Losses,
): Pick<Difference, "field" | "recorded" | "derived"> | null {
  for (const side of ["before", "after"] as const) {
    if (recorded[side].length !== measured[side].length) {
      const [was, is] = [recorded[side].length, measured[side].length];
      return { field: `losses.${name}.${side}.length`, recorded: `${was}`, derived: `${is}` };
    }
    for (const [index, text] of recorded[side].entries()) {
      const loss = parseHexFloat(text) ?? Number.NaN;
      const here = measured[side][index] ?? Number.NaN;
      if (isClose(loss, here)) continue;
      const field = `losses.${name}.${side}[${index}]`;
      return { field, recorded: `${loss}`, derived: `${here}` };
    }
  }
  return null;
}

/** Measures the losses of records again, window by window, while the engine holds the parameters. */
export class LossCheck {
  readonly #parts: LossParts;
  readonly #records: ReadonlyMap<number, readonly WindowRecord[]>;
  readonly found: Difference[] = [];
  measured = 0;

  constructor(records: readonly WindowRecord[], parts: LossParts) {
    this.#parts = parts;
    this.#records = Map.groupBy(records, ({ window }) => window);
  }

  /** All records of one window. */
  async window(facts: Before): Promise<void> {
    const records = this.#records.get(facts.window) ?? [];
    if (records.length === 0) return;
    const { run, engine } = this.#parts;
    const keys = run.keys(facts.window, facts.hashes);
    const noise = run.noiseTokens(keys, facts.hotkeys.length, facts.rules);
    const noiseBefore = Array.from(await engine.losses({ tokens: noise }));
    const bench = { facts, keys, noise, noiseBefore };
    const measuredRows = new Map<string, { noise: Losses; own: Losses | null }>();
    for (const record of records) {
      const found = await this.#record(record, bench, measuredRows);
      if (found !== null) this.found.push(found);
    }
  }

  async #record(
    record: WindowRecord,
    bench: Bench,
    known: Map<string, { noise: Losses; own: Losses | null }>,
  ): Promise<Difference | null> {
    const live = record.miners.filter(({ losses }) => losses !== null);
    const usual = record.usual?.norms.map((norm) => parseHexFloat(norm) ?? Number.NaN) ?? [];
    const { outer } = this.#parts.run.manifest;
    const factor = outer.alpha * bench.facts.rules.evaluation.factor;
    for (const row of live) {
      const whole = await this.#update(row, bench.facts);
      if (whole === null || row.losses === null) continue;
      const update = clippedUpdate(whole, tensorNorms(whole), usual);
      const key = `${row.uid}/${record.usual?.norms.join()}/${row.losses.own === null}`;
      const losses = known.get(key) ?? (await this.#measured(row, { update, factor }, bench));
      known.set(key, losses);
      const far = this.#compared(row, losses);
      if (far === null) continue;
      const { window, validator } = record;
      return difference({ part: "losses", window, validator, uid: row.uid, ...far });
    }
    return null;
  }

  #compared(
    { losses }: Row,
    measured: { noise: Losses; own: Losses | null },
  ): Pick<Difference, "field" | "recorded" | "derived"> | null {
    if (losses === null) return null;
    this.measured += losses.noise.after.length + (losses.own?.after.length ?? 0);
    const own =
      losses.own === null || measured.own === null
        ? null
        : firstFar("own", losses.own, measured.own);
    return firstFar("noise", losses.noise, measured.noise) ?? own;
  }

  async #measured(
    row: Row,
    applied: { readonly update: SparseUpdate; readonly factor: number },
    bench: Bench,
  ): Promise<{ noise: Losses; own: Losses | null }> {
    const { run, engine } = this.#parts;
    const { facts, keys, noiseBefore } = bench;
    const noise = { before: noiseBefore, after: await this.#after(bench.noise, applied) };
    if (row.losses === null || row.losses.own === null) return { noise, own: null };
    const { uid, hotkey } = row;
    const tokens = run.ownTokens(keys, { uid, hotkey, neurons: facts.hotkeys.length }, facts.rules);
    const before = Array.from(await engine.losses({ tokens }));
    return { noise, own: { before, after: await this.#after(tokens, applied) } };
  }

  async #after(
    tokens: Int32Array,
    applied: { readonly update: SparseUpdate; readonly factor: number },
  ): Promise<readonly number[]> {
    const { run, engine, signal } = this.#parts;
    signal.throwIfAborted();
    try {
      return Array.from(await engine.losses({ tokens, ...applied }));
    } catch (error) {
      if (!(error instanceof KernelError) || error.code !== "not-finite") throw error;
      const sequences = tokens.length / (run.manifest.model.context + 1);
      return Array.from({ length: sequences }, () => Number.NaN);
    }
  }

  async #update(row: Row, { window, thetaBefore }: Before): Promise<SparseUpdate | null> {
    const { run, subnet, signal } = this.#parts;
    const digest: Hex | null = row.payloadDigest;
    if (digest === null) return null;
    const limits = { limitBytes: run.maximumUpdateBytes, signal, owner: row.hotkey };
    const bytes = await subnet.finder.tryFind(digest, limits);
    if (bytes === null) return null;
    const expected = run.expectedHeader(window, row.hotkey, thetaBefore);
    const reading = readUpdate(bytes, run.updateLayout, expected);
    return reading.ok ? reading.update : null;
  }
}
