/** @file Evidence for scorebook tests: who did what in a window, in a line. */
import {
  EMPTY_SCOREBOOK,
  type PublishedBook,
  type PublishedScore,
  scorePublishedWindow,
  type ScoringOptions,
} from "../../../src/gauntlet/published-book.ts";
import type { MinerEvidence } from "../../../src/gauntlet/evidence.ts";
import { type Rejection } from "../../../src/gauntlet/verdict.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { type Draws, drawsOf } from "../../../src/protocol/draws.ts";

/** The demo's scoring. */
export const OPTIONS: ScoringOptions = {
  trustAlpha: 0.05,
  trustThreshold: 0.1,
  trustWarmupWindows: 10,
  ratingBeta: 7,
  ratingTau: 0.1,
  power: 2,
};

/** A hotkey that is the same in every test. */
export function hotkeyOf(name: string | number): Hex {
  return blake2b256(new TextEncoder().encode(`hotkey ${name}`));
}

/** Repeatable draws for a named scene. */
export function luckOf(name: string): Draws {
  return drawsOf(blake2b256(new TextEncoder().encode(name)));
}

/** A uniform number in [0, 1). */
export function uniform(luck: Draws): number {
  return luck.below(2 ** 32) / 2 ** 32;
}

/** An evaluated update with this fall of the noise loss. */
export function helped(uid: number, noise: number, indicator: 1 | -1 = 1): MinerEvidence {
  const score = { own: noise + 0.01 * indicator, noise, indicator, margin: 3 * indicator };
  return { kind: "evaluated", uid, hotkey: hotkeyOf(uid), score };
}

/** A rejected update; `noise` if the gate measured it. */
export function refused(uid: number, reason: Rejection, noise?: number): MinerEvidence {
  return { kind: "rejected", uid, hotkey: hotkeyOf(uid), reason, noise };
}

/** Score windows 0, 1, ... and return the state and the last scores. */
export function play(
  windows: number,
  evidenceOf: (window: number) => readonly MinerEvidence[],
  from: PublishedBook = EMPTY_SCOREBOOK,
): { readonly book: PublishedBook; readonly scores: readonly PublishedScore[] } {
  let book = from;
  let scores: readonly PublishedScore[] = [];
  for (let at = 0; at < windows; at += 1) {
    const window = from.window + 1 + at;
    ({ book, scores } = scorePublishedWindow(
      book,
      { window, miners: evidenceOf(window) },
      OPTIONS,
    ));
  }
  return { book, scores };
}

/** The score of a uid. @throws Error if it has none. */
export function scoreOf(scores: readonly PublishedScore[], uid: number): PublishedScore {
  const found = scores.find((score) => score.uid === uid);
  if (found === undefined) throw new Error(`uid ${uid} has no score`);
  return found;
}

/** Share of all weight that these uids hold. */
export function shareOf(
  scores: readonly Pick<PublishedScore, "uid" | "weight">[],
  uids: readonly number[],
): number {
  const total = scores.reduce((sum, { weight }) => sum + weight, 0);
  const theirs = scores.filter(({ uid }) => uids.includes(uid));
  return total === 0 ? 0 : theirs.reduce((sum, { weight }) => sum + weight, 0) / total;
}
