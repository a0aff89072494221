/** @file Writes checkpoints while the run goes on: one at a time, and what cannot be written is told and passed over. */
import type { Checkpoint } from "../api/types.ts";
import { putCheckpoint } from "../checkpoint/checkpoint.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Log } from "../command/log.ts";
import type { Run } from "./run.ts";
import type { Subnet } from "./subnet.ts";

/** Parameters that nobody changes any more. */
type Parameters = { readonly window: number; readonly digest: Hex; readonly theta: Float32Array };

/** What writing needs. */
export type WriterParts = {
  readonly run: Run;
  readonly subnet: Subnet;
  /** Called with each new checkpoint once it is stored, and the digest of its parameters; null: an auditor, which keeps none. */
  readonly keep: ((checkpoint: Checkpoint, digest: Hex) => Promise<void>) | null;
  readonly log: Pick<Log, "info" | "warn">;
  readonly signal: AbortSignal;
};

/** The checkpoints of one node as they are written. */
export class CheckpointWriter {
  readonly #parts: WriterParts;
  #writing: Promise<void> | null = null;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /**
   * Whether one of `window` would be written. While another one is, nothing happens but a warning: two would need the memory of two.
   */
  isReady(window: number): boolean {
    const { keep, log } = this.#parts;
    if (keep === null) return false;
    if (this.#writing === null) return true;
    log.warn({ window }, "the checkpoint before is still being written: this one is left out");
    return false;
  }

  /** Begins to write, where `isReady`; `stored` is called when the disk has it. */
  write(parameters: Parameters, stored: (checkpoint: Checkpoint) => void): void {
    const { log, signal } = this.#parts;
    const { window } = parameters;
    this.#writing = this.#write(parameters, stored)
      .catch((error: unknown) => {
        if (signal.aborted) return;
        log.warn({ window, error }, "checkpoint not written; the ones before it stay");
      })
      .finally(() => (this.#writing = null));
  }

  async #write(
    { window, digest, theta }: Parameters,
    stored: (checkpoint: Checkpoint) => void,
  ): Promise<void> {
    const { run, subnet, keep } = this.#parts;
    const address = await putCheckpoint(subnet.blobs.trees, run.sharedLayout, theta);
    const checkpoint = { window, address };
    stored(checkpoint);
    await keep?.(checkpoint, digest);
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }
}
