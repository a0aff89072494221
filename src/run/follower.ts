/** @file Follows a run: holds theta_w, applies each window's accepted updates, catches up from a checkpoint. */
import type { Engine } from "../../kernels/engine/engine.ts";
import type { Checkpoint } from "../api/types.ts";
import type { TellFar } from "../command/progress.ts";
import { AssayError, isAssayError } from "../errors.ts";
import { CONFIRMED_WITHIN_WINDOWS, countVotes } from "../protocol/acceptance.ts";
import type { SparseUpdate } from "../protocol/codec.ts";
import { type Hex, thetaDigestOf } from "../protocol/digest.ts";
import { type ExpectedUpdate, readUpdate } from "../protocol/update.ts";
import type { ChainRecord, Commit, WindowOutcome } from "./chain-record.ts";
import { CheckpointWriter, type WriterParts } from "./checkpoint-writer.ts";
import type { FindLimits } from "./finder.ts";
import { offeredCheckpoints, worthTrying } from "./offered-checkpoints.ts";
import { confirmedTheta, type DiskNews, findTheta, type ThetaSearch } from "./theta.ts";

/** What following needs. */
export type FollowerParts = WriterParts & {
  readonly engine: Engine;
  readonly record: ChainRecord;
  /** This node's own hotkey: its own vote is no reason to believe itself. */
  readonly self?: Hex;
  /** Told how each window ended that was gone through as it happened; of those that are replayed it is not. */
  readonly onOutcome?: (outcome: WindowOutcome) => void;
  /** Told when nobody serves an accepted payload; it is then asked for until somebody does. Without it, that is a failure. */
  readonly onMissing?: (window: number, commit: Commit) => void;
  /** Told when most of the others' counting stake names other parameters than this node derives, and what came of it. */
  readonly onDissent?: (dissent: Dissent) => void;
  /** Told when a checkpoint finds no room on the disk, and when there is some again: it is waited for. Without it, that is a failure. */
  readonly onDisk?: (news: DiskNews) => void;
  /** Told how far fetching a checkpoint and replaying windows is. */
  readonly onFar?: TellFar;
};

/** Parameters of a window that a majority of the others names and this node does not have. */
export type Dissent = {
  readonly window: number;
  /** What more than half of the others' counting stake names. */
  readonly named: Hex;
  /** What this node had; after a new derivation, what that gave. */
  readonly derived: Hex;
  /** `begins`: everything since a confirmed checkpoint is derived again. `stands`: it gave the same. `mended`: it gave other parameters. `unchecked`: it could not be done. */
  readonly what: "begins" | "stands" | "mended" | "unchecked";
};

/** A step that no vote has confirmed yet: where it began. `theta` holds all that nodes share, momentum included. */
type Unconfirmed = { readonly window: number; readonly theta: Float32Array; readonly digest: Hex };

/** The parameters of a run at one window, moved on by the outer step that all honest nodes share. */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #digests = new Map<number, Hex>();
  #window = 0;
  #digest: Hex = "0x";
  #checkpoint: Checkpoint | null = null;
  readonly #writer: CheckpointWriter;
  #unconfirmed: Unconfirmed | null = null;
  /** Window whose parameters were derived twice, last. */
  #checkedWindow = Number.NEGATIVE_INFINITY;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#writer = new CheckpointWriter(parts);
  }

  /** Window whose parameters the engine holds. */
  get window(): number {
    return this.#window;
  }

  /** digest(theta_window). */
  get digest(): Hex {
    return this.#digest;
  }

  /** Newest checkpoint that this node can hand out. */
  get checkpoint(): Checkpoint | null {
    return this.#checkpoint;
  }

  /** Digests this node computed itself, from `fromWindow` on. */
  digests(fromWindow: number): { window: number; digest: Hex }[] {
    return [...this.#digests]
      .filter(([window]) => window >= fromWindow)
      .map(([window, digest]) => ({ window, digest }));
  }

  /** digest(theta_window) as this node derived it last; null for a window that it did not go through. */
  digestOf(window: number): Hex | null {
    return this.#digests.get(window) ?? null;
  }

  /**
   * Takes the newest checkpoint that the chain's votes confirm (own, then peers', else genesis) and replays the
   * accepted updates since, until the window that is running now.
   */
  async start(...own: readonly (Checkpoint | null)[]): Promise<void> {
    await this.#adoptNewest([...own, ...(await this.#peerCheckpoints())]);
    await this.catchUp();
  }

  /** Re-derives everything from theta_0 and the chain's record alone, window by window, trusting no checkpoint. */
  async replay(): Promise<void> {
    await this.#adoptGenesis();
    await this.catchUp();
  }

  /** Replays the windows that are over already: those before a start, and those of an outage. */
  async catchUp(): Promise<void> {
    const { run, subnet, log, onFar } = this.#parts;
    const first = this.#window;
    const far = { what: "replaying windows", unit: "windows" } as const;
    while (
      run.clock.isInRun(this.#window) &&
      run.clock.lastJudgeBlock(this.#window) < subnet.blocks.current.number
    ) {
      await this.#advance();
      const of = Math.max(this.#window, run.clock.windowOf(subnet.blocks.current.number)) - first;
      onFar?.({ ...far, done: this.#window - first, of });
    }
    if (this.#window > first)
      log.info({ from: first, to: this.#window }, "caught up by replaying accepted updates");
  }

  #peerCheckpoints(): Promise<Checkpoint[]> {
    const { run, subnet, signal } = this.#parts;
    return offeredCheckpoints(run, subnet, signal);
  }

  /** The newest checkpoint that the chain's votes confirm, else theta_0. */
  async #adoptNewest(offered: readonly (Checkpoint | null)[]): Promise<void> {
    const known = offered.filter((one) => one !== null).filter(({ window }) => window > 0);
    const { run, subnet } = this.#parts;
    const head = subnet.blocks.current.number;
    for (const one of worthTrying(known, run, head)) if (await this.#adopt(one)) return;
    await this.#adoptGenesis();
  }

  /**
   * Loads a checkpoint if the votes of its window carry its digest and this node did not derive another one; a wrong or
   * missing one is passed over.
   */
  async #adopt(candidate: Checkpoint): Promise<boolean> {
    const { run, engine, subnet, record, log, signal } = this.#parts;
    const { blocks } = subnet;
    const { window } = candidate;
    const judged = run.clock.lastJudgeBlock(window);
    if (judged > blocks.current.number + run.clock.blocksPerWindow) return false;
    await blocks.reached(judged, signal);
    const { thetaDigest } = await record.outcome(window);
    if ((this.digestOf(window) ?? thetaDigest) !== thetaDigest) return false;
    if (thetaDigest === null) return false;
    const theta = await confirmedTheta({ run, subnet }, candidate, thetaDigest, this.#search);
    if (theta === null) return false;
    const digest = thetaDigest;
    await engine.setParameters(theta);
    this.#enter(window, digest);
    this.#unconfirmed = null;
    this.#checkpoint = candidate;
    log.info({ window, digest }, "checkpoint confirmed by the chain");
    return true;
  }

  /** How checkpoints are looked for. */
  get #search(): Pick<ThetaSearch, "log" | "signal" | "onDisk" | "onFar"> {
    const { log, signal, onDisk, onFar } = this.#parts;
    return { log, signal, ...(onDisk && { onDisk }), ...(onFar && { onFar }) };
  }

  async #adoptGenesis(): Promise<void> {
    const { run, engine, subnet } = this.#parts;
    const address = run.manifest.genesisCheckpoint;
    // theta_0 alone: an outer momentum begins at zero.
    const theta = await findTheta(subnet, run.layout, { address, patient: true, ...this.#search });
    if (theta === null) throw new AssayError({ code: "blob-missing", digest: address });
    await engine.setParameters(theta);
    this.#enter(0, await this.#derived());
    this.#unconfirmed = null;
    this.#checkpoint = { window: 0, address };
  }

  #enter(window: number, digest: Hex): void {
    this.#window = window;
    this.#digest = digest;
    this.#digests.set(window, digest);
  }

  /**
   * Waits for the end of the current window and applies its accepted set; theta is then theta_{window+1}. The outcome
   * that it returns is this node's: votes for other parameters than it derived accept nothing.
   */
  async advance(): Promise<WindowOutcome> {
    const outcome = await this.#advance();
    this.#parts.onOutcome?.(outcome);
    return outcome;
  }

  async #advance(): Promise<WindowOutcome> {
    const { run, subnet, record, signal } = this.#parts;
    const window = this.#window;
    await subnet.blocks.reached(run.clock.lastJudgeBlock(window), signal);
    const outcome = await record.outcome(window);
    const named = this.#othersDigest(outcome);
    if (named !== null && named !== this.#digest) await this.#recheck(named);
    const own = this.#own(outcome);
    await this.#step(own, true);
    await this.#maybeCheckpoint();
    return own;
  }

  /** An outcome as this node sees it: votes for other parameters accept nothing. */
  #own(outcome: WindowOutcome): WindowOutcome {
    return outcome.thetaDigest === this.#digest ? outcome : { ...outcome, accepted: [] };
  }

  /** What most of the counting stake names, without this node's own. */
  #othersDigest(outcome: WindowOutcome): Hex | null {
    const { self } = this.#parts;
    if (self === undefined) return outcome.thetaDigest;
    const { window, rules, voters, hotkeys } = outcome;
    const others = voters.filter(({ uid }) => hotkeys[uid] !== self);
    return countVotes({ window, rules, voters: others }).digest;
  }

  /** The outer step of the current window, or the way back if the step three windows ago is void. */
  async #step(
    { thetaDigest, accepted }: Pick<WindowOutcome, "thetaDigest" | "accepted">,
    patient: boolean,
  ): Promise<void> {
    const { run, engine } = this.#parts;
    const [window, digest] = [this.#window, this.#digest];
    if (thetaDigest !== null) this.#unconfirmed = null;
    const updates = await this.#updates(accepted, patient);
    if (updates.length > 0) {
      this.#unconfirmed = { window, digest, theta: await engine.parameters() };
      const { alpha, mean } = run.manifest.outer;
      await engine.outerStep({ updates, alpha, mean });
    }
    if (
      this.#unconfirmed !== null &&
      window === this.#unconfirmed.window + CONFIRMED_WITHIN_WINDOWS
    ) {
      this.#parts.log.warn({ window }, "no votes name what was accepted three windows ago: void");
      await engine.setParameters(this.#unconfirmed.theta);
      this.#unconfirmed = null;
    }
    this.#enter(window + 1, await this.#derived());
  }

  /** Digest of the parameters as they are, made where they lie: a model may be too large for a copy. */
  async #derived(): Promise<Hex> {
    const { run, engine } = this.#parts;
    return thetaDigestOf(run.runId, await engine.tensorDigests());
  }

  /** The accepted updates that decode; none if one is to be had from nobody and the window is void anyway. */
  async #updates(accepted: readonly Commit[], patient: boolean): Promise<SparseUpdate[]> {
    const window = this.#window;
    try {
      const found = accepted.map((commit) => this.#update(window, commit, patient));
      return (await Promise.all(found)).filter((update) => update !== null);
    } catch (error) {
      if (isAssayError(error, "blob-missing") && (await this.#isVoid(window))) return [];
      throw error;
    }
  }

  /** Whether the windows in which votes had to name the result of this one are over, and none did. */
  async #isVoid(window: number): Promise<boolean> {
    const { run, subnet, record } = this.#parts;
    const last = window + CONFIRMED_WITHIN_WINDOWS;
    if (!run.clock.isInRun(last)) return false;
    if (run.clock.lastJudgeBlock(last) > subnet.blocks.current.number) return false;
    for (let one = window + 1; one <= last; one++)
      if ((await record.outcome(one)).thetaDigest !== null) return false;
    return true;
  }

  /**
   * More than half of the others' counting stake names other parameters: either they are wrong or this node's memory is. So they
   * are derived again from a checkpoint on which both agreed. What comes out is right by definition, and the node goes
   * on with it. At most once in `checkpointEveryWindows` windows, so that false votes cannot keep nodes busy.
   */
  async #recheck(named: Hex): Promise<void> {
    const { run, engine, log, onDissent } = this.#parts;
    const [window, before] = [this.#window, this.#digest];
    if (window < this.#checkedWindow + run.manifest.checkpointEveryWindows) return;
    const tell = (what: Dissent["what"]): void => {
      const dissent = { window, named, derived: this.#digest, what };
      log.warn(dissent, "most of the others' counting stake names other parameters");
      onDissent?.(dissent);
    };
    tell("begins");
    this.#checkedWindow = window;
    const theta = await engine.parameters();
    const [checkpoint, unconfirmed] = [this.#checkpoint, this.#unconfirmed];
    try {
      await this.#deriveAgain(window);
      tell(this.#digest === before ? "stands" : "mended");
    } catch (error) {
      await engine.setParameters(theta);
      this.#enter(window, before);
      this.#unconfirmed = unconfirmed;
      // Nobody serves a payload or a checkpoint now: what this node has stays.
      if (!(error instanceof AssayError)) throw error;
      tell("unchecked");
    } finally {
      this.#checkpoint = checkpoint;
    }
  }

  /** theta_window once more, from the newest checkpoint before it that the chain confirms and this node does not contradict. */
  async #deriveAgain(window: number): Promise<void> {
    const { record } = this.#parts;
    const offered = [this.#checkpoint, ...(await this.#peerCheckpoints())];
    await this.#adoptNewest(offered.filter((one) => one !== null && one.window < window));
    while (this.#window < window) {
      const outcome = await record.outcome(this.#window);
      await this.#step(this.#own(outcome), false);
    }
  }

  /**
   * The update behind an accepted commitment. A payload that does not decode counts as absent: decoding is a pure
   * function of the bytes, so every node drops the same one.
   */
  async #update(window: number, commit: Commit, patient: boolean): Promise<SparseUpdate | null> {
    const { run, log, signal } = this.#parts;
    const limits = { limitBytes: run.maximumUpdateBytes, signal, owner: commit.hotkey };
    const bytes = await this.#payload(window, commit, { limits, patient });
    // Too large for an update: it would not decode either.
    if (bytes === null) return null;
    const reading = readUpdate(bytes, run.updateLayout, this.expectedHeader(commit.hotkey));
    if (reading.ok) return reading.update;
    log.warn(
      { window, uid: commit.uid, reason: reading.reason },
      "accepted payload dropped by all",
    );
    return null;
  }

  /** The bytes of an accepted payload, null when they are too many. An outage that hides it from a running node must not end the node. */
  async #payload(
    window: number,
    commit: Commit,
    how: { readonly limits: FindLimits & { readonly owner: Hex }; readonly patient: boolean },
  ): Promise<Uint8Array | null> {
    const { subnet, onMissing } = this.#parts;
    const { limits, patient } = how;
    for (let told = false; ; told = true) {
      try {
        return await subnet.finder.find(commit.digest, limits);
      } catch (error) {
        if (isAssayError(error, "blob-oversized")) return null;
        const waits = patient && onMissing !== undefined && isAssayError(error, "blob-missing");
        if (!waits) throw error;
        if (await this.#isVoid(window)) throw error;
        if (!told) onMissing(window, commit);
      }
    }
  }

  /** What the header of an update of `hotkey` for the current window must say. */
  expectedHeader(hotkey: Hex): ExpectedUpdate & { readonly window: number } {
    return this.#parts.run.expectedHeader(this.#window, hotkey, this.#digest);
  }

  /** Begins to write the checkpoint that is due, from parameters that nobody else has: training goes on meanwhile. */
  async #maybeCheckpoint(): Promise<void> {
    const { run, engine } = this.#parts;
    const [window, digest] = [this.#window, this.#digest];
    const isLast = !run.clock.isInRun(window);
    if (window % run.manifest.checkpointEveryWindows !== 0 && !isLast) return;
    if (!this.#writer.isReady(window)) return;
    const theta = await engine.parameters();
    this.#writer.write({ window, digest, theta }, (checkpoint) => {
      this.#checkpoint = checkpoint;
    });
  }

  /** Resolves when no checkpoint is being written. */
  written(): Promise<void> {
    return this.#writer.idle();
  }
}
