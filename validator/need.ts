/** @file Whose update is measured in depth first, where there may not be time for all: the new, the uncertain, the well paid. */
import type { Hex } from "../src/protocol/digest.ts";
import type { Scorebook } from "../src/gauntlet/scorebook.ts";
import type { Fate } from "./fate.ts";

/** Windows for which a hotkey counts as new. */
const NEW_WINDOWS = 10;

/** How far the scorebook is from knowing a hotkey: smaller is less. */
function certainty(book: Scorebook, hotkey: Hex): readonly [number, number] {
  if (book.format === "assay/credit-book/1") {
    const entry = book.entries.find((one) => one.hotkey === hotkey);
    if (entry === undefined || entry.windows < NEW_WINDOWS) return [0, entry?.windows ?? 0];
    // Odds of zero are a coin's; among equals those with more credit, which is what pays.
    return [1 + Math.abs(entry.odds), -entry.credit];
  }
  const entry = book.entries.find((one) => one.hotkey === hotkey);
  if (entry === undefined || entry.windows < NEW_WINDOWS) return [0, entry?.windows ?? 0];
  // A rating begins with a sigma of 25/3, and it falls.
  return [10 - entry.rating.sigma, -entry.trust];
}

/** The rank of each fate: 0 is measured first. */
export function ranksOf(book: Scorebook, fates: readonly Fate[]): readonly number[] {
  const known = fates.map(({ commit }, at) => ({ at, how: certainty(book, commit.hotkey) }));
  known.sort((a, b) => a.how[0] - b.how[0] || a.how[1] - b.how[1] || a.at - b.at);
  const ranks = fates.map(() => 0);
  for (const [rank, { at }] of known.entries()) ranks[at] = rank;
  return ranks;
}
