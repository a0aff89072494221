/** @file Mode `published`: ratings, trust and penalties by hotkey, and the one step that a window makes in them. */
import { type Hex } from "../protocol/digest.ts";
import { type PublishedScoring } from "../protocol/scoring.ts";
import { finalScore, weightsOf } from "./incentive.ts";
import { type BookEntry, FORGET_AFTER_WINDOWS, type Meeting, newEntry } from "./book-entry.ts";
import {
  checkEvidence,
  type MinerEvidence,
  reasonOf,
  shareIn,
  showsItself,
  type WindowEvidence,
} from "./evidence.ts";
import {
  activePenalties,
  extendedHistory,
  multiplierOf,
  markOf,
  penaltiesFor,
  type Penalty,
} from "./penalties.ts";
import { ordinalOf, rate, type Rating } from "./rating.ts";
import { isOutage, isPlateau, type Regime } from "./regime.ts";
import { movedTrust, trustFactor } from "./trust.ts";
import { type Reason, standingOf } from "./verdict.ts";

/** The state of the mode. Entries ascend by hotkey, so equal states serialise to equal text. */
export type PublishedBook = {
  readonly format: "assay/scorebook/1";
  /** The last window that was scored; -1 before the first. */
  readonly window: number;
  readonly entries: readonly BookEntry[];
};

/** The constants of the mode, from the rules in force. */
export type ScoringOptions = Pick<
  PublishedScoring,
  "trustAlpha" | "trustThreshold" | "trustWarmupWindows" | "ratingBeta" | "ratingTau" | "power"
>;

/** Score of a hotkey after a window, with everything it was made of. */
export type PublishedScore = {
  readonly mode: "published";
  readonly uid: number;
  readonly hotkey: Hex;
  readonly reason: Reason;
  readonly rating: Rating;
  readonly ordinal: number;
  readonly trust: number;
  /** What trust contributes: 0 below the threshold. */
  readonly trustFactor: number;
  readonly penalties: readonly Penalty[];
  /** Part of one score, where others of the window hold the same work; else 1. */
  readonly share: number;
  /** Of all penalties, times the share. */
  readonly multiplier: number;
  readonly final: number;
  /** u16; 0 = not on chain. */
  readonly weight: number;
};

/** A window's step: the new state, the scores by ascending uid, and the regime that it was scored in. */
export type PublishedWindow = {
  readonly book: PublishedBook;
  readonly scores: readonly PublishedScore[];
  readonly regime: Regime;
};

/** The state before the first window. */
export const EMPTY_SCOREBOOK: PublishedBook = {
  format: "assay/scorebook/1",
  window: -1,
  entries: [],
};

/**
 * Score one window. Order of evidence does not matter. Windows may be skipped (the validator was down), never repeated.
 *
 * A rejected or absent hotkey ranks last and loses trust: towards -1 for anything wrong, towards 0 for absence. A hotkey
 * that never sent anything is not scored. On a plateau ratings are held, and failing the gate costs nothing; in an outage
 * absence costs nothing.
 * @throws RangeError if the window is not after the last one, or a uid or hotkey appears twice.
 */
export function scorePublishedWindow(
  book: PublishedBook,
  evidence: WindowEvidence,
  options: ScoringOptions,
): PublishedWindow {
  checkEvidence(book.window, evidence);
  const known = new Map(book.entries.map((entry) => [entry.hotkey, entry]));
  const miners = evidence.miners
    .filter((miner) => known.has(miner.hotkey) || showsItself(miner))
    .map((miner) => ({ miner, entry: known.get(miner.hotkey) ?? newEntry(miner.hotkey) }))
    .toSorted((a, b) => a.miner.uid - b.miner.uid);
  const regime: Regime = { plateau: isPlateau(miners), outage: isOutage(miners) };
  const learned = miners.filter(({ miner }) => teaches(miner, regime));
  const rated = regime.plateau ? new Map<Hex, Rating>() : ratedEntries(learned, options);
  const judged = new Set(learned.map(({ miner }) => miner.hotkey));
  const updated = miners.map(({ miner, entry }) => {
    const rating = rated.get(miner.hotkey) ?? entry.rating;
    const moved = judged.has(miner.hotkey) ? learn(entry, miner, evidence.window, options) : entry;
    return { miner, entry: expire({ ...moved, rating }, evidence.window) };
  });
  for (const { entry } of updated) known.set(entry.hotkey, entry);
  const next: PublishedBook = {
    format: book.format,
    window: evidence.window,
    entries: [...known.values()]
      .filter((entry) => evidence.window - entry.lastWindow <= FORGET_AFTER_WINDOWS)
      .toSorted((a, b) => (a.hotkey < b.hotkey ? -1 : 1)),
  };
  return { book: next, scores: scoresOf(updated, options), regime };
}

/** Whether the evidence says anything about the miner itself, in this regime. */
function teaches(miner: MinerEvidence, { plateau, outage }: Regime): boolean {
  const standing = standingOf(reasonOf(miner));
  if (standing === "unhelpful") return !plateau;
  return standing !== "absent" || !outage;
}

function ratedEntries(
  learned: readonly Meeting[],
  { ratingBeta, ratingTau }: ScoringOptions,
): Map<Hex, Rating> {
  const players = learned.map(({ miner, entry }) => ({
    rating: entry.rating,
    score: miner.kind === "evaluated" ? miner.score.noise : Number.NEGATIVE_INFINITY,
  }));
  const ratings = rate(players, { beta: ratingBeta, tau: ratingTau });
  return new Map(learned.map(({ entry }, index) => [entry.hotkey, ratings[index] ?? entry.rating]));
}

/** Trust, history and penalties after evidence that teaches. */
function learn(
  entry: BookEntry,
  miner: MinerEvidence,
  window: number,
  { trustAlpha }: ScoringOptions,
): BookEntry {
  const reason = reasonOf(miner);
  const history = extendedHistory(entry.history, markOf(reason));
  return {
    ...entry,
    trust: movedTrust(entry.trust, trustAlpha, indicatorOf(miner)),
    windows: entry.windows + 1,
    history,
    penalties: activePenalties(entry.penalties, penaltiesFor(reason, history, window), window),
  };
}

function indicatorOf(miner: MinerEvidence): number {
  if (miner.kind === "evaluated") return miner.score.indicator;
  return standingOf(miner.reason) === "absent" ? 0 : -1;
}

/** Expire penalties, whether or not anything was learned, and note that the hotkey is still registered. */
function expire(entry: BookEntry, window: number): BookEntry {
  const penalties = activePenalties(entry.penalties, [], window);
  return { ...entry, lastWindow: window, penalties };
}

function scoresOf(
  meetings: readonly Meeting[],
  options: ScoringOptions,
): readonly PublishedScore[] {
  const smallestOrdinal = meetings.reduce(
    (min, { entry }) => Math.min(min, ordinalOf(entry.rating)),
    Number.POSITIVE_INFINITY,
  );
  const scores = meetings.map(({ miner, entry }) => {
    const { rating, trust, windows, penalties } = entry;
    const ordinal = ordinalOf(rating);
    const share = shareIn(miner);
    const multiplier = multiplierOf(penalties) * share;
    const factor = trustFactor({
      trust,
      windows,
      threshold: options.trustThreshold,
      warmupWindows: options.trustWarmupWindows,
    });
    const final = finalScore({ ordinal, smallestOrdinal, trust: factor, multiplier });
    const { uid, hotkey } = miner;
    const reason = reasonOf(miner);
    return {
      mode: "published" as const,
      uid,
      hotkey,
      reason,
      rating,
      ordinal,
      trust,
      trustFactor: factor,
      penalties,
      share,
      multiplier,
      final,
    };
  });
  const { uids, weights } = weightsOf(scores, options.power);
  const weightByUid = new Map(uids.map((uid, index) => [uid, weights[index] ?? 0]));
  return scores.map((score) => ({ ...score, weight: weightByUid.get(score.uid) ?? 0 }));
}
