/** @file A subnet's own rule for weights: what it may give, and that nothing else of a scored window changes. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { withOwnWeights } from "../../../src/gauntlet/own-weights.ts";
import { EMPTY_CREDIT_BOOK } from "../../../src/gauntlet/credit-book.ts";
import type { Score, ScoredWindow } from "../../../src/gauntlet/scorebook.ts";
import { stub } from "../stub.ts";

const scoredOf = (finals: readonly number[]): ScoredWindow =>
  stub<ScoredWindow>({
    book: { ...EMPTY_CREDIT_BOOK, window: 7 },
    scores: finals.map((final, uid) => stub<Score>({ uid, final, weight: 1 })),
  });

test("without a rule a window is as it was; with one, only weights differ", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { maxLength: 9 }),
      (finals) => {
        const scored = scoredOf(finals);
        assert.equal(withOwnWeights(scored, null), scored);
        const own = withOwnWeights(scored, (scores, window) =>
          scores.map(({ uid }) => uid * 100 + window),
        );
        assert.equal(own.book, scored.book);
        own.scores.forEach((score, uid) =>
          assert.deepEqual({ ...score }, { uid, final: finals[uid], weight: uid * 100 + 7 }),
        );
      },
    ),
  );
});

test("a list of another length, and what is no u16, is refused with the reason", () => {
  assert.throws(() => withOwnWeights(scoredOf([1, 2]), () => [1]), /1 weights for 2 scores/);
  for (const weight of [-1, 65_536, 0.5, Number.NaN])
    assert.throws(
      () => withOwnWeights(scoredOf([1, 2]), () => [1, weight]),
      /whole number from 0 to 65,535/,
    );
});
