/** @file The order of a miner's own sequences: whole passes, each a permutation, the same for the same key. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { hexOf } from "../../../src/protocol/digest.ts";
import { batchOrder } from "../../../src/data/batches.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexOf);
const shape = fc.record({
  available: fc.integer({ min: 1, max: 80 }),
  steps: fc.integer({ min: 1, max: 12 }),
  batch: fc.integer({ min: 1, max: 16 }),
});

test("every pass holds every sequence once, and the last one is a part of such a pass", () => {
  fc.assert(
    fc.property(key, shape, (seed, given) => {
      const order = batchOrder(seed, given);
      assert.equal(order.length, given.steps * given.batch);
      for (let start = 0; start < order.length; start += given.available) {
        const pass = order.slice(start, start + given.available);
        assert.equal(new Set(pass).size, pass.length);
        assert.ok(pass.every((one) => one >= 0 && one < given.available));
      }
      assert.deepEqual(batchOrder(seed, given), order);
    }),
  );
});

test("passes differ from each other, and keys from each other", () => {
  const given = { available: 64, steps: 2, batch: 64 };
  const order = batchOrder(`0x${"01".repeat(32)}`, given);
  assert.notDeepEqual(order.slice(0, 64), order.slice(64));
  assert.notDeepEqual(batchOrder(`0x${"02".repeat(32)}`, given), order);
});

test("every order of three is drawn", () => {
  const seen = new Set<string>();
  for (let index = 0; index < 60; index++)
    seen.add(
      String(
        batchOrder(`0x${index.toString(16).padStart(64, "0")}`, {
          available: 3,
          steps: 1,
          batch: 3,
        }),
      ),
    );
  assert.equal(seen.size, 6);
});

test("no sequences are a mistake, not an endless loop", () => {
  assert.throws(() => batchOrder("0x00", { available: 0, steps: 1, batch: 1 }), RangeError);
});
