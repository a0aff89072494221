/** @file The clock of a thread goes forward, and never faster than the wall's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { threadClock } from "../../../chain/benchmark/clock.ts";

test("a thread's time passes while it computes, and no faster than time itself", () => {
  const nowNs = threadClock();
  for (let round = 0; round < 20; round++) {
    const wallBefore = process.hrtime.bigint();
    const before = nowNs();
    let sum = 0;
    for (let i = 0; i < 200_000; i++) sum += Math.sqrt(i);
    const took = nowNs() - before;
    const wall = process.hrtime.bigint() - wallBefore;
    assert.ok(sum > 0);
    assert.ok(took > 0n && took <= wall, `${took} of ${wall} ns`);
  }
});
