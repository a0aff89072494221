/** @file When training counts as having gone on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { recoveryOf } from "../../../../chaos/real/run-case.ts";

const row = (window: number, committed: number, accepted: number) => ({
  window,
  committed: Array.from({ length: committed }, (_, uid) => uid),
  accepted: Array.from({ length: accepted }, (_, uid) => uid),
  votes: 2,
  thetaDigest: null,
});

test("training goes on in the first window with the updates of all miners, not before everything runs again", () => {
  const rows = [row(3, 4, 4), row(4, 0, 0), row(5, 4, 0), row(6, 3, 3), row(7, 4, 3), row(8, 4, 4)];
  assert.equal(recoveryOf(rows, { healed: 5, miners: 4 }), 3);
  assert.equal(recoveryOf(rows, { healed: 8, miners: 4 }), 0);
  assert.equal(recoveryOf(rows, { healed: 3, miners: 4 }), 0);
  assert.equal(recoveryOf(rows, { healed: 9, miners: 4 }), null);
});
