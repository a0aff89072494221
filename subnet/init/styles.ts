/** @file Ways to pay, by name: what `subnet init --scoring` writes into [scoring]. */
import type { SubnetConfig } from "../config/schema.ts";

/** A way to pay: its words for people, and the keys of [scoring] that it sets. */
export type ScoringStyle = {
  readonly about: string;
  readonly keys: Partial<SubnetConfig["scoring"]>;
};

/** `standard` leaves the defaults. */
export const SCORING_STYLES = {
  standard: { about: "pay grows with the square of the score", keys: {} },
  even: { about: "pay in proportion to the score", keys: { power: 1 } },
  steep: { about: "nearly all to the best", keys: { power: 4 } },
  strict: {
    about: "more trust to earn, copies and old work looked for harder",
    keys: { trustThreshold: 0.2, maximumOverlap: 0.4, overlapWindows: 6 },
  },
} as const satisfies Readonly<Record<string, ScoringStyle>>;

/** Name of a style. */
export type StyleName = keyof typeof SCORING_STYLES;

/** Whether a word names a style. */
export function isStyle(word: string): word is StyleName {
  return Object.hasOwn(SCORING_STYLES, word);
}
