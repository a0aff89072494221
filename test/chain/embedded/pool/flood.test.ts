/** @file Free calls do not stall the chain: a flood in small; `npm run chain:flood` runs the whole of it. */
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { flooded, floodLines } from "./flood.ts";

const FULL = 160;

test("honest weights and a transfer are in the second block after a flood that left the pool full", async (t) => {
  const startedAt = performance.now();
  const report = await flooded({
    freeCalls: 240,
    registered: 20,
    fresh: 40,
    limits: { ready: FULL },
    full: FULL,
  });
  for (const line of floodLines(report, startedAt)) t.diagnostic(line);
  assert.equal(report.readyBefore, FULL);
  assert.ok(report.weightsIn !== null && report.transferIn !== null);
  const answers = (group: string): [string, number][] => [
    ...(report.groups.get(group)?.answers ?? []),
  ];
  for (const group of ["a rich stranger", "fresh, with a balance", "fresh, without a balance"]) {
    assert.deepEqual(
      answers(group).filter(([answer]) => answer === "taken"),
      [],
      group,
    );
  }
  // Three kinds of free calls, each once a hotkey.
  assert.deepEqual(answers("registered hotkeys"), [["taken", 60]]);
  assert.ok(answers("fresh, paying: batches and remarks").some(([answer]) => answer === "taken"));
});
