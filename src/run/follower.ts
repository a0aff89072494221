/** @file Follows a run: holds theta_w, applies each window's accepted updates, catches up from a checkpoint. */
import type { Engine } from "../../kernels/engine/engine.ts";
import { type Checkpoint, checkpointSchema } from "../api/types.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { AssayError } from "../errors.ts";
import type { Log } from "../command/log.ts";
import { fetchJson, urlOf } from "../network/client.ts";
import type { Hex } from "../protocol/digest.ts";
import { maximumBodyBytes, type SparseUpdate } from "../protocol/codec.ts";
import { type ExpectedUpdate, readUpdate, UPDATE_HEADER_BYTES } from "../protocol/update.ts";
import { decodeCheckpoint, digestOf, encodeCheckpoint } from "../checkpoint/checkpoint.ts";
import type { BlobFinder } from "./finder.ts";
import type { Heads } from "./block-clock.ts";
import type { Run } from "./join.ts";
import type { Commit, Ledger, Outcome } from "./chain-record.ts";

/** What following needs. */
export type FollowerParts = {
  readonly run: Run;
  readonly engine: Engine;
  readonly heads: Heads;
  readonly ledger: Ledger;
  readonly finder: BlobFinder;
  readonly blobs: BlobStore;
  /** Where the newest checkpoint is remembered for the next start. */
  readonly state: { saveCheckpoint(runId: Hex, checkpoint: Checkpoint): Promise<void> };
  readonly log: Log;
  readonly signal: AbortSignal;
};

const MAX_CHECKPOINT_BYTES = 1 << 30;

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
    const candidates = [...(own === null ? [] : [own]), ...(await this.#peerCheckpoints())];
    candidates.sort((a, b) => b.window - a.window);
    let adopted = false;
    for (const candidate of candidates) {
      adopted = await this.#adopt(candidate);
      if (adopted) break;
    }
    if (!adopted) await this.#adoptGenesis();
    await this.#catchUp();
  }

  /** Re-derives everything from theta_0 and the chain's record alone, window by window, trusting no checkpoint. */
  async replay(): Promise<void> {
    await this.#adoptGenesis();
    await this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    const { run, heads, log } = this.#parts;
    const first = this.#window;
    while (
      run.clock.isInRun(this.#window) &&
      run.clock.lastJudgeBlock(this.#window) < heads.current.number
    )
      await this.advance();
    if (this.#window > first)
      log.info({ from: first, to: this.#window }, "caught up by replaying accepted updates");
  }

  async #peerCheckpoints(): Promise<Checkpoint[]> {
    const { finder, signal } = this.#parts;
    const axons = [...(await finder.axons()).values()];
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
    const { run, engine, heads, ledger, finder, log, signal } = this.#parts;
    const { window, address } = candidate;
    const judged = run.clock.lastJudgeBlock(window);
    if (judged > heads.current.number + run.clock.blocksPerWindow) return false;
    await heads.reached(judged, signal);
    const { thetaDigest } = await ledger.outcome(window);
    const bytes = await finder.tryFind(address, { limitBytes: MAX_CHECKPOINT_BYTES, signal });
    if (thetaDigest === null || bytes === null) return false;
    const theta = decodeCheckpoint(run.layout, bytes);
    const digest = digestOf(run.runId, run.layout, theta);
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
    const { run, engine, finder, signal } = this.#parts;
    const address = run.manifest.genesisCheckpoint;
    const bytes = await finder.find(address, { limitBytes: MAX_CHECKPOINT_BYTES, signal });
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
  async advance(): Promise<Outcome> {
    const { run, engine, heads, ledger, signal } = this.#parts;
    const window = this.#window;
    await heads.reached(run.clock.lastJudgeBlock(window), signal);
    const outcome = await ledger.outcome(window);
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
    const { run, finder, log, signal } = this.#parts;
    const layout = { lengths: run.layout.lengths, ...run.manifest.codec };
    const limitBytes = UPDATE_HEADER_BYTES + maximumBodyBytes(layout);
    const bytes = await finder.find(commit.digest, { limitBytes, signal, owner: commit.hotkey });
    const reading = readUpdate(bytes, layout, this.expectedHeader(commit.hotkey));
    if (reading.ok) return reading.update;
    log.warn(
      { window, uid: commit.uid, reason: reading.reason },
      "accepted payload dropped by all",
    );
    return null;
  }

  /** What the header of an update of `hotkey` for the current window must say. */
  expectedHeader(hotkey: Hex): ExpectedUpdate & { readonly window: number } {
    const { run } = this.#parts;
    return {
      genesis: run.genesis,
      runId: run.runId,
      netuid: run.manifest.netuid,
      window: this.#window,
      hotkey,
      baseDigest: this.#digest,
    };
  }

  async #maybeCheckpoint(theta: Float32Array): Promise<void> {
    const { run, blobs, state } = this.#parts;
    const due = this.#window % run.manifest.checkpointEveryWindows === 0;
    if (!due && run.clock.isInRun(this.#window)) return;
    const address = await blobs.put(encodeCheckpoint(run.layout, theta));
    this.#checkpoint = { window: this.#window, address };
    await state.saveCheckpoint(run.runId, this.#checkpoint);
  }
}
