/** @file Scores once more: from the losses of a log's records, in the order of its windows, to finals and weights. */
import { type Weigh, withOwnWeights } from "../../src/gauntlet/own-weights.ts";
import { recordedEvidence } from "../../src/gauntlet/recorded-evidence.ts";
import {
  emptyScorebook,
  type Score,
  type Scorebook,
  scoreWindow,
  type ScoredWindow,
  verdictOf,
} from "../../src/gauntlet/scorebook.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { hexFloat } from "../../src/protocol/hex-float.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import type { ScoringRules } from "../../src/protocol/scoring.ts";
import { type Difference, difference } from "./difference.ts";
import { firstOf } from "./window-check.ts";

type Row = WindowRecord["miners"][number];
type Claims = Parameters<typeof firstOf>[0];

function memoryClaims(row: Row, score: Score): Claims {
  if (score.mode === "published") {
    const { mu, sigma } = score.rating;
    return [
      ["rating", row.rating, { mu: hexFloat(mu), sigma: hexFloat(sigma) }],
      ["multiplier", row.multiplier, hexFloat(score.multiplier)],
    ];
  }
  const { credit, attendance, odds, windows } = score.entry;
  return [
    ["rating", row.rating, null],
    ["multiplier", row.multiplier, hexFloat(1)],
    [
      "credit",
      row.credit,
      {
        average: hexFloat(credit),
        attendance: hexFloat(attendance),
        odds: hexFloat(odds),
        windows,
      },
    ],
  ];
}

function scoreClaims(row: Row, score: Score, verdict: string): Claims {
  return [
    ["verdict", row.verdict, verdict],
    ...memoryClaims(row, score),
    ["trust", row.trust, hexFloat(score.trust)],
    ["final", row.final, hexFloat(score.final)],
    ["weight", row.weight, score.weight],
  ];
}

/** A hotkey that is not scored yet has nothing. */
function unscoredClaims(row: Row): Claims {
  return [
    ["rating", row.rating, null],
    ["credit", row.credit, undefined],
    ["trust", row.trust, hexFloat(0)],
    ["multiplier", row.multiplier, hexFloat(1)],
    ["final", row.final, hexFloat(0)],
    ["weight", row.weight, 0],
  ];
}

/** A step through a log: the scorebook after a record, and the first place where the record says otherwise. */
export type ScoreStep = { readonly book: Scorebook; readonly found: Difference | null };

/** Scores a record again and compares. */
export function checkScores(
  book: Scorebook,
  record: WindowRecord,
  about: {
    readonly validator: Hex;
    readonly scoring: ScoringRules;
    readonly weigh: Weigh | null;
  },
): ScoreStep {
  const { scoring, validator, weigh } = about;
  const place = { part: "scores" as const, window: record.window, validator };
  try {
    const scored = withOwnWeights(scoreWindow(book, recordedEvidence(record), scoring), weigh);
    return { book: scored.book, found: compared(record, scored, { ...place, scoring }) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const derived = "losses that can be scored";
    return {
      book,
      found: difference({ ...place, field: "miners", recorded: error.message, derived }),
    };
  }
}

function compared(
  record: WindowRecord,
  { book, scores, regime }: ScoredWindow,
  about: Pick<Difference, "part" | "window" | "validator"> & { readonly scoring: ScoringRules },
): Difference | null {
  const { scoring, ...place } = about;
  const byUid = new Map(scores.map((score) => [score.uid, score]));
  const scale = book.format === "assay/credit-book/1" ? hexFloat(book.scale) : undefined;
  const whole = firstOf(
    [
      ["scale", record.scale, scale],
      ["flags.plateau", record.flags.includes("plateau"), regime.plateau],
      ["flags.outage", record.flags.includes("outage"), regime.outage],
    ],
    { ...place, uid: null },
  );
  if (whole !== null) return whole;
  for (const row of record.miners) {
    const score = byUid.get(row.uid);
    const applied = record.accepted.includes(row.uid);
    const claims =
      score === undefined
        ? unscoredClaims(row)
        : scoreClaims(row, score, verdictOf(score, { applied, scoring }));
    const found = firstOf(claims, { ...place, uid: row.uid });
    if (found !== null) return found;
  }
  const rows = new Set(record.miners.map(({ uid }) => uid));
  const lacking = scores.find(({ uid }) => !rows.has(uid));
  return lacking === undefined
    ? null
    : difference({
        ...place,
        uid: lacking.uid,
        field: "miners",
        recorded: "no row",
        derived: lacking.final,
      });
}

/** The scorebook before a log's first record. */
export function bookBefore(scoring: ScoringRules): Scorebook {
  return emptyScorebook(scoring);
}
