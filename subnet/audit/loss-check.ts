/** @file Recorded losses against losses that are measured here: floating-point libraries differ in last bits, so within a tolerance. */
import type { Engine } from "../../kernels/engine/engine.ts";
import { KernelError } from "../../kernels/errors.ts";
import { isCloseLoss } from "../../src/gauntlet/agreement.ts";
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

/** What own pages are drawn from. */
type Drawn = { readonly keys: WindowKeys; readonly neurons: number };

/** What is measured in one window. */
type Bench = {
  readonly facts: Before;
  readonly noise: Int32Array;
  readonly noiseBefore: readonly number[];
  /** Losses that were measured already: validators that measure alike are answered once. */
  readonly known: Map<string, Promise<readonly number[]>>;
};

/** An update as a validator tries it. */
type Applied = { readonly update: SparseUpdate; readonly factor: number; readonly name: string };

type Far = Pick<Difference, "field" | "recorded" | "derived">;

/** What `measure` gave for a key, measured once. */
function once(
  known: Map<string, Promise<readonly number[]>>,
  key: string,
  measure: () => Promise<readonly number[]>,
): Promise<readonly number[]> {
  const found = known.get(key) ?? measure();
  known.set(key, found);
  return found;
}

/** The first loss that differs, as field, recorded and measured value. */
function firstFar(
  name: string,
  recorded: { readonly before: readonly string[]; readonly after: readonly string[] },
  measured: Losses,
): Far | null {
  for (const side of ["before", "after"] as const) {
    if (recorded[side].length !== measured[side].length) {
      const [was, is] = [recorded[side].length, measured[side].length];
      return { field: `${name}.${side}.length`, recorded: `${was}`, derived: `${is}` };
    }
    for (const [index, text] of recorded[side].entries()) {
      const loss = parseHexFloat(text) ?? Number.NaN;
      const here = measured[side][index] ?? Number.NaN;
      if (isCloseLoss(loss, here)) continue;
      const field = `${name}.${side}[${index}]`;
      return { field, recorded: `${loss}`, derived: `${here}` };
    }
  }
  return null;
}

/** Measures the losses of records again, window by window, while the engine holds the parameters. */
export class LossCheck {
  readonly #parts: LossParts;
  readonly #records: ReadonlyMap<number, readonly WindowRecord[]>;
  /** Windows that were gone through: work of theirs may be compared with later. */
  readonly #drawn = new Map<number, Drawn>();
  readonly found: Difference[] = [];
  measured = 0;

  constructor(records: readonly WindowRecord[], parts: LossParts) {
    this.#parts = parts;
    this.#records = Map.groupBy(records, ({ window }) => window);
  }

  /** All records of one window. */
  async window(facts: Before): Promise<void> {
    const { run, engine } = this.#parts;
    const keys = run.keys(facts.window, facts.hashes);
    this.#drawn.set(facts.window, { keys, neurons: facts.hotkeys.length });
    const records = this.#records.get(facts.window) ?? [];
    if (records.length === 0) return;
    const noise = await run.noiseTokens(keys, facts.hotkeys.length, facts.rules);
    const noiseBefore = Array.from(await engine.losses({ tokens: noise }));
    const bench: Bench = { facts, noise, noiseBefore, known: new Map() };
    for (const record of records) {
      const found = await this.#record(record, bench);
      if (found !== null) this.found.push(found);
    }
  }

  async #record(record: WindowRecord, bench: Bench): Promise<Difference | null> {
    const { window, validator } = record;
    const applied = new Map<number, Applied>();
    for (const row of record.miners) {
      const one = row.losses === null ? null : await this.#applied(row, record, bench);
      if (one === null) continue;
      applied.set(row.uid, one);
      const far = await this.#row(row, one, bench);
      if (far !== null)
        return difference({ part: "losses", window, validator, uid: row.uid, ...far });
    }
    for (const { uid, other, losses } of record.comparisons ?? []) {
      const one = applied.get(uid);
      if (one === undefined || !this.#drawn.has(other.window)) continue;
      const measured = await this.#onPages(one, other, bench);
      const far = this.#far(`comparison with uid ${other.uid}`, losses, measured);
      if (far !== null) return difference({ part: "losses", window, validator, uid, ...far });
    }
    return null;
  }

  async #row(row: Row, applied: Applied, bench: Bench): Promise<Far | null> {
    if (row.losses === null) return null;
    const noise = {
      before: bench.noiseBefore,
      after: await this.#after("noise", bench.noise, { applied, bench }),
    };
    const far = this.#far("losses.noise", row.losses.noise, noise);
    if (far !== null || row.losses.own === null) return far;
    const { uid, hotkey } = row;
    const own = await this.#onPages(applied, { uid, hotkey, window: bench.facts.window }, bench);
    return this.#far("losses.own", row.losses.own, own);
  }

  #far(name: string, recorded: Parameters<typeof firstFar>[1], measured: Losses): Far | null {
    this.measured += measured.after.length;
    return firstFar(name, recorded, measured);
  }

  /** Losses on the own pages of somebody in some window. */
  async #onPages(
    applied: Applied,
    {
      uid,
      hotkey,
      window,
    }: { readonly uid: number; readonly hotkey: Hex; readonly window: number },
    bench: Bench,
  ): Promise<Losses> {
    const { run, engine } = this.#parts;
    const drawn = this.#drawn.get(window);
    if (drawn === undefined) throw new RangeError(`window ${window} was not gone through`);
    const { keys, neurons } = drawn;
    const tokens = await run.ownTokens(keys, { uid, hotkey, neurons }, bench.facts.rules);
    const pages = `${window}/${uid}`;
    const before = await once(bench.known, pages, async () =>
      Array.from(await engine.losses({ tokens })),
    );
    return { before, after: await this.#after(pages, tokens, { applied, bench }) };
  }

  #after(
    pages: string,
    tokens: Int32Array,
    { applied, bench }: { readonly applied: Applied; readonly bench: Bench },
  ): Promise<readonly number[]> {
    const { run, engine, signal } = this.#parts;
    signal.throwIfAborted();
    const { update, factor, name } = applied;
    return once(bench.known, `${pages} ${name}`, async () => {
      try {
        return Array.from(await engine.losses({ tokens, update, factor }));
      } catch (error) {
        if (!(error instanceof KernelError) || error.code !== "not-finite") throw error;
        const sequences = tokens.length / (run.manifest.model.context + 1);
        return Array.from({ length: sequences }, () => Number.NaN);
      }
    });
  }

  /** The update of a row, clipped and scaled as its validator tried it; null where nobody has it, or nobody says to what it was clipped. */
  async #applied(row: Row, { usual }: WindowRecord, bench: Bench): Promise<Applied | null> {
    const { run, subnet, signal } = this.#parts;
    const { facts } = bench;
    if (row.payloadDigest === null || usual === undefined) return null;
    const limits = { limitBytes: run.maximumUpdateBytes, signal, owner: row.hotkey };
    const bytes = await subnet.finder.tryFind(row.payloadDigest, limits);
    if (bytes === null) return null;
    const expected = run.expectedHeader(facts.window, row.hotkey, facts.thetaBefore);
    const reading = readUpdate(bytes, run.updateLayout, expected);
    if (!reading.ok) return null;
    const norms = usual.norms.map((text) => parseHexFloat(text) ?? Number.NaN);
    const update = clippedUpdate(reading.update, tensorNorms(reading.update), norms);
    const factor = run.manifest.outer.alpha * facts.rules.evaluation.factor;
    return { update, factor, name: `${row.uid} ${usual.norms.join()}` };
  }
}
