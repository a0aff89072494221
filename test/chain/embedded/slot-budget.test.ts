/** @file An author's budget is half of the slot, counted from when the block began. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { SlotBudget } from "../../../chain/embedded/blocks/slot-budget.ts";

test("a budget is spent after half of the slot, and not before", () => {
  const slots = fc.bigInt({ min: 1n, max: 60_000n });
  const times = fc.nat({ max: 10_000_000 });
  fc.assert(
    fc.property(slots, times, times, (slotMs, began, passed) => {
      let nowUs = began;
      const budget = new SlotBudget(slotMs, () => nowUs);
      nowUs += passed;
      assert.equal(budget.isSpent, passed > (Number(slotMs) * 1000) / 2);
    }),
  );
});

test("what this thread computes counts", () => {
  const budget = new SlotBudget(40n);
  assert.equal(budget.isSpent, false);
  const until = performance.now() + 2000;
  let sum = 0;
  while (!budget.isSpent && performance.now() < until) sum += Math.sqrt(sum + 1);
  assert.ok(budget.isSpent);
});
