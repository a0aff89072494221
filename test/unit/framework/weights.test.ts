/** @file Weights from scores: in proportion, u16, for those who hold a uid. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { weighed } from "../../../framework/weights.ts";
import type { Hex } from "../../../src/protocol/digest.ts";

const key = (at: number): Hex => `0x${at.toString(16).padStart(64, "0")}`;

test("the best gets 65,535, the others their part of it, in their order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 64 }),
      (scores) => {
        const found = weighed(new Map(scores.map((score, at) => [key(at), score])));
        const most = Math.max(0, ...scores);
        found.forEach(({ hotkey, weight }, at) => {
          assert.equal(hotkey, key(at));
          const exact = most === 0 ? 0 : (65_535 * (scores[at] ?? 0)) / most;
          assert.ok(Number.isInteger(weight) && Math.abs(weight - exact) <= 0.5);
        });
        if (most > 0) assert.equal(Math.max(...found.map(({ weight }) => weight)), 65_535);
      },
    ),
  );
});

test("a score that is no amount is the caller's mistake, and said so", () => {
  for (const score of [-1, Number.NaN, Infinity])
    assert.throws(() => weighed(new Map([[key(1), score]])), RangeError);
});
