/** @file Follows a run: holds theta_w, applies each window's accepted updates, catches up from a checkpoint. */
import type { Engine } from "../../kernels/engine/engine.ts";
import { type Checkpoint, checkpointSchema } from "../api/types.ts";
import {
  decodeCheckpoint,
  digestOf,
  encodeCheckpoint,
  maximumCheckpointBytes,
} from "../checkpoint/checkpoint.ts";
import type { Log } from "../command/log.ts";
import { AssayError, isAssayError } from "../errors.ts";
import { fetchJson, urlOf } from "../network/client.ts";
import type { SparseUpdate } from "../protocol/codec.ts";
import type { Hex } from "../protocol/digest.ts";
import { type ExpectedUpdate, readUpdate } from "../protocol/update.ts";
import type { ChainRecord, Commit, WindowOutcome } from "./chain-record.ts";
import type { FindLimits } from "./finder.ts";
import type { Run } from "./run.ts";
import type { Subnet } from "./subnet.ts";

/** What following needs. */
export type FollowerParts = {
  readonly run: Run;
  readonly engine: Engine;
  readonly subnet: Subnet;
  readonly record: ChainRecord;
  /** Called with each new checkpoint once its blob is stored; null: an auditor, which keeps none. */
  readonly keep: ((checkpoint: Checkpoint) => Promise<void>) | null;
  readonly log: Pick<Log, "info" | "warn">;
  readonly signal: AbortSignal;
  /** Told when nobody serves an accepted payload; it is then asked for until somebody does. Without it, that is a failure. */
  readonly onMissing?: (window: number, commit: Commit) => void;
};

/** The parameters of a run at one window, moved on by the outer step that all honest nodes share. */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #digests = new Map<number, Hex>();
  #window = 0;
  #digest: Hex = "0x";
  #checkpoint: Checkpoint | null = null;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
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

  /**
   * Takes the newest checkpoint that the chain's votes confirm (own, then peers', else genesis) and replays the
   * accepted updates since, until the window that is running now.
   */
  async start(own: Checkpoint | null): Promise<void> {
    const offered = [...(own === null ? [] : [own]), ...(await this.#peerCheckpoints())];
    // theta_0 needs no votes: the manifest names it. Waiting for those of window 0 would cost that window.
    const candidates = offered
      .filter((one) => one.window > 0)
      .toSorted((a, b) => b.window - a.window);
    let adopted = false;
    for (const candidate of candidates) {
      adopted = await this.#adopt(candidate);
      if (adopted) break;
    }
    if (!adopted) await this.#adoptGenesis();
    await this.catchUp();
  }

  /** Re-derives everything from theta_0 and the chain's record alone, window by window, trusting no checkpoint. */
  async replay(): Promise<void> {
    await this.#adoptGenesis();
    await this.catchUp();
  }

  /** Replays the windows that are over already: those before a start, and those of an outage. */
  async catchUp(): Promise<void> {
    const { run, subnet, log } = this.#parts;
    const first = this.#window;
    while (
      run.clock.isInRun(this.#window) &&
      run.clock.lastJudgeBlock(this.#window) < subnet.blocks.current.number
    )
      await this.advance();
    if (this.#window > first)
      log.info({ from: first, to: this.#window }, "caught up by replaying accepted updates");
  }

  async #peerCheckpoints(): Promise<Checkpoint[]> {
    const { subnet, signal } = this.#parts;
    const axons = [...(await subnet.finder.axons()).values()];
    const limits = { limitBytes: 4096, timeoutMs: 2000, signal };
    const answers = await Promise.allSettled(
      axons.map((axon) => fetchJson(urlOf(axon, "/checkpoints/latest"), checkpointSchema, limits)),
    );
    signal.throwIfAborted();
    return answers.flatMap((one) =>
      one.status === "fulfilled" && one.value !== null ? [one.value] : [],
    );
  }

  /** Loads a checkpoint if the votes of its window carry its digest; a wrong or missing one is passed over. */
  async #adopt(candidate: Checkpoint): Promise<boolean> {
    const { run, engine, subnet, record, log, signal } = this.#parts;
    const { blocks, finder } = subnet;
    const { window, address } = candidate;
    const judged = run.clock.lastJudgeBlock(window);
    if (judged > blocks.current.number + run.clock.blocksPerWindow) return false;
    await blocks.reached(judged, signal);
    const { thetaDigest } = await record.outcome(window);
    const limitBytes = maximumCheckpointBytes(run.layout);
    const bytes = await finder.tryFind(address, { limitBytes, signal });
    if (thetaDigest === null || bytes === null) return false;
    const read = readCheckpoint(run, bytes);
    if (read === null) {
      log.warn({ window, address }, "a peer's checkpoint does not decode; ignored");
      return false;
    }
    const { theta, digest } = read;
    if (digest !== thetaDigest) {
      log.warn(
        { window, digest, expected: thetaDigest },
        "checkpoint is not what the validators voted for; ignored",
      );
      return false;
    }
    await engine.setParameters(theta);
    this.#enter(window, digest);
    this.#checkpoint = candidate;
    log.info({ window, digest }, "checkpoint confirmed by the chain");
    return true;
  }

  async #adoptGenesis(): Promise<void> {
    const { run, engine, subnet, signal } = this.#parts;
    const address = run.manifest.genesisCheckpoint;
    const limitBytes = maximumCheckpointBytes(run.layout);
    const bytes = await subnet.finder.find(address, { limitBytes, signal });
    const theta = decodeCheckpoint(run.layout, bytes);
    await engine.setParameters(theta);
    this.#enter(0, digestOf(run.runId, run.layout, theta));
    this.#checkpoint = { window: 0, address };
  }

  #enter(window: number, digest: Hex): void {
    this.#window = window;
    this.#digest = digest;
    this.#digests.set(window, digest);
  }

  /** Waits for the end of the current window and applies its accepted set; theta is then theta_{window+1}. */
  async advance(): Promise<WindowOutcome> {
    const { run, engine, subnet, record, signal } = this.#parts;
    const window = this.#window;
    await subnet.blocks.reached(run.clock.lastJudgeBlock(window), signal);
    const outcome = await record.outcome(window);
    if (outcome.thetaDigest !== null && outcome.thetaDigest !== this.#digest)
      throw new AssayError({
        code: "digest-mismatch",
        window,
        expected: outcome.thetaDigest,
        found: this.#digest,
      });
    const updates = await Promise.all(
      outcome.accepted.map((commit) => this.#update(window, commit)),
    );
    const { alpha, mean } = run.manifest.outer;
    const valid = updates.filter((update) => update !== null);
    if (valid.length > 0) await engine.outerStep({ updates: valid, alpha, mean });
    const theta = await engine.parameters();
    this.#enter(window + 1, digestOf(run.runId, run.layout, theta));
    await this.#maybeCheckpoint(theta);
    return outcome;
  }

  /**
   * The update behind an accepted commitment. A payload that does not decode counts as absent: decoding is a pure
   * function of the bytes, so every node drops the same one.
   */
  async #update(window: number, commit: Commit): Promise<SparseUpdate | null> {
    const { run, log, signal } = this.#parts;
    const limits = { limitBytes: run.maximumUpdateBytes, signal, owner: commit.hotkey };
    const bytes = await this.#payload(window, commit, limits);
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
    limits: FindLimits & { readonly owner: Hex },
  ): Promise<Uint8Array | null> {
    const { subnet, onMissing } = this.#parts;
    for (let told = false; ; told = true) {
      try {
        return await subnet.finder.find(commit.digest, limits);
      } catch (error) {
        if (isAssayError(error, "blob-oversized")) return null;
        if (onMissing === undefined || !isAssayError(error, "blob-missing")) throw error;
        if (!told) onMissing(window, commit);
      }
    }
  }

  /** What the header of an update of `hotkey` for the current window must say. */
  expectedHeader(hotkey: Hex): ExpectedUpdate & { readonly window: number } {
    return this.#parts.run.expectedHeader(this.#window, hotkey, this.#digest);
  }

  async #maybeCheckpoint(theta: Float32Array): Promise<void> {
    const { run, subnet, keep } = this.#parts;
    if (keep === null) return;
    const due = this.#window % run.manifest.checkpointEveryWindows === 0;
    if (!due && run.clock.isInRun(this.#window)) return;
    const address = await subnet.blobs.put(encodeCheckpoint(run.layout, theta));
    this.#checkpoint = { window: this.#window, address };
    await keep(this.#checkpoint);
  }
}

/** Parameters and digest of a peer's checkpoint; null for bytes that are none, or hold a NaN: a stranger may offer anything. */
function readCheckpoint(
  run: Run,
  bytes: Uint8Array,
): { readonly theta: Float32Array; readonly digest: Hex } | null {
  try {
    const theta = decodeCheckpoint(run.layout, bytes);
    return { theta, digest: digestOf(run.runId, run.layout, theta) };
  } catch (error) {
    if (error instanceof AssayError) return null;
    throw error;
  }
}
