/** @file The suite on chain endpoints, in short: a client's duties through faults and forks. `npm run chaos -- --rpc` plays the long one. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diceOf } from "../../../chaos/outcome/dice.ts";
import { playForks } from "../../../chaos/rpc/forks.ts";
import { QUICK } from "../../../chaos/rpc/plan.ts";
import { playFaults } from "../../../chaos/rpc/play.ts";

describe("duties of a neuron on a real chain", () => {
  it("are done in every tempo in which an endpoint is well, once, from final blocks alone", async () => {
    const found = await playFaults(QUICK, () => undefined);
    assert.deepEqual(found.causes, []);
    assert.equal(found.set, found.due);
    assert.ok(found.extrinsics > 2 * found.due);
    assert.deepEqual([found.duplicates, found.foreignHeads, found.notFinal], [0, 0, 0]);
  });

  it("are done through forks, and what was in a replaced block comes again, once", async () => {
    const found = await playForks({ rounds: 3, tempo: 24, blockMs: 30 }, diceOf(1));
    assert.deepEqual(found.causes, []);
    assert.ok(found.orphans > 0, "an extrinsic was in a block that was replaced");
    assert.deepEqual([found.duplicates, found.foreignHeads, found.notFinal], [0, 0, 0]);
  });
});
