/** @file Norms of an update tensor by tensor, and the usual ones that it is clipped to before it is judged (docs/gauntlet.md#usual-norms). */
import { type SparseTensor, type SparseUpdate } from "../protocol/codec.ts";
import { lowerMedian } from "./statistics.ts";

/** Euclidean norm of each tensor's values, squares and sum in float64 in ascending coordinate order, as in the outer step. */
export function tensorNorms(update: SparseUpdate): readonly number[] {
  return update.map(normOf);
}

function normOf({ values }: SparseTensor): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

/** Per tensor the lower median of its norms in a set of updates, which all have the same tensors; empty of none. */
export function usualNormsOf(updates: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = updates;
  return first.map((_, tensor) => lowerMedian(updates.map((norms) => norms[tensor] ?? 0)));
}

/** What a tensor of this norm is scaled by, as in the outer step: never up; 1 where it is empty. Float32. */
function clipFactor(norm: number, usual: number): number {
  return norm === 0 ? 1 : Math.fround(Math.min(1, usual / norm));
}

/** The update as it would act beside others of the usual norms: each tensor scaled down to at most its usual norm. */
export function clippedUpdate(
  update: SparseUpdate,
  norms: readonly number[],
  usual: readonly number[],
): SparseUpdate {
  return update.map((tensor, at) => {
    const factor = clipFactor(norms[at] ?? 0, usual[at] ?? 0);
    if (factor === 1) return tensor;
    return { indices: tensor.indices, values: tensor.values.map((value) => factor * value) };
  });
}

/** Euclidean norm of the whole update once each tensor is clipped: one large tensor cannot stand in for the others. */
export function clippedNorm(norms: readonly number[], usual: readonly number[]): number {
  return wholeNorm(norms.map((norm, at) => Math.min(norm, usual[at] ?? 0)));
}

/** Euclidean norm over all tensors, from their norms. */
export function wholeNorm(norms: readonly number[]): number {
  return Math.sqrt(norms.reduce((sum, norm) => sum + norm * norm, 0));
}
