/** @file When training counts as having gone on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { recoveryOf, type Turnout } from "../../../../chaos/outcome/result.ts";

const row = (window: number, committed: number, accepted: number): Turnout => ({
  window,
  committed: Array.from({ length: committed }, (_, uid) => uid),
  accepted: Array.from({ length: accepted }, (_, uid) => uid),
});

test("training goes on in the first of two windows with the updates of all miners, once everybody is back", () => {
  const rows = [
    row(3, 4, 4),
    row(4, 0, 0),
    row(5, 4, 0),
    row(6, 3, 3),
    row(7, 4, 3),
    row(8, 4, 4),
    row(9, 4, 4),
  ];
  const recovered = (healed: number, least = 4): number | null =>
    recoveryOf(rows, { healed, miners: 4, least });
  assert.equal(recovered(5), 3);
  assert.equal(recovered(8), 0);
  assert.equal(recovered(3), 5, "window 3 may be what was under way before the fault");
  assert.equal(recovered(5, 3), 2);
  assert.equal(recovered(9), null, "one window is not enough");
});
