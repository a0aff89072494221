/** @file Watches a running local network: asks nodes and chain, makes the frames that people see, keeps what the summary needs. */
import type { z } from "zod";
import type { Neuron } from "../../chain/client/metagraph.ts";
import { digestsSchema, type Status, statusSchema } from "../../src/api/types.ts";
import { type AxonAddress, fetchJson, urlOf } from "../../src/network/client.ts";
import { explainReason, isReason } from "../../src/gauntlet/verdict.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { parseHexFloat } from "../../src/protocol/hex-float.ts";
import { type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";
import { windowClock } from "../../src/protocol/window.ts";
import type { Localnet } from "./boot.ts";
import type { Frame, Row } from "./screen.ts";

const LIMITS = { limitBytes: 8 << 20, timeoutMs: 3000 };
const U16_MAX = 65_535;
const RECORDS_BACK = 3;
/** Windows whose digests are asked for again, so that a node that comes late is compared as well. */
const DIGESTS_BACK = 64;
const KINDS_WITHOUT_VERDICT: Readonly<Record<string, string>> = {
  owner: "publishes the run; takes the owner's cut",
  validator: "scores and votes",
};

/** What was seen so far. */
export class Watch {
  readonly #net: Localnet;
  readonly #startedAt: number;
  readonly #digests = new Map<number, Map<string, Hex>>();
  readonly #windows = new Map<string, number>();
  /** Windows in which an honest miner had no update that could be judged, by name. */
  readonly missed: Record<string, number> = {};
  readonly heldOut: { window: number; loss: number }[] = [];
  /** Earnings at the first look at or after the fifth window began. */
  earnedBefore: ReadonlyMap<number, bigint> | null = null;
  #record: WindowRecord | null = null;
  #rows: readonly Row[] = [];
  #bytes: number[] = [];

  constructor(net: Localnet, startedAt: number) {
    this.#net = net;
    this.#startedAt = startedAt;
  }

  /** Newest rows of the table. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Mean bytes of an update that was accepted, header included. */
  get bytesPerUpdate(): number {
    return this.#bytes.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, this.#bytes.length);
  }

  /** Whether every node that computed the parameters of a window computed the same. */
  get digestsEqual(): boolean {
    return [...this.#digests.values()].every((byNode) => new Set(byNode.values()).size <= 1);
  }

  /** Windows in which at least two nodes' digests were compared. */
  get windowsCompared(): number {
    return [...this.#digests.values()].filter((byNode) => byNode.size > 1).length;
  }

  /** Asks everybody once. */
  async look(): Promise<Frame> {
    const net = this.#net;
    const { neurons } = await net.subnet.chain.metagraph(net.subnet.netuid);
    const axons = new Map(neurons.map((neuron) => [neuron.hotkey, neuron.axon] as const));
    await Promise.all(
      net.nodes.map((node) =>
        this.#ask(node.member.name, axons.get(node.member.hotkey.publicKey) ?? null),
      ),
    );
    await this.#readRecords(axons);
    this.#rows = neurons.map((neuron) => this.#rowOf(neuron));
    const clock = windowClock(net.manifest);
    const height = net.subnet.blocks.current.number;
    const window = clock.windowOf(height);
    if (window >= 5)
      this.earnedBefore ??= new Map(this.#rows.map((row) => [row.uid, row.earnedRao]));
    return {
      height,
      window: Math.min(window, net.manifest.windows),
      windows: net.manifest.windows,
      phase: clock.phaseOf(height),
      heldOut: this.heldOut,
      rows: this.#rows,
      digestsEqual: this.digestsEqual,
      seconds: (performance.now() - this.#startedAt) / 1000,
    };
  }

  async #ask(name: string, axon: AxonAddress | null): Promise<void> {
    if (axon === null) return;
    const get = <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | null> =>
      fetchJson(urlOf(axon, path), schema, LIMITS).catch(() => null);
    const [status, digests] = await Promise.all([
      get("/status", statusSchema),
      get(`/digests?from=${Math.max(0, this.#digests.size - DIGESTS_BACK)}`, digestsSchema),
    ]);
    if (status !== null) this.#note(name, status);
    this.compareWith(name, digests ?? []);
  }

  /** Adds the digests that `name` computed to the comparison. */
  compareWith(name: string, digests: readonly { window: number; digest: Hex }[]): void {
    for (const { window, digest } of digests) {
      const byNode = this.#digests.get(window) ?? new Map<string, Hex>();
      this.#digests.set(window, byNode.set(name, digest));
    }
  }

  #note(name: string, { window, heldOut }: Status): void {
    if (window !== null) this.#windows.set(name, window);
    const newest = this.heldOut.at(-1)?.window ?? -1;
    if (heldOut !== null && heldOut.window > newest) this.heldOut.push(heldOut);
  }

  /** The records that the first validator with any has written since the last look. */
  async #readRecords(axons: ReadonlyMap<Hex, AxonAddress | null>): Promise<void> {
    const next = (this.#record?.window ?? -1) + 1;
    for (const { member } of this.#net.nodes) {
      const axon = member.kind === "validator" ? axons.get(member.hotkey.publicKey) : null;
      if (axon && (await this.#readFrom(member.name, axon, next))) return;
    }
  }

  async #readFrom(name: string, axon: AxonAddress, next: number): Promise<boolean> {
    // A validator that came late has no records of the windows before: begin near where it stands.
    const first = Math.max(next, (this.#windows.get(name) ?? 0) - RECORDS_BACK);
    for (let window = first; ; window++) {
      const url = urlOf(axon, `/records/${window}`);
      const record = await fetchJson(url, windowRecordSchema, LIMITS).catch(() => null);
      if (record === null) return window > first;
      this.#record = record;
      this.#noteMissed(record);
      for (const { uid, payloadBytes } of record.miners)
        if (record.accepted.includes(uid) && payloadBytes !== null) this.#bytes.push(payloadBytes);
    }
  }

  /** Counts honest miners without an update that could be judged. */
  #noteMissed({ miners }: WindowRecord): void {
    for (const { name, kind, hotkey } of this.#net.members) {
      if (kind !== "honest") continue;
      const verdict = miners.find((one) => one.hotkey === hotkey.publicKey)?.verdict;
      const judged =
        verdict !== undefined && verdict !== "no-commitment" && verdict !== "payload-missing";
      if (!judged) this.missed[name] = (this.missed[name] ?? 0) + 1;
    }
  }

  #rowOf(neuron: Pick<Neuron, "uid" | "hotkey" | "incentive" | "stakeRao">): Row {
    const { uid, hotkey } = neuron;
    const member = this.#net.members.find((one) => one.hotkey.publicKey === hotkey);
    const judged = this.#record?.miners.find((one) => one.hotkey === hotkey);
    const common = {
      uid,
      name: member?.name ?? "stranger",
      kind: member?.kind ?? "honest",
      incentive: neuron.incentive / U16_MAX,
      earnedRao: neuron.stakeRao - (member?.stakeRao ?? 0n),
    };
    const standing = KINDS_WITHOUT_VERDICT[common.kind];
    if (standing !== undefined) return { ...common, score: null, verdict: standing };
    return judged === undefined
      ? { ...common, score: null, verdict: "not judged yet" }
      : { ...common, score: parseHexFloat(judged.final), verdict: verdictText(judged.verdict) };
  }
}

/** The code of a verdict and its sentence. */
function verdictText(verdict: string): string {
  return isReason(verdict) ? `${verdict}: ${explainReason(verdict)}` : verdict;
}
