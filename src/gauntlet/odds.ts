/** @file Log-odds of a hotkey training on its assigned pages, and the trust that they are worth (docs/gauntlet.md#log-odds-and-trust). */
import { logistic } from "../protocol/logistic.ts";
import { type CreditConstants } from "../protocol/scoring.ts";

/** The value, or the bound that it lies beyond. */
export function clipped(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

/**
 * How far a margin moves the log-odds: the log of how much likelier it is from work on the assigned pages (mean
 * `oddsMargin`, or half of the usual margin where that is less) than from any other (mean 0), both normal of variance
 * `oddsVariance`; within [-oddsFall, oddsRise].
 */
export function oddsMove(margin: number, usual: number, constants: CreditConstants): number {
  const { oddsMargin, oddsVariance, oddsRise, oddsFall } = constants;
  const mean = Math.min(oddsMargin, usual / 2);
  const ratio = (mean * margin - (mean * mean) / 2) / oddsVariance;
  return clipped(ratio, -oddsFall, oddsRise);
}

/** The log-odds after a move, within their bounds. */
export function movedOdds(odds: number, move: number, { oddsBound }: CreditConstants): number {
  return clipped(odds + move, -oddsBound, oddsBound);
}

/**
 * The log-odds of a measured update after a window in which the usual margin is not above 0: below the start some of the way back to it.
 * Otherwise one bad margin by chance would shut a hotkey out for as long as that lasts.
 */
export function returnedOdds(odds: number, { oddsStart, oddsReturn }: CreditConstants): number {
  return odds < oddsStart ? odds + oddsReturn * (oddsStart - odds) : odds;
}

/** Trust in (0, 1): the chance that the log-odds stand for. */
export function trustOfOdds(odds: number): number {
  return logistic(odds);
}
