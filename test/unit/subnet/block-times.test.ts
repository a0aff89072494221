/** @file What the blocks of a local network took, and because of whom. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { BlockTimes } from "../../../subnet/localnet/block-times.ts";

test("the report names who was waited for most, the longest block, and the spread of the times", () => {
  const times = new BlockTimes();
  assert.equal(times.recentMs(3), null);
  for (const [milliseconds, waitedFor, window] of [
    [100, null, 0],
    [900, "miner-2", 0],
    [120, "miner-1", 1],
    [110, "miner-2", 1],
  ] as const)
    times.note({ milliseconds, waitedFor, window });
  assert.deepEqual(times.report(), {
    blocks: 4,
    medianMs: 110,
    longestMs: 900,
    longest: { name: "miner-2", window: 0 },
    windowMs: 230,
    waitedFor: [
      { name: "miner-2", blocks: 2 },
      { name: "miner-1", blocks: 1 },
    ],
  });
  assert.equal(times.recentMs(2), 115);
});
