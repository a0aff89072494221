/** @file The learning rate by global step (docs/protocol.md#9-miner-state). Math.cos is engine-defined: fine for miners, never for consensus. */
import { type RunManifest } from "./manifest.ts";

/**
 * The learning rate of a global step `w * H + h` (from 0): linear warm-up that reaches the full rate at the last warm-up
 * step, then a cosine down to the minimum at `totalSteps`, then the minimum.
 */
export function learningRate(
  inner: Pick<
    RunManifest["inner"],
    "learningRate" | "minimumLearningRate" | "warmupSteps" | "totalSteps"
  >,
  globalStep: number,
): number {
  const { learningRate: peak, minimumLearningRate: floor, warmupSteps, totalSteps } = inner;
  if (globalStep < warmupSteps) return (peak * (globalStep + 1)) / warmupSteps;
  if (globalStep >= totalSteps) return floor;
  const progress = (globalStep - warmupSteps) / (totalSteps - warmupSteps);
  return floor + 0.5 * (peak - floor) * (1 + Math.cos(Math.PI * progress));
}
