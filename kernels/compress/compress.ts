/** @file From error feedback to a sparse two-bit update. */
import { KernelError } from "../errors.ts";
import type { ChunkRule, Exact } from "../exact/exact.ts";
import type { SparseTensor, SparseUpdate, TensorLayout } from "../exact/sparse.ts";
import type { Vector } from "../exact/vector.ts";

/** The error of a feedback that no update can be cut out of. */
export function feedbackLost(): KernelError {
  return new KernelError(
    "not-finite",
    "the error feedback holds NaN or infinity; training diverged: lower the learning rate and start from zero feedback",
  );
}

/**
 * Cuts every tensor of `error` into chunks, keeps the k largest magnitudes of each, quantises them per tensor to sign and two
 * magnitudes, and takes what the receiver will read out of `error`: e = f32(e - sent) (docs/protocol.md#9-miner-state).
 * @param error the error feedback with this window's change already added; changed in place
 * @throws KernelError not-finite if `error` holds NaN or infinity; it is then left as it was
 * @throws RangeError if the layout does not fit `error` or k and chunk are out of range
 */
export function compressUpdate(
  exact: Exact,
  error: Vector,
  layout: TensorLayout,
  rule: ChunkRule,
): SparseUpdate {
  if (!exact.allFinite(error)) throw feedbackLost();
  const update = layout.lengths.map((length, index): SparseTensor => {
    const tensor = exact.part(error, layout.offsets[index]!, length);
    const indices = exact.topK(tensor, rule);
    return { indices, ...exact.quantise(exact.gather(tensor, indices)) };
  });
  exact.subtractSent(error, layout, update);
  return update;
}
