/** @file Which updates resemble each other so much that it has to be measured who worked (docs/gauntlet.md#similar-updates). */
import { type Hex } from "../protocol/digest.ts";
import { overlapsOf } from "./coordinates.ts";
import type { Fingerprint } from "./fast-checks.ts";

/** Most comparisons of a uid's update with others of its window, and most with earlier ones. */
export const MOST_COMPARISONS = 8;

/** Two updates of one window that share coordinates; `low` < `high`. */
export type SimilarPair = { readonly low: number; readonly high: number; readonly overlap: number };

/** Whose work an update is compared with: who sent it, and in which window. */
export type Other = { readonly uid: number; readonly hotkey: Hex; readonly window: number };

/** The `scoring` part of the rules in force, as far as it is used here. */
export type SimilaritySettings = {
  readonly maximumOverlap: number;
  readonly overlapWindows: number;
};

/** Pairs of an update with those of its window that have a larger uid and overlap it by `maximumOverlap` or more. */
export function pairsOf(
  update: Fingerprint,
  updates: readonly Fingerprint[],
  { maximumOverlap }: Pick<SimilaritySettings, "maximumOverlap">,
): readonly SimilarPair[] {
  const overlapWith = overlapsOf(update.indices);
  return updates
    .filter(({ uid }) => uid > update.uid)
    .map(({ uid, indices }) => ({ low: update.uid, high: uid, overlap: overlapWith(indices) }))
    .filter(({ overlap }) => overlap >= maximumOverlap);
}

/** Pairs in the order in which they are compared: most similar first, then by uid. */
export function inOrder(pairs: readonly SimilarPair[]): readonly SimilarPair[] {
  return pairs.toSorted((a, b) => b.overlap - a.overlap || a.low - b.low || a.high - b.high);
}

/** An earlier work that an update overlaps. */
export type SimilarEarlier = { readonly other: Other; readonly overlap: number };

/** Others' work of the last windows, applied or not, that an update overlaps. */
export function overlapsEarlier(
  update: Fingerprint,
  earlier: readonly Fingerprint[],
  { maximumOverlap, overlapWindows }: SimilaritySettings,
): readonly SimilarEarlier[] {
  const { hotkey: sender, window: now, indices } = update;
  const overlapWith = overlapsOf(indices);
  return earlier
    .filter(({ hotkey, window }) => hotkey !== sender && window < now)
    .filter(({ window }) => window >= now - overlapWindows)
    .map(({ uid, hotkey, window, indices: theirs }) => ({
      other: { uid, hotkey, window },
      overlap: overlapWith(theirs),
    }))
    .filter(({ overlap }) => overlap >= maximumOverlap);
}

/** What an update is compared with of all that it overlaps: most similar first, at most eight. */
export function mostSimilar(found: readonly SimilarEarlier[]): readonly SimilarEarlier[] {
  return found
    .toSorted(
      (a, b) =>
        b.overlap - a.overlap || b.other.window - a.other.window || a.other.uid - b.other.uid,
    )
    .slice(0, MOST_COMPARISONS);
}
