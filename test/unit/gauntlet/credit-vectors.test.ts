/** @file Mode `credit` and similar updates against vectors of a restatement of docs/gauntlet.md in Python: the same doubles, bit for bit. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import vectors from "../../fixtures/credit.json" with { type: "json" };
import { EMPTY_CREDIT_BOOK, scoreCreditWindow } from "../../../src/gauntlet/credit-book.ts";
import type { MinerEvidence } from "../../../src/gauntlet/evidence.ts";
import { type Comparison, judgeComparisons, nextPair } from "../../../src/gauntlet/pairs.ts";
import type { SimilarPair } from "../../../src/gauntlet/similar.ts";
import { isReason, isRejection } from "../../../src/gauntlet/verdict.ts";
import { type Hex, isHex } from "../../../src/protocol/digest.ts";
import { logistic } from "../../../src/protocol/logistic.ts";

type Told = {
  readonly uid: number;
  readonly hotkey: string;
  readonly reason: string;
  readonly score?: { readonly own: number; readonly noise: number; readonly margin: number };
  /** How many hold the same work. */
  readonly "one of"?: number;
};

const hexOf = (text: string): Hex => (isHex(text, 32) ? text : assert.fail(text));

function evidenceOf({ uid, hotkey: text, reason, score: told, ...rest }: Told): MinerEvidence {
  const hotkey = hexOf(text);
  const score = told && { ...told, indicator: 0 as const };
  if (isReason(reason) && isRejection(reason))
    return { kind: "rejected", uid, hotkey, reason, score };
  assert.ok(score !== undefined && reason === "accepted");
  return { kind: "evaluated", uid, hotkey, score, share: 1 / (rest["one of"] ?? 1) };
}

test("the logistic function has the same bits, and is the logistic function", () => {
  for (const [x = 0, expected] of vectors.logistic) {
    assert.equal(logistic(x), expected);
    const error = Math.abs(logistic(x) * (1 + Math.exp(-x)) - 1);
    assert.ok(error < 1e-15, `${x}: ${error}`);
  }
});

for (const [index, { constants, windows }] of vectors.runs.entries())
  test(`scorebook, finals and weights of run ${index}`, () => {
    let book = EMPTY_CREDIT_BOOK;
    for (const [window, { isNull, miners, plateau, scale, rows }] of windows.entries()) {
      const evidence = { window, isNull, miners: miners.toReversed().map(evidenceOf) };
      const step = scoreCreditWindow(book, evidence, constants);
      book = step.book;
      assert.equal(step.regime.plateau, plateau, `window ${window}`);
      assert.equal(book.scale, scale, `window ${window}`);
      const found = step.scores.map(({ uid, entry, trust, final, weight }) => {
        const { credit, attendance, odds, windows: counted } = entry;
        return { uid, credit, attendance, odds, windows: counted, trust, final, weight };
      });
      assert.deepEqual(found, rows, `window ${window}`);
    }
  });

test("the same pairs are compared in the same order, with the same copiers and groups", () => {
  let [copiers, tied] = [0, 0];
  for (const { uids, overlaps, margins, maximumOverlap, made, copied, groups } of vectors.crowds) {
    const margin = (uid: number, of: number): number | null =>
      margins[uids.indexOf(uid)]?.[uids.indexOf(of)] ?? null;
    const pairs = uids
      .flatMap((low, a) =>
        uids.map((high, b): SimilarPair => ({ low, high, overlap: overlaps[a]?.[b] ?? 0 })),
      )
      .filter(({ low, high, overlap }) => low < high && overlap >= maximumOverlap)
      .toSorted((a, b) => b.overlap - a.overlap);
    const own = new Map(uids.map((uid) => [uid, margin(uid, uid)]));
    const [done, found] = [new Set<SimilarPair>(), [] as Comparison[]];
    for (;;) {
      const pair = nextPair(pairs, judgeComparisons(0, own, found), done);
      if (pair === null) break;
      done.add(pair);
      const { low, high, overlap } = pair;
      for (const [uid, of] of [
        [low, high],
        [high, low],
      ] as const) {
        const other = { uid: of, hotkey: hexOf(`0x${"00".repeat(32)}`), window: 0 };
        found.push({ uid, other, overlap, margin: margin(uid, of) });
      }
    }
    const findings = judgeComparisons(0, own, found);
    assert.deepEqual(
      [...done].map(({ low, high }) => [low, high]),
      made,
    );
    assert.deepEqual(
      [...findings.copied]
        .map(([uid, { other }]) => [uid, other.uid])
        .toSorted(([a = 0], [b = 0]) => a - b),
      copied,
    );
    assert.deepEqual(findings.groups, groups);
    copiers += copied.length;
    tied += groups.length;
  }
  assert.ok(
    copiers > 20 && tied > 20,
    `${copiers} copiers, ${tied} groups: too few to mean anything`,
  );
});
