/** @file Which updates resemble each other so much that it has to be measured who worked (docs/gauntlet.md#similar-updates). */
import { type Hex } from "../protocol/digest.ts";
import { type Fingerprint, indexOverlap } from "./fast-checks.ts";

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

/** Every pair of updates of one window that overlaps by `maximumOverlap` or more: most similar first, then by uid. */
export function similarPairs(
  updates: readonly Fingerprint[],
  { maximumOverlap }: Pick<SimilaritySettings, "maximumOverlap">,
): readonly SimilarPair[] {
  const sorted = updates.toSorted((a, b) => a.uid - b.uid);
  const pairs = sorted.flatMap((a, at) =>
    sorted.slice(at + 1).flatMap((b): SimilarPair[] => {
      const overlap = indexOverlap(a.indices, b.indices);
      return overlap < maximumOverlap ? [] : [{ low: a.uid, high: b.uid, overlap }];
    }),
  );
  return pairs.toSorted((a, b) => b.overlap - a.overlap || a.low - b.low || a.high - b.high);
}

/** An earlier work that an update overlaps. */
export type SimilarEarlier = { readonly other: Other; readonly overlap: number };

/** Others' work of the last windows, applied or not, that an update overlaps: most similar first, at most eight. */
export function similarEarlier(
  update: Fingerprint,
  earlier: readonly Fingerprint[],
  { maximumOverlap, overlapWindows }: SimilaritySettings,
): readonly SimilarEarlier[] {
  const { hotkey: sender, window: now, indices } = update;
  return earlier
    .filter(({ hotkey, window }) => hotkey !== sender && window < now)
    .filter(({ window }) => window >= now - overlapWindows)
    .map(({ uid, hotkey, window, indices: theirs }) => ({
      other: { uid, hotkey, window },
      overlap: indexOverlap(indices, theirs),
    }))
    .filter(({ overlap }) => overlap >= maximumOverlap)
    .toSorted(
      (a, b) =>
        b.overlap - a.overlap || b.other.window - a.other.window || a.other.uid - b.other.uid,
    )
    .slice(0, MOST_COMPARISONS);
}
