/** @file A miner whose update counted and who still earns nothing is told why. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { NEW_RATING } from "../../../src/gauntlet/rating.ts";
import { EMPTY_SCOREBOOK, type PublishedScore } from "../../../src/gauntlet/published-book.ts";
import { type CreditScore, EMPTY_CREDIT_BOOK } from "../../../src/gauntlet/credit-book.ts";
import { newCreditEntry } from "../../../src/gauntlet/credit-entry.ts";
import {
  isDistrusted,
  isVotedFor,
  type Scorebook,
  scoreWindow,
  trustOf,
  verdictOf,
} from "../../../src/gauntlet/scorebook.ts";
import { CREDIT_SCORING, EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";

const SCORE: PublishedScore = {
  mode: "published",
  uid: 1,
  hotkey: `0x${"01".repeat(32)}`,
  reason: "accepted",
  rating: NEW_RATING,
  ordinal: 0,
  trust: 0.3,
  trustFactor: 0.3,
  penalties: [],
  share: 1,
  multiplier: 1,
  final: 2,
  weight: 65_535,
};

const { scoring } = EXAMPLE_MANIFEST;
const APPLIED = { applied: true, scoring };

test("one that was not applied was distrusted or outvoted", () => {
  const out = { ...APPLIED, applied: false };
  assert.equal(verdictOf({ ...SCORE, trust: -0.1 }, out), "distrusted");
  assert.equal(verdictOf({ ...SCORE, trust: -0.09 }, out), "not-accepted-by-majority");
});

test("trust is 0 for strangers, and distrust begins as far below zero as trust begins above", () => {
  assert.equal(trustOf(EMPTY_SCOREBOOK, SCORE.hotkey), 0);
  assert.equal(isDistrusted(0, scoring), false);
  assert.equal(isDistrusted(-0.0999, scoring), false);
  assert.equal(isDistrusted(-0.1, scoring), true);
});

test("an update that counted and earns is accepted", () => {
  assert.equal(verdictOf(SCORE, APPLIED), "accepted");
});

test("one that counted and earns nothing is untrusted or penalised", () => {
  assert.equal(verdictOf({ ...SCORE, trustFactor: 0, final: 0 }, APPLIED), "untrusted");
  assert.equal(verdictOf({ ...SCORE, multiplier: 0, final: 0 }, APPLIED), "penalised");
  assert.equal(
    verdictOf({ ...SCORE, multiplier: 0, trustFactor: 0, final: 0 }, APPLIED),
    "penalised",
  );
});

test("who shares one work with others is told so, applied or not", () => {
  for (const applied of [true, false]) {
    assert.equal(verdictOf({ ...SCORE, share: 0.5 }, { ...APPLIED, applied }), "shared");
    const how = { applied, scoring: CREDIT_SCORING };
    assert.equal(verdictOf({ ...CREDIT_SCORE, share: 1 / 3, final: 0 }, how), "shared");
  }
});

test("a rejection keeps its own reason", () => {
  const rejected: PublishedScore = { ...SCORE, reason: "copied", multiplier: 0, final: 0 };
  assert.equal(verdictOf(rejected, APPLIED), "copied");
});

const CREDIT_SCORE: CreditScore = {
  mode: "credit",
  uid: 1,
  hotkey: SCORE.hotkey,
  reason: "accepted",
  entry: newCreditEntry(SCORE.hotkey, CREDIT_SCORING.credit),
  trust: 0.5,
  isVotedFor: true,
  share: 1,
  final: 0.1,
  weight: 65_535,
};

test("in mode credit an unpaid update lies below the floor, and one not applied was distrusted or outvoted", () => {
  const how = { applied: true, scoring: CREDIT_SCORING };
  const out = { ...how, applied: false };
  assert.equal(verdictOf(CREDIT_SCORE, how), "accepted");
  assert.equal(verdictOf({ ...CREDIT_SCORE, final: 0 }, how), "below-floor");
  assert.equal(verdictOf(CREDIT_SCORE, out), "not-accepted-by-majority");
  assert.equal(verdictOf({ ...CREDIT_SCORE, isVotedFor: false }, out), "distrusted");
});

test("votes go by the memory of the mode, and one mode's book is not scored in another", () => {
  const entry = newCreditEntry(SCORE.hotkey, CREDIT_SCORING.credit);
  const book = (odds: number): Scorebook => ({
    ...EMPTY_CREDIT_BOOK,
    entries: [{ ...entry, odds }],
  });
  assert.ok(isVotedFor(EMPTY_CREDIT_BOOK, SCORE.hotkey, CREDIT_SCORING));
  assert.ok(isVotedFor(book(-2.1), SCORE.hotkey, CREDIT_SCORING));
  assert.ok(!isVotedFor(book(-2.3), SCORE.hotkey, CREDIT_SCORING));
  const evidence = { window: 0, miners: [] };
  assert.throws(() => scoreWindow(EMPTY_SCOREBOOK, evidence, CREDIT_SCORING), RangeError);
  assert.throws(() => scoreWindow(EMPTY_CREDIT_BOOK, evidence, scoring), RangeError);
});
