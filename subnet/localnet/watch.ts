/** @file Watches a running local network: asks nodes and chain, makes the frames that people see, keeps what the summary needs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import type { Neuron } from "../../chain/client/metagraph.ts";
import { ChainError } from "../../chain/errors.ts";
import { digestsSchema, type Status, statusSchema } from "../../src/api/types.ts";
import { explainReason, isReason } from "../../src/gauntlet/verdict.ts";
import { type AxonAddress, fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { parseHexFloat } from "../../src/protocol/hex-float.ts";
import { windowClock, type WindowClock } from "../../src/protocol/window.ts";
import { Earnings } from "../../src/run/earnings.ts";
import { phasesAt } from "../../src/view/phases.ts";
import { readTokenLedger, type TokenLedger } from "../audit/emission.ts";
import type { Running } from "../spawn.ts";
import { type Alert, type Frame, type Row } from "./frame.ts";
import { alertsOf, type Condition } from "./health.ts";
import type { Localnet } from "./network.ts";
import type { StartedMember } from "./processes.ts";
import { RecordBook } from "./record-book.ts";

const LIMITS = { limitBytes: 8 << 20, timeoutMs: 3000 };
/** A look waits no longer for answers; what comes later is in the next one. */
const LOOK_MS = 1500;
/** Who has not answered for so long does not answer. */
const SILENT_MS = 6000;
const U16_MAX = 65_535;
/** Windows whose digests are asked for again, so that a node that comes late is compared as well. */
const DIGESTS_BACK = 64;
/** Windows whose pace says how long the rest takes. */
const PACE_WINDOWS = 3;
/** Pay before this window says little about the rules: the first scores are luck. */
const SETTLED_WINDOW = 5;
const KINDS_WITHOUT_VERDICT: Readonly<Record<string, string>> = {
  owner: "publishes the run; takes the owner's cut",
  validator: "scores and votes",
};

type Axons = ReadonlyMap<Hex, AxonAddress | null>;

/** What was seen so far. */
export class Watch {
  readonly #net: Localnet;
  readonly #clock: WindowClock;
  readonly #startedAt: number;
  readonly #digests = new Map<number, Map<string, Hex>>();
  readonly #statuses = new Map<string, { readonly status: Status; readonly at: number }>();
  /** Questions under way, by name: who hangs is not asked twice at once. */
  readonly #asking = new Map<string, Promise<void>>();
  /** In which window, and when, a process was first seen to be gone. */
  readonly #endedIn = new Map<string, { readonly window: number; readonly at: number }>();
  readonly #earnings: Earnings;
  readonly records: RecordBook;
  readonly #heldOut: { window: number; loss: number }[];
  #rows: readonly Row[] = [];
  #newest: Frame | null = null;

  constructor(net: Localnet, startedAt: number) {
    this.#net = net;
    this.#clock = windowClock(net.manifest);
    this.#startedAt = startedAt;
    this.#earnings = new Earnings(net.subnet, net.paidSince);
    this.records = new RecordBook(net.members);
    this.#heldOut = [...net.before.heldOut];
  }

  /** Newest rows of the table. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** The rows with what was earned from window 5 on. */
  get settledRows(): readonly Row[] {
    const from = this.#clock.startBlock(SETTLED_WINDOW);
    return this.#rows.map((row) => ({ ...row, earnedRao: this.#earnings.paidRao(row.uid, from) }));
  }

  /** Time that the run has taken, pauses left out. */
  get seconds(): number {
    return this.#net.before.seconds + (performance.now() - this.#startedAt) / 1000;
  }

  /** Held-out losses as validators measured them, in order. */
  get heldOut(): { window: number; loss: number }[] {
    return [...this.#heldOut];
  }

  /** Whether every node that computed the parameters of a window computed the same. */
  get digestsEqual(): boolean {
    return [...this.#digests.values()].every((byNode) => new Set(byNode.values()).size <= 1);
  }

  /** Windows in which at least two nodes' digests were compared. */
  get windowsCompared(): number {
    return [...this.#digests.values()].filter((byNode) => byNode.size > 1).length;
  }

  /** Asks everybody once. While the chain does not answer, the newest frame says so. @throws ChainError at the first look */
  async look(): Promise<Frame> {
    try {
      this.#newest = await this.#frame();
      return this.#newest;
    } catch (error) {
      const net = this.#net;
      if (!(error instanceof ChainError) || this.#newest === null) throw error;
      const lost: Alert = {
        name: "chain",
        text: `the chain does not answer (${error.fault.code})`,
        logPath: net.chainProcess.logPath,
      };
      return { ...this.#newest, alerts: [lost], seconds: this.seconds, secondsLeft: null };
    }
  }

  /** Brings the rows to one block and returns the ledger of the same: an epoch after the last frame is in both. @throws ChainError */
  async settle(): Promise<TokenLedger> {
    const { chain, netuid, blocks } = this.#net.subnet;
    const head = blocks.current;
    const { neurons } = await chain.metagraph(netuid, head.hash);
    await this.#earnings.read(head);
    this.#rows = neurons.map((neuron) => this.#rowOf(neuron));
    return readTokenLedger(chain, netuid, head);
  }

  async #frame(): Promise<Frame> {
    const { chain, netuid } = this.#net.subnet;
    const { neurons } = await chain.metagraph(netuid);
    const axons: Axons = new Map(neurons.map(({ hotkey, axon }) => [hotkey, axon]));
    const asks = this.#net.nodes.map(async (node) => this.#asked(node, axons));
    await Promise.race([Promise.all(asks), sleep(LOOK_MS)]);
    await this.#earnings.read(this.#net.subnet.blocks.current);
    this.#rows = neurons.map((neuron) => this.#rowOf(neuron));
    const { pace, manifest, subnet } = this.#net;
    const { windows } = manifest;
    const height = subnet.blocks.current.number;
    const window = this.#clock.windowOf(height);
    return {
      height,
      window: windows === 0 ? window : Math.min(window, windows),
      windows,
      phases: phasesAt(manifest, this.#clock, height),
      waiting: pace.waiting,
      heldOut: this.#heldOut,
      rows: this.#rows,
      alerts: [...this.#authoritiesGone(), ...alertsOf(this.#conditions(window), window)],
      digestsEqual: this.digestsEqual,
      seconds: this.seconds,
      secondsLeft: this.#secondsLeft(height),
    };
  }

  /** Whether every node that still answers has done with `window`: its updates applied, its record written. */
  hasSettled(window: number): boolean {
    const recent = [...this.#statuses.values()].filter(
      (one) => performance.now() - one.at < SILENT_MS,
    );
    return recent.every(({ status: { progress } }) => {
      if (progress === null || progress.window > window) return progress !== null;
      return progress.window === window && ["settled", "recorded"].includes(progress.step);
    });
  }

  #secondsLeft(height: number): number | null {
    const { pace, manifest } = this.#net;
    const blockMs = pace.times.recentMs(PACE_WINDOWS * this.#clock.blocksPerWindow);
    if (blockMs === null || manifest.windows === 0) return null;
    const left = this.#clock.lastJudgeBlock(manifest.windows - 1) - height;
    return left <= 0 ? null : (left * blockMs) / 1000;
  }

  /** The question to one node: a new one, or the one under way. */
  #asked(node: StartedMember, axons: Axons): Promise<void> {
    const { name, hotkey, kind } = node.member;
    const axon = axons.get(hotkey.publicKey) ?? null;
    const open = this.#asking.get(name);
    if (open !== undefined || axon === null) return open ?? Promise.resolve();
    const question = this.#ask(name, axon, kind === "validator").finally(() =>
      this.#asking.delete(name),
    );
    this.#asking.set(name, question);
    return question;
  }

  async #ask(name: string, axon: AxonAddress, isValidator: boolean): Promise<void> {
    const get = <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | null> =>
      fetchJson(urlOf(axon, path), schema, LIMITS).catch(() => null);
    const status = await get("/status", statusSchema);
    if (status === null) return;
    this.#note(name, status);
    const from = Math.max(0, this.#digests.size - DIGESTS_BACK);
    this.compareWith(name, (await get(`/digests?from=${from}`, digestsSchema)) ?? []);
    if (isValidator && status.window !== null)
      this.compareWith(name, await this.records.read(name, axon, status.window));
  }

  /** Adds the digests that `name` computed to the comparison. */
  compareWith(name: string, digests: readonly { window: number; digest: Hex }[]): void {
    for (const { window, digest } of digests) {
      const byNode = this.#digests.get(window) ?? new Map<string, Hex>();
      this.#digests.set(window, byNode.set(name, digest));
    }
  }

  #note(name: string, status: Status): void {
    this.#statuses.set(name, { status, at: performance.now() });
    const { heldOut } = status;
    const newest = this.#heldOut.at(-1)?.window ?? -1;
    if (heldOut !== null && heldOut.window > newest) this.#heldOut.push(heldOut);
  }

  /** Authorities of a native chain that make no blocks any more. */
  #authoritiesGone(): readonly Alert[] {
    return this.#net.authorities
      .filter((one) => one.ended() !== null)
      .map(({ name, logPath }) => ({ name, text: `${name} has ended; the others go on`, logPath }));
  }

  #conditions(window: number): Condition[] {
    return this.#net.nodes.map(({ member: { name }, process }) => {
      const known = this.#statuses.get(name);
      const ended = this.#endedOf(name, process, window);
      // What a process said before it ended is no sign of life.
      const since = Math.max(performance.now() - SILENT_MS, ended?.at ?? -Infinity);
      return {
        name,
        ended,
        logPath: process.logPath,
        answers: known !== undefined && known.at > since,
        window: known?.status.window ?? null,
        absent: this.records.absenceOf(name),
        dropped: this.#net.pace.dropped.get(name) ?? null,
      };
    });
  }

  /** How a process ended, and in which window that was first seen. */
  #endedOf(
    name: string,
    process: Running,
    window: number,
  ): (NonNullable<Condition["ended"]> & { readonly at: number }) | null {
    const ended = process.ended();
    if (ended === null) return null;
    const seen = this.#endedIn.get(name) ?? { window, at: performance.now() };
    this.#endedIn.set(name, seen);
    return { ...ended, ...seen, reason: process.failure()?.explanation.cause ?? "" };
  }

  #rowOf({ uid, hotkey, incentive }: Pick<Neuron, "uid" | "hotkey" | "incentive">): Row {
    const member = this.#net.members.find((one) => one.hotkey.publicKey === hotkey);
    const judged = this.records.newest?.miners.find((one) => one.hotkey === hotkey);
    const common = {
      uid,
      name: member?.name ?? "stranger",
      kind: member?.kind ?? "honest",
      incentive: incentive / U16_MAX,
      earnedRao: this.#earnings.paidRao(uid),
    };
    const standing = KINDS_WITHOUT_VERDICT[common.kind];
    if (standing !== undefined) return { ...common, score: null, verdict: standing };
    if (judged !== undefined)
      return {
        ...common,
        score: parseHexFloat(judged.final),
        verdict: verdictText(judged.verdict),
      };
    const verdict = this.records.newest === null ? "not judged yet" : verdictText("no-commitment");
    return { ...common, score: null, verdict };
  }
}

/** The code of a verdict and its sentence. */
function verdictText(verdict: string): string {
  return isReason(verdict) ? `${verdict}: ${explainReason(verdict)}` : verdict;
}
