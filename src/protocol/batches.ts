/** @file Which sequences a batch holds (docs/protocol.md#4-evaluation-batches). */
import { type Draws } from "./draws.ts";

/**
 * The first `count` of a Fisher-Yates shuffle from the front over 0..total-1. Sequences are numbered through the pages in
 * order. When fewer exist (on a crowded subnet a uid has few pages) all of them are taken.
 */
export function chooseSequences(draws: Draws, total: number, count: number): number[] {
  // Only displaced entries are stored, so a small batch from a large pool costs what the batch costs.
  const displaced = new Map<number, number>();
  const chosen: number[] = [];
  for (let i = 0; i < Math.min(count, total); i += 1) {
    const j = i + draws.below(total - i);
    chosen.push(displaced.get(j) ?? j);
    displaced.set(j, displaced.get(i) ?? i);
  }
  return chosen;
}
