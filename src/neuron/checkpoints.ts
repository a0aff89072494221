/** @file A node's own checkpoints: which there are, on disk as well, and what is removed when a new one is written. */
import type { Checkpoint } from "../api/types.ts";
import type { Log } from "../command/log.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Follower } from "../run/follower.ts";
import { type OwnCheckpoint, Retention, type RetentionParts } from "../run/retention.ts";
import type { Run } from "../run/run.ts";
import type { NeuronState } from "./state.ts";

/** What they are made of. */
export type CheckpointsParts = RetentionParts & {
  readonly run: Run;
  readonly state: Pick<NeuronState, "checkpointsOf" | "saveCheckpoints">;
  readonly log: Pick<Log, "info" | "warn">;
};

/** The own checkpoints of a run that can be handed out. */
export class Checkpoints {
  readonly #parts: CheckpointsParts;
  readonly #retention: Retention;
  #list: readonly OwnCheckpoint[];
  #sweeping: Promise<void> = Promise.resolve();

  constructor(parts: CheckpointsParts) {
    this.#parts = parts;
    this.#retention = new Retention(parts);
    this.#list = parts.state.checkpointsOf(parts.run);
  }

  /** Newest first. */
  get list(): readonly Checkpoint[] {
    return this.#list
      .toSorted((a, b) => b.window - a.window)
      .map(({ window, address }) => ({ window, address }));
  }

  /** Notes a checkpoint that was just stored. */
  async add({ window, address }: Checkpoint, digest: Hex): Promise<void> {
    const others = this.#list.filter((one) => one.window !== window);
    this.#list = [...others, { window, address, digest }];
    await this.#parts.state.saveCheckpoints(this.#parts.run, this.#list);
  }

  /** Notes the checkpoint that a follower began with, if it is another node's: it lies here now and is handed out as an own one. */
  async adopted(follower: Pick<Follower, "checkpoint" | "digestOf">): Promise<void> {
    const { checkpoint } = follower;
    if (checkpoint === null || checkpoint.window === 0) return;
    const digest = follower.digestOf(checkpoint.window);
    if (digest !== null && !this.#list.some(({ address }) => address === checkpoint.address))
      await this.add(checkpoint, digest);
  }

  /** Removes what is no longer kept as of `window`, in the background, one sweep after the other. */
  sweep(window: number): void {
    this.#sweeping = this.#sweeping
      .then(() => this.#sweep(window))
      // A chain that is away, a folder that refuses: the next sweep does it. Nothing waits for it.
      .catch((error: unknown) => this.#parts.log.warn({ error }, "old blobs were not removed"));
  }

  async #sweep(window: number): Promise<void> {
    const { state, run, log } = this.#parts;
    const before = this.#list;
    const { removed, kept } = await this.#retention.sweep(window, () => this.#list);
    if (removed > 0) log.info({ window, removed }, "removed blobs of windows that are not kept");
    if (kept.length === before.length) return;
    // One may have been added meanwhile.
    this.#list = this.#list.filter((one) => kept.includes(one) || !before.includes(one));
    await state.saveCheckpoints(run, this.#list);
  }
}
