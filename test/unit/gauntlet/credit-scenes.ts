/** @file Evidence for mode `credit`: losses are not drawn, but the falls and margins that measured ones have. */
import {
  type CreditBook,
  type CreditScore,
  EMPTY_CREDIT_BOOK,
  scoreCreditWindow,
} from "../../../src/gauntlet/credit-book.ts";
import type { MinerEvidence } from "../../../src/gauntlet/evidence.ts";
import type { Draws } from "../../../src/protocol/draws.ts";
import type { Rejection } from "../../../src/gauntlet/verdict.ts";
import { CREDIT_SCORING } from "../protocol/example-manifest.ts";
import { hotkeyOf, uniform } from "./scenes.ts";

/** The defaults of the mode. */
export const CREDIT = CREDIT_SCORING.credit;

/** A number from the normal distribution (sum of twelve uniform ones). */
export function normal(luck: Draws, mean: number, deviation: number): number {
  let sum = -6;
  for (let i = 0; i < 12; i += 1) sum += uniform(luck);
  return mean + deviation * sum;
}

/** What was measured of an update. */
export type Told = { readonly own: number; readonly noise: number; readonly margin: number };

/** Four honest uids. */
export const FOUR: readonly number[] = [0, 1, 2, 3];
/** Honest work without luck. */
export const PERFECT: Told = { noise: 0.014, own: 0.0206, margin: 5.5 };

/** An update that lowered the noise loss if `noise` says so, and failed the gate otherwise. */
export function measured(uid: number, { own, noise, margin }: Told): MinerEvidence {
  const hotkey = hotkeyOf(uid);
  const indicator = margin >= 2 ? 1 : margin <= -2 ? -1 : 0;
  const score = { own, noise, margin, indicator } as const;
  return noise > 0
    ? { kind: "evaluated", uid, hotkey, score }
    : { kind: "rejected", uid, hotkey, reason: "loss-not-lowered", noise, score };
}

/** A hotkey of which nothing was measured. */
export function missing(uid: number, reason: Rejection = "no-commitment"): MinerEvidence {
  return { kind: "rejected", uid, hotkey: hotkeyOf(uid), reason };
}

/**
 * A whole window of honest work: margins 5.5 +- 2, and falls that vary by the share that sampling leaves in them. `work`
 * scales the falls.
 */
export function honestWork(luck: Draws, work = 1): Told {
  const margin = normal(luck, 5.5, 2);
  const noise = work * normal(luck, 0.014, 0.0035);
  // The margin is the difference of the falls in standard errors, of about 0.0012.
  return { noise, own: noise + 0.0012 * margin * work, margin: margin * Math.min(1, work) };
}

/** Work on other pages than the assigned ones. */
export function otherWork(luck: Draws): Told {
  const margin = normal(luck, -0.1, 1.3);
  const noise = normal(luck, 0.014, 0.0035);
  return { noise, own: noise + 0.0012 * margin, margin };
}

/** Windows 0, 1, ... one after the other; `null` stands for one that moved no parameters. */
export function playCredit(
  windows: number,
  evidenceOf: (window: number) => readonly MinerEvidence[] | null,
  from: CreditBook = EMPTY_CREDIT_BOOK,
): { readonly book: CreditBook; readonly scores: readonly CreditScore[]; readonly pay: Pay } {
  let book = from;
  let scores: readonly CreditScore[] = [];
  const pay = new Map<number, number>();
  for (let at = 0; at < windows; at += 1) {
    const window = from.window + 1 + at;
    const miners = evidenceOf(window);
    const evidence = { window, miners: miners ?? [], isNull: miners === null };
    ({ book, scores } = scoreCreditWindow(book, evidence, CREDIT));
    const total = scores.reduce((sum, { weight }) => sum + weight, 0);
    for (const { uid, weight } of scores)
      pay.set(uid, (pay.get(uid) ?? 0) + (total === 0 ? 0 : weight / total));
  }
  return { book, scores, pay };
}

/** What each uid earned, in windows' worth of everything. */
export type Pay = ReadonlyMap<number, number>;

/** Coefficient of variation: sample deviation over mean. */
export function variationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1)) / mean;
}
