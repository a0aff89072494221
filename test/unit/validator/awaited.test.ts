/** @file What a validator says of payloads that are missing: those of one window that nobody has ended, and no more than fit. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { MOST_AWAITED, statusSchema } from "../../../src/api/types.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { Awaited } from "../../../validator/awaited.ts";

const hotkeyOf = (index: number): Hex => `0x${index.toString(16).padStart(64, "0")}`;
const awaitedSchema = statusSchema.pick({ awaited: true });

test("all that began and did not end, the first by name; of the newest window alone", () => {
  const numbers = fc.uniqueArray(fc.nat(200), { maxLength: 100 });
  fc.assert(
    fc.property(numbers, numbers, numbers, (before, begun, ended) => {
      const awaited = new Awaited();
      awaited.begin(6, before.map(hotkeyOf));
      awaited.begin(7, begun.map(hotkeyOf));
      for (const one of ended) awaited.ended(hotkeyOf(one));
      const left = begun.filter((one) => !ended.includes(one)).map(hotkeyOf);
      const { status } = awaited;
      assert.deepEqual(awaitedSchema.parse(status), status);
      if (left.length === 0) return assert.deepEqual(status, {});
      assert.equal(status.awaited?.window, 7);
      assert.deepEqual(status.awaited?.hotkeys, left.slice(0, MOST_AWAITED));
      assert.equal(status.awaited?.more, Math.max(0, left.length - MOST_AWAITED));
    }),
  );
});

test("the fullest answer fits what readers of /status take", () => {
  const awaited = new Awaited();
  awaited.begin(
    Number.MAX_SAFE_INTEGER,
    Array.from({ length: 4096 }, (_, index) => hotkeyOf(index)),
  );
  assert.ok(JSON.stringify(awaited.status).length < 4096);
});
