/** @file From error feedback to a sparse update: of its coordinates, or of its cosine coefficients. */
import { KernelError } from "../errors.ts";
import type { Grid } from "../exact/dct.ts";
import type { ChunkRule, Exact } from "../exact/exact.ts";
import { quantise } from "../exact/quantise.ts";
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
 * Cuts every tensor of `error` into chunks, keeps the k largest magnitudes of each, quantises them to signs and one or two
 * magnitudes a chunk, and takes what the receiver will read out of `error`: e = f32(e - sent) (docs/protocol.md#9-miner-state).
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
  const update = largest(exact, error, layout, rule);
  exact.subtractSent(error, layout, update);
  return update;
}

/** The two-bit form of the largest numbers of `x`. @throws KernelError not-finite */
function largest(exact: Exact, x: Vector, layout: TensorLayout, rule: ChunkRule): SparseUpdate {
  if (!exact.allFinite(x)) throw feedbackLost();
  return layout.lengths.map((length, index): SparseTensor => {
    const tensor = exact.part(x, layout.offsets[index]!, length);
    const indices = exact.topK(tensor, rule);
    return { indices, values: quantise(exact.gather(tensor, indices), length, rule) };
  });
}

/** Where cosine coefficients go on their way, as long as the error feedback, and the grid of each tensor. */
export type CosineSpace = { readonly scratch: Vector; readonly grids: readonly Grid[] };

/**
 * `compressUpdate` of cosine coefficients, as DeMo sends them: what they stand for leaves `error`.
 * @throws KernelError not-finite if `error` or a coefficient is; `error` is then left as it was
 */
export function compressCosines(
  exact: Exact,
  error: Vector,
  layout: TensorLayout,
  how: CosineSpace & { readonly rule: ChunkRule },
): SparseUpdate {
  const { scratch, grids } = how;
  if (!exact.allFinite(error)) return largest(exact, error, layout, how.rule);
  scratch.view.fill(0);
  for (const [tensor, { from, to }] of pairs(exact, error, layout, scratch).entries())
    exact.toCosines(to, from, grids[tensor]!);
  const update = largest(exact, scratch, layout, how.rule);
  addCosineUpdate(exact, error, layout, { ...how, update, sign: -1 });
  return update;
}

/** error = f32(error + sign * what the coefficients of `update` stand for): takes an update out of the error feedback, or back in. */
export function addCosineUpdate(
  exact: Exact,
  error: Vector,
  layout: TensorLayout,
  how: CosineSpace & { readonly update: SparseUpdate; readonly sign: 1 | -1 },
): void {
  const { scratch, grids, update, sign } = how;
  scratch.view.fill(0);
  exact.addSent(scratch, layout, update);
  for (const [tensor, { from, to }] of pairs(exact, error, layout, scratch).entries())
    exact.addCosines(from, to, grids[tensor]!, sign);
}

/** Each tensor of the error feedback with its stretch of the scratch. */
function pairs(
  exact: Exact,
  error: Vector,
  { lengths, offsets }: TensorLayout,
  scratch: Vector,
): { readonly from: Vector; readonly to: Vector }[] {
  return lengths.map((length, tensor) => ({
    from: exact.part(error, offsets[tensor]!, length),
    to: exact.part(scratch, offsets[tensor]!, length),
  }));
}
