/** @file Ways to pay, by name: what `subnet init --scoring` writes into [scoring] and [credit]. */
import type { KeyValue } from "../config/keys.ts";

/** A way to pay: its words for people, and the keys that it sets, with their tables. */
export type ScoringStyle = {
  readonly about: string;
  readonly keys: Readonly<Record<string, KeyValue>>;
};

/** `standard` leaves the defaults. */
export const SCORING_STYLES = {
  standard: { about: "pay grows with the work above a floor", keys: {} },
  even: { about: "a low floor: half the work earns nearly half", keys: { "credit.floor": 0.1 } },
  steep: { about: "a high floor: little work earns nothing", keys: { "credit.floor": 0.5 } },
  strict: {
    about: "trust rises slowly, copies and old work are looked for harder",
    keys: { "credit.oddsRise": 0.5, "scoring.maximumOverlap": 0.4, "scoring.overlapWindows": 6 },
  },
  published: {
    about: "the published form, for comparison: rating times trust, squared",
    keys: { "scoring.mode": "published" },
  },
} as const satisfies Readonly<Record<string, ScoringStyle>>;

/** Name of a style. */
export type StyleName = keyof typeof SCORING_STYLES;

/** Whether a word names a style. */
export function isStyle(word: string): word is StyleName {
  return Object.hasOwn(SCORING_STYLES, word);
}
