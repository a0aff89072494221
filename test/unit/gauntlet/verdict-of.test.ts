/** @file A miner whose update counted and who still earns nothing is told why. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { NEW_RATING } from "../../../src/gauntlet/rating.ts";
import { type Score, verdictOf } from "../../../src/gauntlet/scorebook.ts";

const SCORE: Score = {
  uid: 1,
  hotkey: `0x${"01".repeat(32)}`,
  reason: "accepted",
  rating: NEW_RATING,
  ordinal: 0,
  trust: 0.3,
  trustFactor: 0.3,
  penalties: [],
  multiplier: 1,
  final: 2,
  weight: 65_535,
};

test("an update that counted and earns is accepted", () => {
  assert.equal(verdictOf(SCORE), "accepted");
});

test("one that counted and earns nothing is untrusted or penalised", () => {
  assert.equal(verdictOf({ ...SCORE, trustFactor: 0, final: 0 }), "untrusted");
  assert.equal(verdictOf({ ...SCORE, multiplier: 0, final: 0 }), "penalised");
  assert.equal(verdictOf({ ...SCORE, multiplier: 0, trustFactor: 0, final: 0 }), "penalised");
});

test("a rejection keeps its own reason", () => {
  const rejected: Score = { ...SCORE, reason: "copied", multiplier: 0, final: 0 };
  assert.equal(verdictOf(rejected), "copied");
});
