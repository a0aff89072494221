/** @file From error feedback to a sparse update: of its coordinates, or of its cosine coefficients. */
import { KernelError } from "../errors.ts";
import type { Grid } from "../exact/dct.ts";
import { checkChunkRule, type ChunkRule, type Exact } from "../exact/exact.ts";
import { checkLayout, type SparseUpdate, type TensorLayout } from "../exact/sparse.ts";
import type { Vector } from "../exact/vector.ts";

/** The error of a feedback that no update can be cut out of. */
export function feedbackLost(): KernelError {
  return new KernelError(
    "not-finite",
    "the error feedback holds NaN or infinity; training diverged: lower the learning rate and start from zero feedback",
  );
}

/** The error of training that left the finite numbers. */
export function diverged(): KernelError {
  return new KernelError(
    "not-finite",
    "training diverged; lower the learning rate and train again before compressing",
  );
}

/**
 * Cuts every tensor of `error` into chunks, keeps the k largest magnitudes of each, quantises them to signs and one or two
 * magnitudes a chunk, and takes what the receiver will read out of `error`: e = f32(e - sent) (docs/protocol.md#9-miner-state).
 * @param error the error feedback with this window's change already added; changed in place
 * @throws KernelError not-finite if `error` holds NaN or infinity; it is then left as it was
 * @throws RangeError if the layout does not fit `error` or k and chunk are out of range; it is then left as it was
 */
export function compressUpdate(
  exact: Exact,
  error: Vector,
  layout: TensorLayout,
  rule: ChunkRule,
): SparseUpdate {
  checkLayout(layout, error.length);
  checkChunkRule(rule);
  if (!exact.allFinite(error)) throw feedbackLost();
  return cut(exact, error, layout, { rule, take: true });
}

/** The form in which the largest numbers of `x` are sent; `take`: they leave x. */
function cut(
  exact: Exact,
  x: Vector,
  { offsets, lengths }: TensorLayout,
  { rule, take }: { readonly rule: ChunkRule; readonly take: boolean },
): SparseUpdate {
  return lengths.map((length, tensor) =>
    exact.cut(exact.part(x, offsets[tensor]!, length), rule, take),
  );
}

/**
 * The largest magnitude of an error feedback that can be transformed: of a block of 64 by 64 no sum on the way, and no coefficient,
 * is more than 2^7.1 times as large.
 */
export const LARGEST_IN_COSINES = 2 ** 119;

/** Where cosine coefficients go on their way, as long as the error feedback, and the grid of each tensor. */
export type CosineSpace = { readonly scratch: Vector; readonly grids: readonly Grid[] };

/**
 * `compressUpdate` of cosine coefficients, as DeMo sends them: what they stand for leaves `error`.
 * @throws KernelError not-finite if `error` holds NaN or a magnitude above LARGEST_IN_COSINES; `error` is then left as it was
 * @throws RangeError as compressUpdate
 */
export function compressCosines(
  exact: Exact,
  error: Vector,
  layout: TensorLayout,
  how: CosineSpace & { readonly rule: ChunkRule },
): SparseUpdate {
  const { scratch, grids, rule } = how;
  checkLayout(layout, error.length);
  checkChunkRule(rule);
  if (!exact.allFinite(error, LARGEST_IN_COSINES)) throw feedbackLost();
  scratch.view.fill(0);
  for (const [tensor, { from, to }] of pairs(exact, error, layout, scratch).entries())
    exact.toCosines(to, from, grids[tensor]!);
  const update = cut(exact, scratch, layout, { rule, take: false });
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
