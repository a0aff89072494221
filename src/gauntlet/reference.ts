/** @file What pay is measured against: the credit that the strongest reach, and the trust of the middle of the field (docs/gauntlet.md#pay). */
import { type CreditConstants } from "../protocol/scoring.ts";
import { trustOfOdds } from "./odds.ts";
import { weightedMedian } from "./statistics.ts";

/** What a hotkey's work is worth when it comes, how often it comes, and how sure it is that it is its own. */
export type Standing = {
  /** 0 or more. */
  readonly credit: number;
  readonly attendance: number;
  readonly trust: number;
};

/** What the pay of a window is made with. */
export type Terms = {
  /** Credit that the strongest reach. */
  readonly reference: number;
  /** The most that is taken from credit before it earns: up to this it earns nothing. */
  readonly floor: number;
  /** How many times what it lacks to the reference is taken from it, at most the floor; undefined: the floor from all. */
  readonly shortfall: number | undefined;
  /** Trust of the middle of the field; 0 while nobody is worth anything. */
  readonly usualTrust: number;
  /** Share of the most trust there can be that the middle has: how much trust can tell one from another. */
  readonly maturity: number;
};

/** What a hotkey counts in its field: credit for work that comes. */
const worthOf = ({ credit, attendance }: Standing): number => credit * attendance;

/**
 * Largest credit c such that the worths of those with at least c make up at least `share` of the sum of all; 0 when none is above 0.
 * Added by descending credit, then by the order given.
 */
function referenceOf(field: readonly Standing[], share: number): number {
  const sorted = field.toSorted((a, b) => b.credit - a.credit);
  const wanted = share * sorted.reduce((sum, one) => sum + worthOf(one), 0);
  let sum = 0;
  for (const one of sorted) {
    sum += worthOf(one);
    if (sum >= wanted) return one.credit;
  }
  return 0;
}

/** The terms of a window from all that are scored, by ascending uid. */
export function termsOf(field: readonly Standing[], constants: CreditConstants): Terms {
  const worthy = field.filter((one) => worthOf(one) > 0);
  const usualTrust =
    worthy.length === 0
      ? 0
      : weightedMedian(worthy.map((one) => ({ value: one.trust, weight: worthOf(one) })));
  const credible = worthy.filter(({ trust }) => trust >= usualTrust / 2);
  const reference = referenceOf(credible, constants.referenceShare);
  const maturity = usualTrust / trustOfOdds(constants.oddsBound);
  const { floor, shortfall } = constants;
  return { reference, floor: floor * reference, shortfall, usualTrust, maturity };
}

/**
 * What is taken from a credit before it earns. By what it lacks, part of the work costs more than its part, and all of it, where luck alone
 * makes a difference, hardly anything.
 */
export function deductionOf(
  credit: number,
  { reference, floor, shortfall }: Pick<Terms, "reference" | "floor" | "shortfall">,
): number {
  if (shortfall === undefined) return floor;
  return Math.max(0, Math.min(floor, shortfall * (reference - credit)));
}

/** What trust leaves of pay. While the field is young it is luck of a few margins and takes little. */
export function confidenceOf(trust: number, { usualTrust, maturity }: Terms): number {
  return usualTrust === 0 ? 0 : 1 - maturity * (1 - Math.min(1, trust / usualTrust));
}

/** What a hotkey earns in: its credit less the deduction, as often as it comes, less what its trust lacks against the usual one. */
export function payOf({ credit, attendance, trust }: Standing, terms: Terms): number {
  const left = Math.max(0, credit - deductionOf(credit, terms));
  return left * attendance * confidenceOf(trust, terms);
}
