/** @file What pay is measured against: the worth that the strongest reach, and the trust of the middle of the field (docs/gauntlet.md#pay). */
import { type CreditConstants } from "../protocol/scoring.ts";
import { trustOfOdds } from "./odds.ts";
import { weightedMedian } from "./statistics.ts";

/** What a hotkey's work is worth, and how sure it is that it is its own. */
export type Standing = { readonly worth: number; readonly trust: number };

/** What the pay of a window is made with. */
export type Terms = {
  /** Worth up to this earns nothing. */
  readonly floor: number;
  /** Trust of the middle of the field; 0 while nobody is worth anything. */
  readonly usualTrust: number;
  /** Share of the most trust there can be that the middle has: how much trust can tell one from another. */
  readonly maturity: number;
};

/**
 * Largest c such that the worths of at least c make up at least `share` of the sum of all; 0 when none is above 0.
 * Added in descending order.
 */
function referenceOf(worths: readonly number[], share: number): number {
  const sorted = worths.filter((worth) => worth > 0).toSorted((a, b) => b - a);
  const wanted = share * sorted.reduce((sum, worth) => sum + worth, 0);
  let sum = 0;
  for (const worth of sorted) {
    sum += worth;
    if (sum >= wanted) return worth;
  }
  return 0;
}

/** The terms of a window from all that are scored, by ascending uid. */
export function termsOf(field: readonly Standing[], constants: CreditConstants): Terms {
  const worthy = field.filter(({ worth }) => worth > 0);
  const usualTrust =
    worthy.length === 0
      ? 0
      : weightedMedian(worthy.map(({ worth, trust }) => ({ value: trust, weight: worth })));
  const credible = worthy.filter(({ trust }) => trust >= usualTrust / 2);
  const reference = referenceOf(
    credible.map(({ worth }) => worth),
    constants.referenceShare,
  );
  const maturity = usualTrust / trustOfOdds(constants.oddsBound);
  return { floor: constants.floor * reference, usualTrust, maturity };
}

/**
 * What a hotkey earns in: its worth above the floor, less what its trust lacks against the usual one. While the field is young, trust is
 * luck of a few margins and takes little.
 */
export function payOf({ worth, trust }: Standing, { floor, usualTrust, maturity }: Terms): number {
  if (usualTrust === 0) return 0;
  const confidence = 1 - maturity * (1 - Math.min(1, trust / usualTrust));
  return Math.max(0, worth - floor) * confidence;
}
