/** @file How long a chain takes for a block, by watching it: a chain does not say so itself. */
import type { BlockClock } from "../../src/run/block-clock.ts";

/** Intervals between blocks below which nothing is concluded. */
const FEWEST = 2;

/** When a block was seen for the first time. */
type Sight = { readonly block: number; readonly atMs: number };

/** Seconds of a block from first sights, oldest first; null where they are too few. */
export function blockSecondsOf(sights: readonly Sight[]): number | null {
  const [first, last] = [sights[0], sights.at(-1)];
  if (first === undefined || last === undefined || last.block - first.block < FEWEST) return null;
  return (last.atMs - first.atMs) / (last.block - first.block) / 1000;
}

/**
 * Watches until `signal` aborts. Blocks count from the first that is seen to come: how long ago the newest came at the start nobody knows.
 * @param now milliseconds of any clock
 */
export async function watchBlocks(
  blocks: Pick<BlockClock, "current" | "reached">,
  signal: AbortSignal,
  now: () => number,
): Promise<readonly Sight[]> {
  const sights: Sight[] = [];
  try {
    for (let next = blocks.current.number + 1; ;) {
      const { number } = await blocks.reached(next, signal);
      sights.push({ block: number, atMs: now() });
      next = number + 1;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return sights;
  }
}
