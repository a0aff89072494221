/** @file The windows of a log scored under other rules: the weights that its validator would have set. */
import { recordedEvidence } from "../../src/gauntlet/recorded-evidence.ts";
import { emptyScorebook, type Score, scoreWindow } from "../../src/gauntlet/scorebook.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import type { ScoringRules } from "../../src/protocol/scoring.ts";

/** Scores by window. */
export type Rescored = ReadonlyMap<number, readonly Score[]>;

/** Scores a log from its first record on. `rules` says what holds in a window. */
export function rescored(
  records: readonly WindowRecord[],
  rules: (window: number) => ScoringRules,
): Rescored {
  const [first] = records;
  const scores = new Map<number, readonly Score[]>();
  if (first === undefined) return scores;
  let book = emptyScorebook(rules(first.window));
  for (const record of records) {
    const step = scoreWindow(book, recordedEvidence(record), rules(record.window));
    ({ book } = step);
    scores.set(record.window, step.scores);
  }
  return scores;
}
