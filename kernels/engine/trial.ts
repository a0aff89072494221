/** @file An update applied for a while: theta is changed where the update says and put back to the same bits, so nothing is copied. */
import type { Exact } from "../exact/exact.ts";
import type { SparseUpdate, TensorLayout } from "../exact/sparse.ts";
import type { Vector } from "../exact/vector.ts";

/**
 * theta = theta - factor * update, in place.
 * @returns puts the numbers that it changed back, to the bit; to be called once, whatever happens meanwhile
 * @throws RangeError if the update does not fit the layout or the factor is not finite; nothing has changed then
 */
export function applyTrial(
  exact: Exact,
  theta: Vector,
  layout: TensorLayout,
  applied: { readonly update: SparseUpdate; readonly factor: number },
): () => void {
  const { view } = theta;
  const kept = applied.update.map(({ indices }, tensor) => {
    const start = layout.offsets[tensor] ?? 0;
    const values = new Float32Array(indices.length);
    for (let i = 0; i < values.length; i++) values[i] = view[start + indices[i]!]!;
    return values;
  });
  exact.applyUpdate(theta, theta, layout, applied);
  return () => {
    for (const [tensor, { indices }] of applied.update.entries()) {
      const start = layout.offsets[tensor]!;
      const values = kept[tensor]!;
      for (let i = 0; i < values.length; i++) view[start + indices[i]!] = values[i]!;
    }
  };
}
