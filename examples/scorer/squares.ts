/** @file A training subnet that changes the scorer alone: pay by the square of what a miner improved, so that the best earn most of it. */
import type { Weigh } from "assay";

const MOST_WEIGHT = 65_535;

/** `final` is what the scorer pays by: credit above the floor x attendance x confidence. */
export const weigh: Weigh = (scores) => {
  const most = Math.max(0, ...scores.map(({ final }) => final));
  return scores.map(({ final }) =>
    most === 0 ? 0 : Math.round(MOST_WEIGHT * (Math.max(0, final) / most) ** 2),
  );
};
