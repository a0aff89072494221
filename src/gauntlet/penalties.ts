/**
 * @file Penalties: separate multipliers that expire by themselves and are applied once, last (docs/gauntlet.md#7-penalties).
 * They are never written into a rating or into trust, so nothing overwrites, repeats or outlives them.
 */
import { type Reason, type ReasonClass, standingOf } from "./verdict.ts";

/** A multiplier in [0, 1] on the final score through `lastWindow`, and the reason to show for it. */
export type Penalty = {
  readonly rule: PenaltyRule;
  readonly multiplier: number;
  readonly lastWindow: number;
};

/** Which rule made a penalty. */
export type PenaltyRule = "absent" | "often-absent" | "invalid" | "stolen" | "often-unhelpful";

/**
 * What a hotkey did in its last windows, oldest first: "+" helped, "-" did not lower the loss, "0" absent, "x" invalid or
 * stolen. Windows in which nothing could be learned are left out.
 */
export type Mark = "+" | "-" | "0" | "x";

/** How many marks are remembered. */
export const HISTORY_LENGTH = 8;

const ABSENCE_STEPS = [0.75, 0.5] as const;
const OFTEN_ABSENT = 4;
const OFTEN_ABSENT_WINDOWS = 8;
const STOLEN_WINDOWS = 10;
const OFTEN_UNHELPFUL = 5;
const OFTEN_UNHELPFUL_MULTIPLIER = 0.25;

const MARKS: Readonly<Record<ReasonClass, Mark>> = {
  accepted: "+",
  unhelpful: "-",
  absent: "0",
  invalid: "x",
  stolen: "x",
};

/** The mark that a verdict adds to the history. */
export function markOf(reason: Reason): Mark {
  return MARKS[standingOf(reason)];
}

/** The history with one more mark, shortened to what is remembered. */
export function extendedHistory(history: readonly Mark[], mark: Mark): readonly Mark[] {
  return [...history, mark].slice(-HISTORY_LENGTH);
}

type PenaltyMaker = (history: readonly Mark[], window: number) => readonly Penalty[];

const PENALTIES: Readonly<Record<ReasonClass, PenaltyMaker>> = {
  accepted: () => [],
  unhelpful: unhelpfulPenalties,
  absent: absencePenalties,
  invalid: (_history, window) => [{ rule: "invalid", multiplier: 0, lastWindow: window }],
  stolen: (_history, window) => [
    { rule: "stolen", multiplier: 0, lastWindow: window + STOLEN_WINDOWS - 1 },
  ],
};

/** The penalties that a verdict of this window earns; `history` already holds its mark. */
export function penaltiesFor(
  reason: Reason,
  history: readonly Mark[],
  window: number,
): readonly Penalty[] {
  return PENALTIES[standingOf(reason)](history, window);
}

function absencePenalties(history: readonly Mark[], window: number): readonly Penalty[] {
  const lastPresent = history.findLastIndex((mark) => mark !== "0");
  const consecutive = history.length - 1 - lastPresent;
  const multiplier = ABSENCE_STEPS[consecutive - 1] ?? 0;
  const penalties: Penalty[] = [{ rule: "absent", multiplier, lastWindow: window }];
  const missed = history.filter((mark) => mark === "0").length;
  // Absence every other window never reaches the third step, so the share of a full history counts too.
  if (history.length === HISTORY_LENGTH && missed >= OFTEN_ABSENT) {
    const lastWindow = window + OFTEN_ABSENT_WINDOWS - 1;
    penalties.push({ rule: "often-absent", multiplier: 0, lastWindow });
  }
  return penalties;
}

function unhelpfulPenalties(history: readonly Mark[], window: number): readonly Penalty[] {
  const unhelpful = history.filter((mark) => mark === "-").length;
  if (unhelpful < OFTEN_UNHELPFUL) return [];
  return [{ rule: "often-unhelpful", multiplier: OFTEN_UNHELPFUL_MULTIPLIER, lastWindow: window }];
}

/** Old and new penalties that still hold in this window; a rule that strikes again replaces its older penalty. */
export function activePenalties(
  old: readonly Penalty[],
  added: readonly Penalty[],
  window: number,
): readonly Penalty[] {
  const replaced = new Set(added.map(({ rule }) => rule));
  return [...old.filter(({ rule }) => !replaced.has(rule)), ...added].filter(
    ({ lastWindow }) => lastWindow >= window,
  );
}

/** The product of the multipliers: in [0, 1], so a penalty can never help. */
export function multiplierOf(penalties: readonly Penalty[]): number {
  return penalties.reduce((product, { multiplier }) => product * multiplier, 1);
}
