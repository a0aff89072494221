/** @file The scorer's parts one by one: losses, rating, trust, gate, penalties, weights, reasons. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { gateUpdate } from "../../../src/gauntlet/gate.ts";
import { finalScore, weightsOf } from "../../../src/gauntlet/incentive.ts";
import { scoreLosses } from "../../../src/gauntlet/loss-score.ts";
import {
  activePenalties,
  multiplierOf,
  type Mark,
  markOf,
  penaltiesFor,
} from "../../../src/gauntlet/penalties.ts";
import { NEW_RATING, ordinalOf, rate } from "../../../src/gauntlet/rating.ts";
import { movedTrust, trustFactor } from "../../../src/gauntlet/trust.ts";
import {
  ALL_REASONS,
  explainReason,
  isReason,
  type Reason,
  standingOf,
} from "../../../src/gauntlet/verdict.ts";
import protocolVectors from "../../fixtures/protocol.json" with { type: "json" };
import vectors from "../../fixtures/gauntlet.json" with { type: "json" };

const settings = { beta: 7, tau: 0.1 };

function rateScores(scores: readonly number[]): ReturnType<typeof rate> {
  return rate(
    scores.map((score) => ({ rating: NEW_RATING, score })),
    settings,
  );
}

test("Plackett-Luce equals openskill to the last bit, ties included", () => {
  for (const { scores, post } of vectors.plackettLuce.flat()) {
    const found = rateScores(scores).map((rating) => [rating.mu, rating.sigma, ordinalOf(rating)]);
    assert.deepEqual(found, post);
  }
});

test("only ranks matter, order of players does not, and winners rise above losers", () => {
  // Without ties: openskill moves a pair tied for first no further than the third, and we follow it to the bit.
  const scores = fc.uniqueArray(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(scores, (list) => {
      const ratings = rateScores(list);
      const stretched = rateScores(list.map((score) => 100 * score - 3));
      assert.deepEqual(stretched, ratings);
      const reversed = rateScores(list.toReversed()).toReversed();
      for (const [at, { mu, sigma }] of ratings.entries()) {
        assert.ok(Math.abs(mu - (reversed[at]?.mu ?? 0)) < 1e-9);
        assert.ok(sigma > 0 && Number.isFinite(mu));
        for (const [other, score] of list.entries()) {
          if ((list[at] ?? 0) > score) assert.ok(mu > (ratings[other]?.mu ?? 0));
        }
      }
    }),
  );
  assert.deepEqual(rateScores([1]), [NEW_RATING]);
  assert.deepEqual(rateScores([]), []);
  const [best, last, tied] = rateScores([0.1, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  assert.ok(best && last && tied && best.mu > last.mu);
  assert.deepEqual(last, tied);
});

test("the moving average of wins equals the vectors", () => {
  for (const { n, bma } of vectors.movingAverage) {
    let trust = 0;
    for (let win = 0; win < n; win += 1) trust = movedTrust(trust, 0.05, 1);
    assert.ok(Math.abs(trust - bma) < 1e-14, `${n} wins: ${trust}`);
  }
});

function factor(trust: number, windows: number): number {
  return trustFactor({ trust, windows, threshold: 0.1, warmupWindows: 10 });
}

test("trust counts from zero, and from the threshold after the hotkey's own warm-up", () => {
  assert.equal(factor(0.05, 1), 0.05);
  assert.equal(factor(0.05, 9), 0.05);
  assert.equal(factor(0.05, 10), 0);
  assert.equal(factor(0.1, 10), 0.1);
  assert.equal(factor(-0.5, 1), 0);
});

test("losses: relative falls, indicator and margin", () => {
  const score = scoreLosses({
    own: { before: [2, 4], after: [1.5, 3] },
    noise: { before: [3, 3], after: [2.7, 3] },
  });
  assert.ok(score);
  assert.ok(Math.abs(score.own - 0.25) < 1e-15);
  assert.ok(Math.abs(score.noise - 0.05) < 1e-15);
  assert.equal(score.indicator, score.margin >= 2 ? 1 : 0);
  assert.ok(score.margin > 1 && score.margin < 3, `${score.margin}`);
  const equal = { before: [2, 2], after: [1, 1] };
  assert.deepEqual(scoreLosses({ own: equal, noise: equal }), {
    own: 0.5,
    noise: 0.5,
    indicator: 0,
    margin: 0,
  });
});

test("losses that are not finite or missing give no score; unpaired ones are a bug", () => {
  const good = { before: [2], after: [1] };
  const bad = [
    { before: [2], after: [Number.NaN] },
    { before: [Number.POSITIVE_INFINITY], after: [1] },
    { before: [], after: [] },
  ];
  for (const losses of bad) {
    assert.equal(scoreLosses({ own: losses, noise: good }), null);
    assert.equal(scoreLosses({ own: good, noise: losses }), null);
    assert.equal(gateUpdate(losses).reason, "not-finite");
  }
  assert.throws(
    () => scoreLosses({ own: good, noise: { before: [1, 2], after: [1] } }),
    RangeError,
  );
  assert.throws(() => gateUpdate({ before: [1, 2], after: [1] }), RangeError);
  const zero = scoreLosses({ own: { before: [0], after: [1] }, noise: good });
  assert.equal(zero?.own, 0);
});

test("the gate: the noise loss must fall", () => {
  assert.equal(gateUpdate({ before: [2, 2], after: [1, 2.9] }).reason, "accepted");
  assert.equal(gateUpdate({ before: [2, 2], after: [2, 2] }).reason, "loss-not-lowered");
  assert.equal(gateUpdate({ before: [2, 2], after: [1, 3.1] }).reason, "loss-not-lowered");
  assert.ok(Math.abs((gateUpdate({ before: [4], after: [3] }).fall ?? 0) - 0.25) < 1e-15);
});

test("u16 weights equal the vectors", () => {
  for (const { final, u16 } of protocolVectors.weights) {
    const { uids, weights } = weightsOf(
      final.map((value, uid) => ({ uid, final: value })),
      2,
    );
    const found = u16.map((_, uid) => weights[uids.indexOf(uid)] ?? 0);
    assert.deepEqual(found, u16);
    assert.ok(!weights.includes(0), "zeros are dropped");
  }
});

test("nobody earns below zero, and nobody earning means no weights", () => {
  const finals = [Number.NaN, -1, 0, Number.POSITIVE_INFINITY].map((final, uid) => ({
    uid,
    final,
  }));
  assert.deepEqual(weightsOf(finals, 2), { uids: [], weights: [] });
  assert.deepEqual(weightsOf([...finals, { uid: 9, final: 1e-9 }], 2), {
    uids: [9],
    weights: [65535],
  });
  assert.deepEqual(
    weightsOf(
      [
        { uid: 4, final: 2 },
        { uid: 1, final: 1 },
      ],
      1,
    ).uids,
    [1, 4],
  );
  assert.equal(finalScore({ ordinal: -3, smallestOrdinal: -3, trust: 0.5, multiplier: 1 }), 0.5);
});

function isOutcome(letter: string): letter is Mark {
  return ["+", "-", "0", "x"].includes(letter);
}

function historyOf(text: string): Mark[] {
  return text.split("").filter(isOutcome);
}

function absenceMultiplier(text: string): number {
  return multiplierOf(penaltiesFor("no-commitment", historyOf(text), 5));
}

test("absence: 0.75, 0.5, then 0; and 0 for eight windows when half of the last eight are missed", () => {
  assert.deepEqual(["+0", "+00", "+000", "0"].map(absenceMultiplier), [0.75, 0.5, 0, 0.75]);
  assert.equal(
    absenceMultiplier("++0+0+0"),
    0.75,
    "a short history is not held against a newcomer",
  );
  assert.equal(absenceMultiplier("+0+0+0+0"), 0);
  assert.equal(absenceMultiplier("+++0+0+0"), 0.75);
  const often = penaltiesFor("payload-missing", historyOf("+0+0+0+0"), 5);
  assert.equal(often.find(({ rule }) => rule === "often-absent")?.lastWindow, 12);
});

test("invalid costs the window, stolen ten, unhelpful only as a habit", () => {
  assert.deepEqual(penaltiesFor("malformed", [], 5), [
    { rule: "invalid", multiplier: 0, lastWindow: 5 },
  ]);
  assert.deepEqual(penaltiesFor("copied", [], 5), [
    { rule: "stolen", multiplier: 0, lastWindow: 14 },
  ]);
  assert.deepEqual(penaltiesFor("loss-not-lowered", historyOf("+-+-+-+-"), 5), []);
  assert.equal(multiplierOf(penaltiesFor("loss-not-lowered", historyOf("--+-+-+-"), 5)), 0.25);
  assert.deepEqual(penaltiesFor("accepted", historyOf("------"), 5), []);
});

test("penalties expire by themselves, and a rule that strikes again does not multiply with itself", () => {
  const old = penaltiesFor("copied", [], 5);
  assert.deepEqual(activePenalties(old, [], 14), old);
  assert.deepEqual(activePenalties(old, [], 15), []);
  const again = activePenalties(
    penaltiesFor("no-commitment", ["0"], 5),
    penaltiesFor("no-commitment", ["0"], 5),
    5,
  );
  assert.equal(multiplierOf(again), 0.75);
});

test("every reason has a standing and one sentence that says what happened and what to do", () => {
  assert.equal(new Set(ALL_REASONS).size, ALL_REASONS.length);
  for (const reason of ALL_REASONS) {
    assert.match(explainReason(reason), /^[A-Z].{30,}\.$/, reason);
    assert.match(reason, /^[a-z]+(?:-[a-z]+)*$/);
    assert.ok(markOf(reason).length === 1 && standingOf(reason).length > 0);
  }
  assert.ok(!isReason("toString") && isReason("copied"));
  const wanted: readonly Reason[] = [
    "accepted",
    "no-commitment",
    "payload-missing",
    "malformed",
    "wrong-run",
    "wrong-window",
    "wrong-hotkey",
    "stale-base",
    "norm-too-small",
    "copied",
    "replayed",
    "not-finite",
    "loss-not-lowered",
    "not-accepted-by-majority",
  ];
  for (const reason of wanted) assert.ok(ALL_REASONS.includes(reason));
});
