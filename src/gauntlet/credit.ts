/** @file Credit: what an update did to the loss, by what one does in its window as a rule (docs/gauntlet.md#credit). */
import { type CreditConstants } from "../protocol/scoring.ts";
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
  /** The same whatever the gate said: what the update showed in its one window. */
  readonly shown: number;
  readonly margin: number;
};

/** What was measured of a miner's update; null for one that is absent, invalid or stolen, or whose losses overflow. */
export function measuredOf(miner: MinerEvidence): Measured | null {
  const { score } = miner;
  const passed = miner.kind === "evaluated";
  if (score === undefined || (!passed && miner.reason !== "loss-not-lowered")) return null;
  const mean = (score.noise + score.own) / 2;
  if (Number.isNaN(mean) || Number.isNaN(score.margin)) return null;
  const shown = shareIn(miner) * clipped(mean, -1, 1);
  return { fall: passed ? shown : Math.min(0, shown), shown, margin: score.margin };
}

/**
 * What one worker did to the loss in a window, as a rule: the mean of the positive falls, each weighed by itself, so that it does not
 * matter how many beside did nothing. 0 without any. Sums run by ascending uid.
 */
export function typicalFall(falls: readonly number[]): number {
  const gains = falls.map((fall) => Math.max(0, fall));
  const sum = gains.reduce((all, gain) => all + gain, 0);
  return sum > 0 ? gains.reduce((all, gain) => all + gain * gain, 0) / sum : 0;
}

/** The scale after a window with this typical fall; it begins with the first above 0. */
export function movedScale(
  scale: number,
  typical: number,
  { scaleAlpha }: CreditConstants,
): number {
  return scale === 0 ? typical : (1 - scaleAlpha) * scale + scaleAlpha * typical;
}

/** What a fall is divided by: the window's typical fall, but not below a share of the scale after it. */
export function unitOf(typical: number, scale: number, { scaleShare }: CreditConstants): number {
  return Math.max(typical, scaleShare * scale);
}

/** The usual margin of honest work: the median of the margins by credit x trust; of all alike while nobody has both. */
export function usualMargin(margins: readonly Weighted[]): number {
  const known = margins.filter(({ weight }) => weight > 0);
  return weightedMedian(
    known.length > 0 ? known : margins.map(({ value }) => ({ value, weight: 1 })),
  );
}

/** What margins say in a window: the usual one, and whether it is large enough for one margin alone to say something. */
export type Usual = { readonly margin: number; readonly isDecided: boolean };

/** Credit of a fall: how many units it is, less where its margin is far below the usual one. */
export function creditOf(
  { fall, margin }: { readonly fall: number; readonly margin: number },
  { unit, usual }: { readonly unit: number; readonly usual: Usual },
  { windowBound, marginSlope }: CreditConstants,
): number {
  const units = unit > 0 ? clipped(fall / unit, -windowBound, windowBound) : 0;
  const factor = usual.isDecided ? clipped((marginSlope * margin) / usual.margin, 0, 1) : 1;
  return units * factor;
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
