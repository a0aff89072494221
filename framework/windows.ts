/** @file Time in windows of so many blocks: every node of a subnet counts the same ones, whenever it was started. */
import type { BlockClock } from "../src/run/block-clock.ts";
import type { Hex } from "../src/protocol/digest.ts";

/** A window: blocks `startBlock` to `endBlock`, both final in turn. */
export type SubnetWindow = {
  /** floor(startBlock / length). */
  readonly index: number;
  readonly startBlock: number;
  readonly endBlock: number;
  /** Hash of `startBlock`: nobody knew it before, everybody has it now. What is drawn from it is drawn alike by all. */
  readonly seed: Hex;
};

/** Windows that are awaited from blocks. */
type Blocks = Pick<BlockClock, "current" | "reached" | "hashOf">;

/**
 * Each window once its first block is final, from the next one on, until `signal` aborts. Whoever takes longer than a window goes on with
 * the one that begins next: what is late is dropped, never made up for.
 */
export async function* windowsOf(
  blocks: Blocks,
  { length, signal }: { readonly length: number; readonly signal: AbortSignal },
): AsyncGenerator<SubnetWindow, void> {
  if (!Number.isSafeInteger(length) || length < 1)
    throw new RangeError(`a window has a whole number of blocks, not ${length}`);
  while (!signal.aborted) {
    const index = Math.floor(blocks.current.number / length) + 1;
    const startBlock = index * length;
    try {
      await blocks.reached(startBlock, signal);
      const seed = await blocks.hashOf(startBlock);
      yield { index, startBlock, endBlock: startBlock + length - 1, seed };
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }
}
