/** @file How long the chain of a local network waits: less for what never comes, longer where everybody takes long. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { Patience } from "../../../subnet/localnet/patience.ts";

test("validators that look for a payload nobody serves are left to it, ever sooner", () => {
  const patience = new Patience();
  const limits = [0, 1, 2, 3].map(() => {
    const limit = patience.limitMs("collect");
    patience.ended("collect", true);
    return limit;
  });
  assert.deepEqual(limits, [5000, 2500, 2500, 2500]);
  patience.ended("collect", false);
  assert.equal(patience.limitMs("collect"), 5000);
});

test("strangers that never serve are waited for half as long each time, until one window has none missing", () => {
  const patience = new Patience();
  const waits = [0, 1, 2].map(() => {
    const waited = patience.strangersMs;
    patience.collected(true);
    return waited;
  });
  assert.deepEqual(waits, [500, 250, 125]);
  patience.collected(false);
  assert.equal(patience.strangersMs, 500);
});

test("patience grows with what the others take, between bounds", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 })), (waits) => {
      const patience = new Patience();
      assert.equal(patience.limitMs("commit"), 600_000, "nobody was ready yet");
      for (const wait of waits) patience.note("commit", wait);
      const limit = patience.limitMs("commit");
      const longest = Math.max(0, ...waits);
      assert.ok(limit >= 20_000 && limit <= 600_000);
      assert.ok(limit >= Math.min(600_000, 5 * longest), "nobody on a slow machine is late");
      assert.ok(patience.silentMs("commit") >= 10_000 && patience.silentMs("commit") <= 20_000);
      assert.equal(patience.limitMs("vote"), 600_000, "one kind says nothing about another");
    }),
  );
});
