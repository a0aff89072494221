/** @file Honest work with a share of the inner steps: what a slower machine could do, sent as it is. */
import type { Participant } from "../../src/neuron/participant.ts";
import { training } from "./honest.ts";
import type { Strategy } from "./strategy.ts";

/**
 * Steps of a window for whoever does `share` (0 to 1) of `steps`, one at least. Where that is no whole number it goes up and
 * down from window to window, so that the mean is the share: 0.75 of 10 steps rounded would be 0.8 of the work.
 */
export function partOf(steps: number, share: number, window: number): number {
  const through = (windows: number): number => Math.round(windows * share * steps);
  return Math.max(1, through(window + 1) - through(window));
}

/** Does `share` (0 to 1) of the inner steps in the mean of windows. */
export function partTime(share: number): (miner: Participant) => Strategy {
  return (miner) =>
    training(miner, (window) => partOf(miner.run.manifest.inner.steps, share, window));
}
