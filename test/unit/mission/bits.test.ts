/** @file What R2 says of updates of any size: as long as docs/protocol.md predicts, the same when they come back, refused with a bit more or less. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { anySize } from "../../mission/bits.ts";

test("an update of any size is as long as predicted, comes back to the same bytes, and has no neighbour", () => {
  const { off, faults, runs } = anySize();
  assert.ok(runs >= 500);
  assert.deepEqual([off, faults], [0, []]);
});
