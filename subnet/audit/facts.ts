/** @file What the chain says about each window of a run, and the parameters that follow from it. */
import type { Engine } from "../../kernels/engine/engine.ts";
import type { Checkpoint } from "../../src/api/types.ts";
import type { Log } from "../../src/command/log.ts";
import { isAssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { IncentiveRules } from "../../src/protocol/rules.ts";
import { Amendments } from "../../src/run/amendments.ts";
import { ChainRecord, type Commit, type WindowOutcome } from "../../src/run/chain-record.ts";
import { Follower } from "../../src/run/follower.ts";
import type { Run, WindowHashes } from "../../src/run/run.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { ArchiveClock } from "./archive-clock.ts";
import { WeightOrigins } from "./weight-origin.ts";

/** Weights of a hotkey as they stand on the chain: (uid, weight). */
export type StoredWeights = {
  /** Block in which they were set, or committed where they were hidden. */
  readonly fixedAt: number;
  readonly row: readonly (readonly [uid: number, weight: number])[];
};

/** A window as everybody can derive it. */
export type WindowFacts = {
  readonly window: number;
  readonly hashes: WindowHashes;
  /** uid -> hotkey. */
  readonly hotkeys: readonly Hex[];
  readonly commits: readonly Commit[];
  /** As the derived parameters see it: votes for others accept nothing. */
  readonly outcome: WindowOutcome;
  /** The rules in force. */
  readonly rules: IncentiveRules;
  /** digest(theta_w) and digest(theta_{w+1}). */
  readonly thetaBefore: Hex;
  readonly thetaAfter: Hex;
  /** Weights at the end of the window after, by hotkey. */
  readonly weights: ReadonlyMap<Hex, StoredWeights>;
};

/** A window that could not be derived, and why. */
type Gap = { readonly window: number; readonly reason: string };

/** A run as far as it could be derived. */
export type RunFacts = {
  readonly run: Run;
  readonly windows: ReadonlyMap<number, WindowFacts>;
  /** First window that was derived. */
  readonly from: number;
  /** Windows whose payloads are gone, before `from`: nothing says that they are wrong. */
  readonly gap: Gap | null;
  /** Where deriving had to stop, though the run went on. */
  readonly stopped: Gap | null;
};

/** What reading needs. `candidates`: checkpoints to begin with where theta_0 is too far back, oldest first. */
export type FactParts = {
  readonly subnet: Subnet;
  readonly clock: ArchiveClock;
  readonly run: Run;
  readonly engine: Engine;
  readonly log: Pick<Log, "info" | "warn">;
  readonly signal: AbortSignal;
  readonly candidates: () => Promise<readonly Checkpoint[]>;
  /** Told before the outer step of each window, while the engine holds its parameters. */
  readonly onWindow: (facts: Omit<WindowFacts, "thetaAfter">) => Promise<void>;
};

/** Weights of all hotkeys of a subnet in the state of a block. */
async function weightsAt(
  { subnet, clock }: Pick<FactParts, "subnet" | "clock">,
  block: number,
): Promise<ReadonlyMap<Hex, StoredWeights>> {
  const { chain, netuid } = subnet;
  const at = await clock.hashOf(block);
  const { neurons } = await chain.metagraph(netuid, at);
  const hotkeys = neurons.map(({ hotkey }) => hotkey);
  const { weights } = await chain.epochTerms(netuid, hotkeys, at);
  const origins = new WeightOrigins({ netuid, chain, blocks: clock });
  const fixedAt = await origins.ofAll(neurons, weights, block);
  return new Map(
    hotkeys.map((hotkey, uid) => [hotkey, { fixedAt: fixedAt[uid] ?? 0, row: weights[uid] ?? [] }]),
  );
}

/** Reads what only the chain says about a window that is over. */
async function chainFacts(
  { subnet, run, clock }: FactParts,
  record: ChainRecord,
  window: number,
): Promise<Pick<WindowFacts, "window" | "hashes" | "hotkeys" | "commits" | "weights">> {
  const newest = clock.current.number;
  const until = Math.min(newest, run.clock.lastJudgeBlock(window + 1));
  const [windowHash, evaluation, hotkeys, commits] = await Promise.all([
    clock.hashOf(run.clock.seedBlock(window)),
    clock.hashOf(run.clock.evaluationSeedBlock(window)),
    record.hotkeys(window),
    record.commits(window),
  ]);
  const weights = await weightsAt({ subnet, clock }, until);
  return { window, hashes: { window: windowHash, evaluation }, hotkeys, commits, weights };
}

/** Windows of the run that the chain has finished, as a count. */
export function finishedWindows(run: Pick<Run, "clock">, newest: number): number {
  let window = 0;
  while (run.clock.isInRun(window) && run.clock.lastJudgeBlock(window) < newest) window++;
  return window;
}

/** One derivation of a run, window by window. */
class Derivation {
  readonly #parts: FactParts;
  readonly #record: ChainRecord;
  readonly #amendments: Amendments;
  readonly #follower: Follower;
  readonly windows = new Map<number, WindowFacts>();

  constructor(parts: FactParts) {
    const { subnet, clock, run, engine, log, signal } = parts;
    this.#parts = parts;
    const reached = { ...subnet, blocks: clock };
    this.#amendments = new Amendments(run, reached);
    const rules = this.#amendments.reader(signal);
    this.#record = new ChainRecord({ netuid: subnet.netuid, clock: run.clock, rules }, reached);
    const record = this.#record;
    this.#follower = new Follower({
      run,
      engine,
      subnet: reached,
      record,
      keep: null,
      log,
      signal,
    });
  }

  /** Holds the parameters of a window: theta_0's, or those of a checkpoint that votes confirm. */
  async begin(checkpoint: Checkpoint | null): Promise<number> {
    const { clock, run } = this.#parts;
    this.windows.clear();
    // Whoever begins must not go on by itself: each window is looked at.
    const until =
      checkpoint === null ? run.clock.startBlock(0) : run.clock.lastJudgeBlock(checkpoint.window);
    clock.hold(until);
    await (checkpoint === null ? this.#follower.replay() : this.#follower.start(checkpoint));
    clock.letGo();
    return this.#follower.window;
  }

  async go(windows: number): Promise<Gap | null> {
    for (let window = this.#follower.window; window < windows; window = this.#follower.window) {
      this.#parts.signal.throwIfAborted();
      try {
        await this.#one(window);
      } catch (error) {
        if (!isAssayError(error, "blob-missing")) throw error;
        return { window, reason: error.explanation.cause };
      }
    }
    return null;
  }

  async #one(window: number): Promise<void> {
    const { onWindow, signal } = this.#parts;
    const thetaBefore = this.#follower.digest;
    const [chain, standing, outcome] = await Promise.all([
      chainFacts(this.#parts, this.#record, window),
      this.#amendments.at(window, signal),
      this.#record.outcome(window),
    ]);
    const accepted = outcome.thetaDigest === thetaBefore ? outcome.accepted : [];
    const own = { ...outcome, accepted };
    const facts = { ...chain, rules: standing.rules, outcome: own, thetaBefore };
    await onWindow(facts);
    await this.#follower.advance();
    this.windows.set(window, { ...facts, thetaAfter: this.#follower.digest });
  }
}

/** Derives the run from theta_0, or where payloads of its beginning are gone, from the oldest checkpoint that votes confirm. */
export async function deriveFacts(parts: FactParts): Promise<RunFacts> {
  const { run, clock } = parts;
  const windows = finishedWindows(run, clock.current.number);
  const derivation = new Derivation(parts);
  let from = await derivation.begin(null);
  let stopped = await derivation.go(windows);
  let gap: Gap | null = null;
  if (stopped !== null)
    for (const checkpoint of await parts.candidates()) {
      if (checkpoint.window <= stopped.window) continue;
      const reached = new Map(derivation.windows);
      const begun = await derivation.begin(checkpoint);
      if (begun !== checkpoint.window) {
        for (const [window, facts] of reached) derivation.windows.set(window, facts);
        continue;
      }
      gap = stopped;
      from = begun;
      stopped = await derivation.go(windows);
      break;
    }
  return { run, windows: derivation.windows, from, gap, stopped };
}
