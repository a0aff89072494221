/** @file Why a score is what it is: the terms give the recorded score bit for bit, and a change for the better is never worse. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { parseHexFloat } from "../../../src/protocol/hex-float.ts";
import type { ScoringRules } from "../../../src/protocol/scoring.ts";
import { whyOf } from "../../../src/view/why.ts";
import { manifest, recordOf, records } from "./recorded.ts";

const { scoring } = manifest;

test("the terms of every row of the recorded run give its score and its share", () => {
  let paid = 0;
  for (const record of records) {
    const all = record.miners.reduce((sum, { weight }) => sum + weight, 0);
    for (const { uid, final, weight } of record.miners) {
      const why = whyOf(record, uid, scoring) ?? assert.fail();
      const { credit, floor, attendance, confidence } = why.terms ?? assert.fail();
      const score = parseHexFloat(final) ?? Number.NaN;
      assert.equal(why.score, score);
      assert.equal(why.share, weight / all);
      // (floor + 1) - floor is 1 but for its last bits.
      const product = Math.max(0, credit - floor) * attendance * confidence;
      assert.ok(Math.abs(product - score) <= 1e-12 * Math.max(1, score));
      if (score > 0) paid++;
    }
  }
  assert.ok(paid > 20);
});

test("what would change it: each change raises the score or leaves it, all together most", () => {
  let raised = 0;
  for (const record of records)
    for (const { uid } of record.miners) {
      const why = whyOf(record, uid, scoring) ?? assert.fail();
      for (const { what, score } of why.changes) {
        assert.ok(score >= why.score, `window ${record.window} uid ${uid}: ${what}`);
        if (score > why.score) raised++;
      }
      const last = why.changes.at(-1);
      if (why.changes.length > 1)
        assert.equal(last?.score, Math.max(...why.changes.map(({ score }) => score)));
    }
  assert.ok(raised > 10);
});

test("an absent miner is told what coming would bring: with half the attendance, twice the score", () => {
  const record = recordOf(4);
  const miners = record.miners.map((row) =>
    row.uid === 3 && row.credit !== undefined
      ? { ...row, credit: { ...row.credit, attendance: "0x1p-1" } }
      : row,
  );
  const { terms, changes } = whyOf({ ...record, miners }, 3, scoring) ?? assert.fail();
  const { credit, floor, attendance, confidence } = terms ?? assert.fail();
  assert.equal(attendance, 0.5);
  const coming = changes.find(({ what }) => what.includes("every window")) ?? assert.fail();
  // Terms change a little with it: its worth counts twice among those that floor and usual trust are made from.
  assert.ok(Math.abs(coming.score / ((credit - floor) * confidence) - 1) < 0.1);
});

test("nobody is told about a uid that is not there, nor terms that a mode does not have", () => {
  assert.equal(whyOf(recordOf(2), 200, scoring), null);
  const why = whyOf(recordOf(2), 3, PUBLISHED);
  assert.equal(why?.terms, null);
  assert.deepEqual(why?.changes, []);
});

const PUBLISHED: ScoringRules = {
  minimumNormRatio: 0.1,
  maximumOverlap: 0.5,
  overlapWindows: 3,
  trustAlpha: 0.1,
  trustThreshold: 0.1,
  trustWarmupWindows: 0,
  ratingBeta: 1,
  ratingTau: 1,
  power: 2,
};
