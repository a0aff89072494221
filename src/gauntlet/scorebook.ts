/** @file The scorer's memory in either mode, the one step that a window makes in it, and the words about a score. */
import { type Hex } from "../protocol/digest.ts";
import { modeOf, type ScoringMode, type ScoringRules } from "../protocol/scoring.ts";
import {
  type CreditBook,
  type CreditScore,
  EMPTY_CREDIT_BOOK,
  isTrustedWithVotes,
  scoreCreditWindow,
} from "./credit-book.ts";
import { type WindowEvidence } from "./evidence.ts";
import {
  EMPTY_SCOREBOOK,
  type PublishedBook,
  type PublishedScore,
  scorePublishedWindow,
} from "./published-book.ts";
import { type Regime } from "./regime.ts";
import { type Reason } from "./verdict.ts";

/** The state of the scorer, in the mode of the run. */
export type Scorebook = PublishedBook | CreditBook;

/** Score of a hotkey after a window. */
export type Score = PublishedScore | CreditScore;

/** A window's step: the new state, the scores by ascending uid, and the regime that it was scored in. */
export type ScoredWindow = {
  readonly book: Scorebook;
  readonly scores: readonly Score[];
  readonly regime: Regime;
};

/** The state before the first window of a run with these rules. */
export function emptyScorebook(scoring: Pick<ScoringRules, "mode">): Scorebook {
  return modeOf(scoring) === "credit" ? EMPTY_CREDIT_BOOK : EMPTY_SCOREBOOK;
}

/** The mode that a state belongs to. */
export function modeOfBook({ format }: Scorebook): ScoringMode {
  return format === EMPTY_CREDIT_BOOK.format ? "credit" : "published";
}

/**
 * Score one window in the mode of the rules.
 * @throws RangeError if the window is not after the last one, a uid or hotkey appears twice, or the book is another mode's.
 */
export function scoreWindow(
  book: Scorebook,
  evidence: WindowEvidence,
  scoring: ScoringRules,
): ScoredWindow {
  if (book.format === "assay/credit-book/1" && scoring.mode === "credit")
    return scoreCreditWindow(book, evidence, scoring.credit);
  if (book.format === "assay/scorebook/1" && scoring.mode !== "credit")
    return scorePublishedWindow(book, evidence, scoring);
  throw new RangeError(`a book ${book.format} cannot be scored in mode "${modeOf(scoring)}"`);
}

/**
 * Whether this validator withholds its vote from a hotkey in mode `published`: its trust is as far below zero as the
 * threshold lies above. The loss gate alone lets an honest-sized random step through in four windows of ten; its sender
 * cannot keep up trust. A distrusted hotkey is still evaluated, so it is applied again once its updates help its pages.
 */
export function isDistrusted(
  trust: number,
  { trustThreshold }: { readonly trustThreshold: number },
): boolean {
  return trust <= -trustThreshold;
}

/** Trust of a hotkey after the last scored window; 0 for one that is new. */
export function trustOf(book: PublishedBook, hotkey: Hex): number {
  return book.entries.find((entry) => entry.hotkey === hotkey)?.trust ?? 0;
}

/** Whether this validator votes for updates of a hotkey that pass every check, by what it remembers of the windows before. */
export function isVotedFor(book: Scorebook, hotkey: Hex, scoring: ScoringRules): boolean {
  if (scoring.mode !== "credit")
    return book.format !== "assay/scorebook/1" || !isDistrusted(trustOf(book, hotkey), scoring);
  const { credit } = scoring;
  const entries = book.format === "assay/credit-book/1" ? book.entries : [];
  const odds = entries.find((entry) => entry.hotkey === hotkey)?.odds ?? credit.oddsStart;
  return isTrustedWithVotes(odds, credit);
}

/** What a miner is told about a score: the reason of its evidence, or why it was not applied or earns nothing. */
export function verdictOf(
  score: Score,
  { applied, scoring }: { readonly applied: boolean; readonly scoring: ScoringRules },
): Reason {
  if (score.reason !== "accepted") return score.reason;
  if (score.share < 1) return "shared";
  if (!applied) return isWithheld(score, scoring) ? "distrusted" : "not-accepted-by-majority";
  return score.final > 0 ? score.reason : unpaidReason(score);
}

function isWithheld(score: Score, scoring: ScoringRules): boolean {
  if (score.mode === "credit") return !score.isVotedFor;
  return scoring.mode !== "credit" && isDistrusted(score.trust, scoring);
}

function unpaidReason(score: Score): Reason {
  if (score.mode === "credit") return "below-floor";
  if (score.multiplier === 0) return "penalised";
  return score.trustFactor === 0 ? "untrusted" : score.reason;
}
