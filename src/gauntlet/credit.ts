/** @file Credit: what an update did to the loss, as a share of what all updates of its window did (docs/gauntlet.md#credit). */
import { type CreditConstants } from "../protocol/scoring.ts";
import type { CreditEntry } from "./credit-entry.ts";
import { type MinerEvidence, shareIn } from "./evidence.ts";
import { clipped } from "./odds.ts";
import { weightedMedian, type Weighted } from "./statistics.ts";

/** What was measured of an update: by how much it lowered the loss, and how surely it did so on its own pages above others. */
export type Measured = {
  /**
   * Mean of the relative falls on own and noise pages, within [-1, 1], of work under several names its part; never above 0 for an
   * update that failed the gate.
   */
  readonly fall: number;
  readonly margin: number;
};

/** What was measured of a miner's update; null for one that is absent, invalid or stolen, or whose losses overflow. */
export function measuredOf(miner: MinerEvidence): Measured | null {
  const { score } = miner;
  const passed = miner.kind === "evaluated";
  if (score === undefined || (!passed && miner.reason !== "loss-not-lowered")) return null;
  const mean = (score.noise + score.own) / 2;
  if (Number.isNaN(mean) || Number.isNaN(score.margin)) return null;
  const fall = clipped(mean, -1, 1);
  return { fall: passed ? shareIn(miner) * fall : Math.min(0, fall), margin: score.margin };
}

/** The scale after a window in which the positive falls add up to `total`; it begins with the first sum above 0. */
export function movedScale(scale: number, total: number, { scaleAlpha }: CreditConstants): number {
  return scale === 0 ? total : (1 - scaleAlpha) * scale + scaleAlpha * total;
}

/** What a fall is divided by: the window's sum of positive falls, but not below a share of the scale after it. */
export function unitOf(total: number, scale: number, { scaleShare }: CreditConstants): number {
  return Math.max(total, scaleShare * scale);
}

/** The usual margin of honest work: the median of the margins by credit x trust; of all alike while nobody has both. */
export function usualMargin(margins: readonly Weighted[]): number {
  const known = margins.filter(({ weight }) => weight > 0);
  return weightedMedian(
    known.length > 0 ? known : margins.map(({ value }) => ({ value, weight: 1 })),
  );
}

/** What margins say in a window: the usual one, and whether it is large enough to say anything. */
export type Usual = { readonly margin: number; readonly isDecided: boolean };

/** Credit of a measured update: its share of the unit, less where its margin is far below the usual one. */
export function creditOf(
  { fall, margin }: Measured,
  { unit, usual }: { readonly unit: number; readonly usual: Usual },
  { bound, marginSlope }: CreditConstants,
): number {
  const share = unit > 0 ? clipped(fall / unit, -bound, bound) : 0;
  const factor = usual.isDecided ? clipped((marginSlope * margin) / usual.margin, 0, 1) : 1;
  return share * factor;
}

/** The moving average of credits after one more, the `windows`-th: the mean of all while they are few. */
export function movedCredit(
  average: number,
  credit: number,
  { windows, alpha }: { readonly windows: number; readonly alpha: number },
): number {
  return average + Math.max(alpha, 1 / windows) * (credit - average);
}

/** The moving average of presence after a window with an update (1) or without (0). */
export function movedAttendance(
  average: number,
  present: 0 | 1,
  { attendanceAlpha }: CreditConstants,
): number {
  return average + attendanceAlpha * (present - average);
}

/** What a hotkey's work is worth in all windows, those without any included. */
export function worthOf({ credit, attendance }: CreditEntry): number {
  return Math.max(0, credit) * attendance;
}
