/** @file The scorer's memory, keyed by hotkey, and the one step that a window makes in it. Pure: equal evidence, equal scores. */
import { type Hex } from "../protocol/digest.ts";
import { finalScore, weightsOf } from "./incentive.ts";
import { type BookEntry, type Meeting, newEntry } from "./book-entry.ts";
import { type MinerEvidence, reasonOf, type WindowEvidence } from "./evidence.ts";
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

/** The state of the scorer. Entries ascend by hotkey, so equal states serialise to equal text. */
export type Scorebook = {
  readonly format: "assay/scorebook/1";
  /** The last window that was scored; -1 before the first. */
  readonly window: number;
  readonly entries: readonly BookEntry[];
};

/** The `scoring` part of the rules in force, as far as it is used here. */
export type ScoringOptions = {
  readonly trustAlpha: number;
  readonly trustThreshold: number;
  readonly trustWarmupWindows: number;
  readonly ratingBeta: number;
  readonly ratingTau: number;
  readonly power: number;
};

/** Score of a hotkey after a window, with everything it was made of. */
export type Score = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly reason: Reason;
  readonly rating: Rating;
  readonly ordinal: number;
  readonly trust: number;
  /** What trust contributes: 0 below the threshold. */
  readonly trustFactor: number;
  readonly penalties: readonly Penalty[];
  readonly multiplier: number;
  readonly final: number;
  /** u16; 0 = not on chain. */
  readonly weight: number;
};

/** A window's step: the new state, the scores by ascending uid, and the regime that it was scored in. */
export type ScoredWindow = {
  readonly book: Scorebook;
  readonly scores: readonly Score[];
  readonly regime: Regime;
};

/** Windows after which a hotkey that is no longer registered is forgotten. */
export const FORGET_AFTER_WINDOWS = 10_000;

/** The state before the first window. */
export const EMPTY_SCOREBOOK: Scorebook = {
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
export function scoreWindow(
  book: Scorebook,
  evidence: WindowEvidence,
  options: ScoringOptions,
): ScoredWindow {
  checkEvidence(book, evidence);
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
  const next: Scorebook = {
    format: book.format,
    window: evidence.window,
    entries: [...known.values()]
      .filter((entry) => evidence.window - entry.lastWindow <= FORGET_AFTER_WINDOWS)
      .toSorted((a, b) => (a.hotkey < b.hotkey ? -1 : 1)),
  };
  return { book: next, scores: scoresOf(updated, options), regime };
}

/**
 * Whether this validator withholds its vote from a hotkey: its trust is as far below zero as the threshold lies above.
 * The loss gate alone lets an honest-sized random step through in four windows of ten; its sender cannot keep up trust. A
 * distrusted hotkey is still evaluated, so it is applied again once its updates help the pages it is assigned.
 */
export function isDistrusted(
  trust: number,
  { trustThreshold }: Pick<ScoringOptions, "trustThreshold">,
): boolean {
  return trust <= -trustThreshold;
}

/** Trust of a hotkey after the last scored window; 0 for one that is new. */
export function trustOf(book: Scorebook, hotkey: Hex): number {
  return book.entries.find((entry) => entry.hotkey === hotkey)?.trust ?? 0;
}

/** What a miner is told about a score: the reason of its evidence, or why it was not applied or earns nothing. */
export function verdictOf(
  score: Score,
  { applied, trustThreshold }: { readonly applied: boolean; readonly trustThreshold: number },
): Reason {
  if (score.reason !== "accepted") return score.reason;
  if (!applied)
    return isDistrusted(score.trust, { trustThreshold })
      ? "distrusted"
      : "not-accepted-by-majority";
  if (score.final > 0) return score.reason;
  if (score.multiplier === 0) return "penalised";
  return score.trustFactor === 0 ? "untrusted" : score.reason;
}

function checkEvidence(book: Scorebook, { window, miners }: WindowEvidence): void {
  if (!Number.isSafeInteger(window) || window <= book.window) {
    throw new RangeError(`window ${window} does not follow window ${book.window}`);
  }
  const uids = new Set(miners.map(({ uid }) => uid));
  const hotkeys = new Set(miners.map(({ hotkey }) => hotkey));
  if (uids.size !== miners.length || hotkeys.size !== miners.length) {
    throw new RangeError("a uid or hotkey appears twice in the evidence");
  }
}

/** Whether a hotkey without a memory deserves one: it must have sent something. */
function showsItself(miner: MinerEvidence): boolean {
  return standingOf(reasonOf(miner)) !== "absent";
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

function scoresOf(meetings: readonly Meeting[], options: ScoringOptions): readonly Score[] {
  const smallestOrdinal = meetings.reduce(
    (min, { entry }) => Math.min(min, ordinalOf(entry.rating)),
    Number.POSITIVE_INFINITY,
  );
  const scores = meetings.map(({ miner, entry }) => {
    const { rating, trust, windows, penalties } = entry;
    const ordinal = ordinalOf(rating);
    const multiplier = multiplierOf(penalties);
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
      uid,
      hotkey,
      reason,
      rating,
      ordinal,
      trust,
      trustFactor: factor,
      penalties,
      multiplier,
      final,
    };
  });
  const { uids, weights } = weightsOf(scores, options.power);
  const weightByUid = new Map(uids.map((uid, index) => [uid, weights[index] ?? 0]));
  return scores.map((score) => ({ ...score, weight: weightByUid.get(score.uid) ?? 0 }));
}
