/** @file What mode `credit` remembers of one hotkey. */
import { type Hex } from "../protocol/digest.ts";
import { type CreditConstants } from "../protocol/scoring.ts";

/** What is remembered of a hotkey. Nothing here belongs to a uid. */
export type CreditEntry = {
  readonly hotkey: Hex;
  /** Moving average of its credits in windows in which it sent something, within [-1, 1]. */
  readonly credit: number;
  /** Moving average of whether it sent something, within [0, 1]. */
  readonly attendance: number;
  /** Log-odds of it training on its assigned pages. */
  readonly odds: number;
  /** Windows that moved its credit: while they are few, the average is the mean of them. */
  readonly windows: number;
  /** Last window in which it was registered. */
  readonly lastWindow: number;
};

/** What is known of a hotkey that sends something for the first time. */
export function newCreditEntry(hotkey: Hex, { oddsStart }: CreditConstants): CreditEntry {
  return { hotkey, credit: 0, attendance: 1, odds: oddsStart, windows: 0, lastWindow: -1 };
}
