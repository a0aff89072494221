/** @file Whether a window's work is done in time, from a known speed, and what a miner that is too slow is told to run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NextCommand } from "../../../base/fault.ts";
import type { Patient } from "../../../src/doctor/finding.ts";
import { paceFinding } from "../../../src/doctor/pace.ts";
import { stub } from "../stub.ts";
import { manifest } from "../view/recorded.ts";

const patient = stub<Patient>({
  role: "miner",
  start: (set = {}): NextCommand => ({ ours: "miner", set }),
});
const GIVEN_MS = 4000;
const { train } = manifest.phases;
/** Tokens of a window, all of its inner steps. */
const WORK = manifest.inner.steps * manifest.inner.batch * manifest.model.context;

/** What is found at a speed that does `part` of a window's work in the time that it gives. */
const foundAt = (part: number, share = 1): ReturnType<typeof paceFinding> =>
  paceFinding(
    patient,
    { manifest, blockMs: GIVEN_MS / train, miners: 1 },
    {
      device: "cpu",
      threads: 2,
      share,
      workers: false,
      known: () => (1000 * WORK * part) / GIVEN_MS,
    },
  );

test("in time is fine; what a part of the work mends is told to do the largest part that fits", async () => {
  assert.equal((await foundAt(1.01)).state, "fine");
  for (const [part, strategy] of [
    [0.99, "steps-0.75"],
    [0.6, "steps-0.5"],
    [0.26, "steps-0.25"],
    [0.11, "steps-0.1"],
  ] as const) {
    const found = await foundAt(part);
    assert.deepEqual(
      [found.code, found.fix],
      ["slow-device", [{ ours: "miner", set: { strategy } }]],
    );
    assert.equal((await foundAt(part, Number(strategy.replace("steps-", "")))).state, "fine");
  }
});

test("where no part fits it is told which devices there are, and never the command that it runs already", async () => {
  for (const share of [1, 0.1]) {
    const found = await foundAt(0.09, share);
    assert.deepEqual([found.state, found.fix], ["wrong", [{ ours: "subnet devices" }]]);
  }
});
