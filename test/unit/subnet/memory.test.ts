/** @file The peak of a group's memory. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { PeakMemory } from "../../../subnet/localnet/memory.ts";

test("the peak never falls, and processes that are gone count as nothing", () => {
  const peak = new PeakMemory();
  const now = peak.sample([]);
  assert.ok(now > 10 << 20);
  assert.ok(peak.sample([2 ** 30]) < 2 * now);
  assert.ok(peak.bytes >= now);
  const before = peak.bytes;
  peak.sample([]);
  assert.ok(peak.bytes >= before);
});
