/** @file Free calls do not stall the chain: a flood of each in small; `npm run chain:flood` runs the whole of it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Flood, floodLine, isLate } from "./flood.ts";
import { FREE_CALLS, labelOf } from "./free-calls.ts";

const FULL = 96;
const [STRANGER, REGISTERED, FRESH] = [4, 4, 8];

describe("honest weights and a transfer are in the second block after a flood that left the pool full", () => {
  const flood = new Flood({
    stranger: STRANGER,
    registered: REGISTERED,
    fresh: FRESH,
    limits: { ready: FULL },
    full: FULL,
    slotMs: 250,
  });
  for (const call of FREE_CALLS) {
    it(`of ${labelOf(call)}`, async (t) => {
      const row = await flood.of(call);
      t.diagnostic(floodLine(row));
      assert.equal(row.readyBefore, FULL);
      assert.ok(!isLate(row));
      assert.equal(row.sent, STRANGER + 2 * REGISTERED + FRESH);
      // One of each registered hotkey; none where its arguments are not to be had for nothing.
      const taken = call.kind !== "free" || call.large === true ? 0 : REGISTERED;
      assert.equal(row.taken, taken);
    });
  }
});
