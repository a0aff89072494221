/** @file The suite on chain endpoints, in short: a client's duties through faults and forks. `npm run chaos -- --rpc` plays the long one. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diceOf } from "../../../chaos/outcome/dice.ts";
import { playForks } from "../../../chaos/rpc/forks.ts";
import { QUICK } from "../../../chaos/rpc/plan.ts";
import { playFaults } from "../../../chaos/rpc/play.ts";

/** How much slower than asked for blocks come on a machine that is too busy. */
const BUSY = 1.3;

describe("duties of a neuron on a real chain", () => {
  it("are done in every tempo in which an endpoint is well, once, from final blocks alone", async (t) => {
    const found = await playFaults(QUICK, () => undefined);
    assert.ok(found.extrinsics > 0);
    assert.deepEqual([found.duplicates, found.foreignHeads, found.notFinal], [0, 0, 0]);
    // A tempo of so few seconds says nothing where the blocks themselves come late.
    if (found.blockMs > BUSY * QUICK.blockMs) {
      t.diagnostic(`a block took ${found.blockMs.toFixed(0)} ms: tempos are not judged`);
      return;
    }
    assert.deepEqual(found.causes, []);
    assert.equal(found.set, found.due);
  });

  it("are done through forks, and what was in a replaced block comes again, once", async () => {
    const found = await playForks({ rounds: 3, tempo: 24, blockMs: 30 }, diceOf(1));
    assert.deepEqual(found.causes, []);
    assert.ok(found.orphans > 0, "an extrinsic was in a block that was replaced");
    assert.deepEqual([found.duplicates, found.foreignHeads, found.notFinal], [0, 0, 0]);
  });
});
