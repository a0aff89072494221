/** @file When two machines measured the same: rounding passes, a change that would move a score does not. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { agreesOn, CHANGE_TOLERANCE, isCloseLoss } from "../../../src/gauntlet/agreement.ts";

const loss = fc.double({ min: 0.01, max: 20, noNaN: true });

test("what rounds differently agrees, in both directions", () => {
  const ulp = fc.double({ min: -3e-7, max: 3e-7, noNaN: true });
  fc.assert(
    fc.property(
      loss,
      fc.double({ min: -0.2, max: 0.2, noNaN: true }),
      ulp,
      ulp,
      (l, fall, a, b) => {
        const one = { before: l, after: l * (1 - fall) };
        const other = { before: one.before * (1 + a), after: one.after * (1 + b) };
        assert.ok(agreesOn(one, other));
        assert.ok(agreesOn(other, one));
      },
    ),
  );
});

test("a change that is better by more than the tolerance does not agree", () => {
  fc.assert(
    fc.property(
      loss,
      fc.double({ min: 1.5 * CHANGE_TOLERANCE, max: 0.5, noNaN: true }),
      (l, lie) => {
        const honest = { before: l, after: l };
        assert.ok(!agreesOn(honest, { before: l, after: l * (1 - lie) }));
        assert.ok(!agreesOn(honest, { before: l * (1 + lie), after: l }));
      },
    ),
  );
});

test("what is not a number agrees with its like alone", () => {
  assert.ok(isCloseLoss(NaN, NaN));
  assert.ok(!isCloseLoss(NaN, 1));
  assert.ok(agreesOn({ before: 1, after: NaN }, { before: 1, after: NaN }));
  assert.ok(!agreesOn({ before: 1, after: NaN }, { before: 1, after: 1 }));
  assert.ok(!agreesOn({ before: 1, after: 1 }, { before: 1, after: Infinity }));
});
