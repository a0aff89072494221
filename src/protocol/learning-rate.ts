/** @file The learning rate by global step (docs/protocol.md#9-miner-state). Math.cos is engine-defined: fine for miners, never for consensus. */
import { type RunManifest } from "./manifest.ts";

/** The keys of `inner` that the learning rate follows from. */
export type Schedule = Pick<
  RunManifest["inner"],
  "learningRate" | "minimumLearningRate" | "warmupSteps" | "totalSteps" | "schedule" | "decaySteps"
>;

/**
 * The learning rate of a global step `w * H + h` (from 0): linear warm-up that reaches the full rate at the last warm-up
 * step, then by `schedule`: `cosine` falls to the minimum at `totalSteps`, `flat` stays, `wsd` stays and falls in a straight
 * line to the minimum over the last `decaySteps` before `totalSteps` (Hu et al. 2024).
 */
export function learningRate(inner: Schedule, globalStep: number): number {
  const { learningRate: peak, minimumLearningRate: floor, warmupSteps, totalSteps } = inner;
  const { schedule = "cosine", decaySteps = 0 } = inner;
  if (globalStep < warmupSteps) return (peak * (globalStep + 1)) / warmupSteps;
  if (schedule === "flat") return peak;
  if (globalStep >= totalSteps) return floor;
  if (schedule === "wsd") {
    const left = Math.min(1, (totalSteps - globalStep) / decaySteps);
    return floor + (peak - floor) * left;
  }
  const progress = (globalStep - warmupSteps) / (totalSteps - warmupSteps);
  return floor + 0.5 * (peak - floor) * (1 + Math.cos(Math.PI * progress));
}

/**
 * How warm the learning rate is in a window: the sum over its steps of how many warm-up steps are done, at most all of them. Whole numbers, unlike
 * rates: what validators agree on may follow from it.
 */
export function warmth(
  { steps, warmupSteps }: Pick<RunManifest["inner"], "steps" | "warmupSteps">,
  window: number,
): number {
  const all = Math.max(1, warmupSteps);
  let sum = 0;
  for (let step = window * steps + 1; step <= (window + 1) * steps; step++)
    sum += Math.min(step, all);
  return sum;
}
