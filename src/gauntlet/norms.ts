/** @file Norms of an update tensor by tensor, and the usual ones that it is clipped to before it is judged (docs/gauntlet.md#usual-norms). */
import { type SparseTensor, type SparseUpdate } from "../protocol/codec.ts";
import { warmth } from "../protocol/learning-rate.ts";
import { type RunManifest } from "../protocol/manifest.ts";

/** Euclidean norm of each tensor's values, squares and sum in float64 in ascending coordinate order, as in the outer step. */
export function tensorNorms(update: SparseUpdate): readonly number[] {
  return update.map(normOf);
}

function normOf({ values }: SparseTensor): number {
  let sum = 0;
  // An index loop: an iterator takes eight times as long, and this is done to every update by everybody who measures it.
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    sum += value * value;
  }
  return Math.sqrt(sum);
}

/** How usual norms follow from those of updates: which of them, ascending, and by how much they grew since. The lower medians as they are without it. */
export type UsualRule = { readonly share?: number | undefined; readonly growth?: number };

/**
 * The rule of a run for norms of the updates of window `from` in window `to`. While the learning rate warms up an update grows by as much as the
 * sum of its steps' rates; norms of the window before would clip all that do more than half of the work to one size.
 */
export function usualRuleOf(
  {
    inner,
    evaluation: { usualShare, usualGrowth = false },
  }: Pick<RunManifest, "inner" | "evaluation">,
  from: number,
  to: number,
): UsualRule {
  return { share: usualShare, growth: usualGrowth ? warmth(inner, to) / warmth(inner, from) : 1 };
}

/** How far above the lower median a usual norm may lie: it takes half of a set to move it further. */
const MEDIAN_BOUND = 1.25;

/** Per tensor the norm that `share` of those of a set of updates lie at or below; all have the same tensors. Empty of none. */
export function usualNormsOf(
  updates: readonly (readonly number[])[],
  { share = 0.5, growth = 1 }: UsualRule = {},
): readonly number[] {
  const [first = []] = updates;
  return first.map((_, tensor) => {
    const sorted = updates.map((norms) => norms[tensor] ?? 0).toSorted((a, b) => a - b);
    const at = (place: number): number => sorted[Math.floor(place * (sorted.length - 1))] ?? 0;
    return growth * Math.min(at(share), MEDIAN_BOUND * at(0.5));
  });
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
