/** @file Weights by a rule of a subnet's own: what the scorer found out about each miner goes in, weights come out, everything else stays. */
import type { Score, ScoredWindow } from "./scorebook.ts";

/**
 * A rule: one weight for each score, in their order, whole numbers from 0 to 65,535. Pure: the same scores give the same weights to whoever
 * checks them later, on any machine, so no clock, no randomness, no memory; what a miner did before is in its score.
 */
export type Weigh = (scores: readonly Score[], window: number) => readonly number[];

/** Why what a rule gave is no list of weights; null where it is one. */
export function weighFault(weights: unknown, count: number): string | null {
  if (!Array.isArray(weights) || weights.length !== count)
    return `it gives ${Array.isArray(weights) ? `${weights.length} weights` : "no list"} for ${count} scores`;
  const wrong: unknown = weights.find(
    (weight) => !(Number.isInteger(weight) && weight >= 0 && weight <= 65_535),
  );
  return wrong === undefined
    ? null
    : `a weight is a whole number from 0 to 65,535, not ${JSON.stringify(wrong) ?? "that"}`;
}

/** A scored window with the weights of a rule; as it is without one. @throws RangeError what the rule gives is no list of weights */
export function withOwnWeights(scored: ScoredWindow, weigh: Weigh | null): ScoredWindow {
  if (weigh === null) return scored;
  const { scores, book } = scored;
  const weights: readonly number[] = weigh(scores, book.window);
  const fault = weighFault(weights, scores.length);
  if (fault !== null) throw new RangeError(fault);
  return { ...scored, scores: scores.map((score, at) => ({ ...score, weight: weights[at] ?? 0 })) };
}
