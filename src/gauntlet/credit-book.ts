/** @file Mode `credit`: credit and log-odds by hotkey, and the one step that a window makes in them (docs/gauntlet.md#15-mode-credit). */
import { type Hex } from "../protocol/digest.ts";
import { type CreditConstants } from "../protocol/scoring.ts";
import { FORGET_AFTER_WINDOWS } from "./book-entry.ts";
import {
  creditOf,
  type Measured,
  measuredOf,
  movedAttendance,
  movedCredit,
  movedScale,
  typicalFall,
  unitOf,
  type Usual,
  usualMargin,
} from "./credit.ts";
import { type CreditEntry, newCreditEntry } from "./credit-entry.ts";
import {
  checkEvidence,
  type MinerEvidence,
  reasonOf,
  shareIn,
  showsItself,
  type WindowEvidence,
} from "./evidence.ts";
import { weightsOf } from "./incentive.ts";
import { movedOdds, oddsMove, returnedOdds, trustOfOdds } from "./odds.ts";
import { payOf, termsOf } from "./reference.ts";
import { type Regime } from "./regime.ts";
import { lowerMedian } from "./statistics.ts";
import { type Reason, standingOf } from "./verdict.ts";

/** The state of the mode. Entries ascend by hotkey, so equal states serialise to equal text. */
export type CreditBook = {
  readonly format: "assay/credit-book/1";
  /** The last window that was scored; -1 before the first. */
  readonly window: number;
  /** Moving average of the windows' typical falls; 0 before the first above 0. */
  readonly scale: number;
  readonly entries: readonly CreditEntry[];
};

/** Score of a hotkey after a window, with everything it was made of. */
export type CreditScore = {
  readonly mode: "credit";
  readonly uid: number;
  readonly hotkey: Hex;
  readonly reason: Reason;
  /** What is remembered of it after the window. */
  readonly entry: CreditEntry;
  readonly trust: number;
  /** Whether its updates were voted for in this window, as far as trust goes. */
  readonly isVotedFor: boolean;
  /** Part of one credit, where others of the window hold the same work; else 1. */
  readonly share: number;
  /** Credit less its deduction x attendance x confidence. */
  readonly final: number;
  /** u16; 0 = not on chain. */
  readonly weight: number;
};

/** A window's step: the new state, the scores by ascending uid, and the regime that it was scored in. */
export type CreditWindow = {
  readonly book: CreditBook;
  readonly scores: readonly CreditScore[];
  readonly regime: Regime;
};

/** The state before the first window. */
export const EMPTY_CREDIT_BOOK: CreditBook = {
  format: "assay/credit-book/1",
  window: -1,
  scale: 0,
  entries: [],
};

/** Evidence with the memory that it meets. */
type Meeting = {
  readonly miner: MinerEvidence;
  readonly measured: Measured | null;
  readonly entry: CreditEntry;
};

/** How a window is read: what falls are divided by, what margins say, and whether what was measured moves anything. */
type Reading = {
  readonly unit: number;
  readonly scale: number;
  readonly usual: Usual;
  readonly isPlateau: boolean;
  /** Mean credit of the window while nobody is trusted, with which all begin that have earned nothing yet; then null. */
  readonly commonCredit: number | null;
};

/**
 * Score one window. Order of evidence does not matter. Windows may be skipped, never repeated. A window that is null moves
 * nothing. On a plateau what was measured moves no credit; absence, and what is invalid or stolen, count all the same.
 * @throws RangeError if the window is not after the last one, or a uid or hotkey appears twice.
 */
export function scoreCreditWindow(
  book: CreditBook,
  evidence: WindowEvidence,
  constants: CreditConstants,
): CreditWindow {
  checkEvidence(book.window, evidence);
  const known = new Map(book.entries.map((entry) => [entry.hotkey, entry]));
  const meetings = evidence.miners
    .filter((miner) => known.has(miner.hotkey) || showsItself(miner))
    .map((miner) => ({
      miner,
      measured: measuredOf(miner),
      entry: known.get(miner.hotkey) ?? newCreditEntry(miner.hotkey, constants),
    }))
    .toSorted((a, b) => a.miner.uid - b.miner.uid);
  const reading = readingOf(book.scale, meetings, constants);
  const isNull = evidence.isNull === true;
  const moved = meetings.map((meeting) => {
    const entry = isNull ? meeting.entry : movedEntry(meeting, reading, constants);
    return { meeting, entry: { ...entry, lastWindow: evidence.window } };
  });
  for (const { entry } of moved) known.set(entry.hotkey, entry);
  const next: CreditBook = {
    format: book.format,
    window: evidence.window,
    scale: isNull || reading.isPlateau ? book.scale : reading.scale,
    entries: [...known.values()]
      .filter((entry) => evidence.window - entry.lastWindow <= FORGET_AFTER_WINDOWS)
      .toSorted((a, b) => (a.hotkey < b.hotkey ? -1 : 1)),
  };
  const regime = { plateau: !isNull && reading.isPlateau, outage: false };
  return { book: next, scores: scoresOf(moved, constants), regime };
}

/** Whether updates of a hotkey with these log-odds are voted for. */
export function isTrustedWithVotes(odds: number, { voteTrust }: CreditConstants): boolean {
  return trustOfOdds(odds) >= voteTrust;
}

function isTrusted({ odds }: CreditEntry, { trustedAbove }: CreditConstants): boolean {
  return trustOfOdds(odds) > trustedAbove;
}

/** Sums run by ascending uid. */
function readingOf(
  before: number,
  meetings: readonly Meeting[],
  constants: CreditConstants,
): Reading {
  const seen = meetings.flatMap(({ measured, entry }) =>
    measured === null ? [] : [{ ...measured, entry }],
  );
  const typical = typicalFall(seen.map(({ fall }) => fall));
  const scale = movedScale(before, typical, constants);
  const margin = usualMargin(
    seen.map(({ margin: value, entry }) => ({
      value,
      weight: Math.max(0, entry.credit) * trustOfOdds(entry.odds),
    })),
  );
  const trusted = seen.filter(({ entry }) => isTrusted(entry, constants));
  const unit = unitOf(typical, scale, constants);
  const usual = { margin, isDecided: margin > 0 && margin >= constants.decidedMargin };
  const isYoung = !meetings.some(({ entry }) => isTrusted(entry, constants));
  return {
    unit,
    scale,
    usual,
    isPlateau: trusted.length > 0 && lowerMedian(trusted.map(({ fall }) => fall)) <= 0,
    commonCredit: isYoung ? meanCredit(seen, { unit, usual }, constants) : null,
  };
}

/** The mean of the credits that updates showed in a window. Sums run by ascending uid. */
function meanCredit(
  seen: readonly Measured[],
  reading: Pick<Reading, "unit" | "usual">,
  constants: CreditConstants,
): number {
  const sum = seen.reduce(
    (all, measured) => all + Math.max(0, shownCredit(measured, reading, constants)),
    0,
  );
  return seen.length > 0 ? sum / seen.length : 0;
}

/** Credit of an update as if it had passed the gate: that is chance where falls on the noise batch are small. */
function shownCredit(
  { shown, margin }: Measured,
  reading: Pick<Reading, "unit" | "usual">,
  constants: CreditConstants,
): number {
  return creditOf({ fall: shown, margin }, reading, constants);
}

function movedEntry(
  { miner, measured, entry }: Meeting,
  reading: Reading,
  constants: CreditConstants,
): CreditEntry {
  if (measured === null) return missedEntry(miner, entry, constants);
  const attendance = movedAttendance(entry.attendance, 1, constants);
  if (reading.isPlateau) return { ...entry, attendance };
  const credit = creditOf(measured, reading, constants);
  const shown = shownCredit(measured, reading, constants);
  const before = startOf(entry, { shown, commonCredit: reading.commonCredit }, constants);
  const windows = before.windows + 1;
  const odds =
    reading.usual.margin > 0
      ? movedOdds(entry.odds, oddsMove(measured.margin, reading.usual.margin, constants), constants)
      : returnedOdds(entry.odds, constants);
  return {
    ...entry,
    credit: movedCredit(before.credit, credit, { windows, alpha: constants.alpha }),
    attendance,
    odds,
    windows,
  };
}

/**
 * What the average of a hotkey goes on from. In a young field those without any begin with the common credit, so that the luck of one
 * window counts less, but not with much more than they show: who deals one work to many names does not get it for each. What they begin
 * with weighs as many windows as it is of the common credit: one window of bad luck must not be held against anybody for twenty.
 */
function startOf(
  entry: CreditEntry,
  window: { readonly shown: number; readonly commonCredit: number | null },
  { priorWindows, priorRatio }: CreditConstants,
): Pick<CreditEntry, "credit" | "windows"> {
  const { shown, commonCredit } = window;
  if (entry.windows > 0 || commonCredit === null || shown <= 0) return entry;
  const credit = Math.min(commonCredit, priorRatio * shown);
  return { credit, windows: Math.floor((priorWindows * credit) / commonCredit) };
}

/**
 * Absence lowers attendance alone. What came and was refused counts as credit 0; a proven copy costs log-odds as well, a replay does
 * not: whose pages it was made on nobody asked. Before the first update there is nothing to miss.
 */
function missedEntry(
  miner: MinerEvidence,
  entry: CreditEntry,
  constants: CreditConstants,
): CreditEntry {
  const reason = reasonOf(miner);
  const isAbsent = standingOf(reason) === "absent";
  if (isAbsent && entry.windows === 0) return entry;
  const attendance = movedAttendance(entry.attendance, isAbsent ? 0 : 1, constants);
  if (isAbsent) return { ...entry, attendance };
  const windows = entry.windows + 1;
  const credit = movedCredit(entry.credit, 0, { windows, alpha: constants.alpha });
  const theft = reason === "copied" ? constants.oddsTheft : 0;
  const odds = movedOdds(entry.odds, -theft, constants);
  return { ...entry, credit, attendance, odds, windows };
}

type Moved = { readonly meeting: Meeting; readonly entry: CreditEntry };

function scoresOf(moved: readonly Moved[], constants: CreditConstants): readonly CreditScore[] {
  const field = moved.map(({ meeting, entry }) => ({
    meeting,
    entry,
    credit: Math.max(0, entry.credit),
    attendance: entry.attendance,
    trust: trustOfOdds(entry.odds),
  }));
  const terms = termsOf(field, constants);
  const scores = field.map((standing) => {
    const { meeting, entry, trust } = standing;
    return {
      mode: "credit" as const,
      uid: meeting.miner.uid,
      hotkey: entry.hotkey,
      reason: reasonOf(meeting.miner),
      entry,
      trust,
      isVotedFor: isTrustedWithVotes(meeting.entry.odds, constants),
      share: shareIn(meeting.miner),
      final: payOf(standing, terms),
    };
  });
  const { uids, weights } = weightsOf(scores, 1);
  const weightByUid = new Map(uids.map((uid, index) => [uid, weights[index] ?? 0]));
  return scores.map((score) => ({ ...score, weight: weightByUid.get(score.uid) ?? 0 }));
}
