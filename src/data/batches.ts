/** @file Which assigned sequences each inner step reads. Not consensus: a miner may order its own work as it likes. */
import { drawsOf } from "../protocol/draws.ts";
import type { Hex } from "../protocol/digest.ts";

/**
 * Sequence numbers for `steps` batches of `batch`, drawn from `available` sequences in whole passes, each pass in a
 * fresh order, so that every assigned sequence is seen before any is seen again.
 * @throws RangeError when nothing is available
 */
export function batchOrder(
  key: Hex,
  shape: { readonly available: number; readonly steps: number; readonly batch: number },
): number[] {
  if (shape.available < 1) throw new RangeError("no sequences to order");
  const draws = drawsOf(key);
  const order: number[] = [];
  while (order.length < shape.steps * shape.batch) {
    const pass = Array.from({ length: shape.available }, (_, index) => index);
    for (let i = pass.length - 1; i > 0; i--) {
      const j = draws.below(i + 1);
      [pass[i], pass[j]] = [pass[j] ?? 0, pass[i] ?? 0];
    }
    order.push(...pass);
  }
  return order.slice(0, shape.steps * shape.batch);
}
