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
  /** Credit up to this earns nothing. */
  readonly floor: number;
  /** What the credit above it is raised to. */
  readonly power: number;
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
  return { floor: constants.floor * reference, power: constants.power ?? 1, usualTrust, maturity };
}

/** `base` >= 0 to a power in halves: products and a square root, whose bits IEEE fixes. */
function raised(base: number, power: number): number {
  let product = power % 1 === 0 ? 1 : Math.sqrt(base);
  for (let done = 1; done <= power; done++) product *= base;
  return product;
}

/**
 * What a hotkey earns in: its credit above the floor to a power, as often as it comes, less what its trust lacks against the usual one. While
 * the field is young, trust is luck of a few margins and takes little.
 */
export function payOf(
  { credit, attendance, trust }: Standing,
  { floor, power, usualTrust, maturity }: Terms,
): number {
  if (usualTrust === 0) return 0;
  const confidence = 1 - maturity * (1 - Math.min(1, trust / usualTrust));
  return raised(Math.max(0, credit - floor), power) * attendance * confidence;
}
