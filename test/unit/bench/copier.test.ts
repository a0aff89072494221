/** @file The game of a validator that copies weights: alike in time it earns what its stake gives, an epoch late less. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { COPIES, GAME, NEW_SUBNET, played } from "../../../bench/copier/play.ts";

const SEEDS = [0, 1, 2];

test("an epoch late every way to copy earns less than its stake gives, and judges more", () => {
  for (const seed of SEEDS)
    for (const copy of COPIES) {
      const { copier, judges } = played(seed, { ...GAME, copy });
      assert.ok(copier < 0.97, `${copy}, seed ${seed}: ${copier}`);
      assert.ok(
        judges.every((one) => one > 1),
        copy,
      );
    }
});

test("in time a copy earns what its stake gives, whichever judge's it is", () => {
  for (const copy of ["median", "largest"] as const) {
    const { copier } = played(1, { ...GAME, late: 0, copy });
    assert.ok(Math.abs(copier - 1) < 1e-6, `${copy}: ${copier}`);
  }
  // One that does not hide is enough.
  const { copier } = played(1, { ...GAME, seenPercent: 100, whose: 4, copy: "largest" });
  assert.ok(Math.abs(copier - 1) < 1e-6, String(copier));
});

test("without a penalty on bonds who says what the consensus does not earns by it", () => {
  const rules = { ...NEW_SUBNET, yuma3: false, bondsPenalty: 0 };
  assert.ok(played(0, { ...GAME, rules }).copier > 1.1);
});
