/** @file The clock at its edges, and the learning-rate schedule. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { learningRate } from "../../../src/protocol/learning-rate.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import { EXAMPLE_MANIFEST } from "./example-manifest.ts";

function rate(step: number): number {
  return learningRate(EXAMPLE_MANIFEST.inner, step);
}

test("the demo's window is 12 blocks: 4 train, 2 commit, 2 reveal, 4 judge", () => {
  const clock = windowClock({ ...EXAMPLE_MANIFEST, startBlock: 24, windows: 2, finalityLag: 3 });
  assert.equal(clock.blocksPerWindow, 12);
  const phases = Array.from({ length: 26 }, (_, at) => clock.phaseOf(23 + at));
  const window = "train train train train commit commit reveal reveal judge judge judge judge";
  assert.deepEqual(phases, `before ${window} ${window} over`.split(" "));
  assert.equal(clock.seedBlock(0), 21);
  assert.equal(clock.firstCommitBlock(0), 28);
  assert.equal(clock.deadlineBlock(0), 29);
  assert.equal(clock.evaluationSeedBlock(0), 30);
  assert.equal(clock.firstRevealBlock(0), 30);
  assert.equal(clock.firstJudgeBlock(0), 32);
  assert.equal(clock.lastJudgeBlock(0), 35);
  assert.equal(clock.startBlock(1), 36);
  assert.deepEqual([23, 24, 35, 36].map(clock.windowOf), [-1, 0, 0, 1]);
  assert.deepEqual([-1, 0, 1, 2].map(clock.isInRun), [false, true, true, false]);
});

test("an endless run is never over", () => {
  const clock = windowClock({ ...EXAMPLE_MANIFEST, windows: 0 });
  assert.ok(clock.isInRun(1e9));
  assert.equal(clock.phaseOf(clock.startBlock(1e6)), "train");
});

test("every block lies in exactly the phase whose bounds hold it", () => {
  const length = fc.integer({ min: 1, max: 50 });
  const settings = fc.record({
    startBlock: fc.nat(1000),
    phases: fc.record({ train: length, commit: length, reveal: length, judge: length }),
    finalityLag: fc.nat(10),
  });
  fc.assert(
    fc.property(settings, fc.nat(5000), (form, offset) => {
      const deadlineOffset = form.phases.train + form.phases.commit - 1;
      const clock = windowClock({ ...form, deadlineOffset, windows: 0 });
      const block = form.startBlock + offset;
      const window = clock.windowOf(block);
      assert.ok(clock.startBlock(window) <= block && block < clock.startBlock(window + 1));
      const bounds = {
        train: [clock.startBlock(window), clock.firstCommitBlock(window)],
        commit: [clock.firstCommitBlock(window), clock.firstRevealBlock(window)],
        reveal: [clock.firstRevealBlock(window), clock.firstJudgeBlock(window)],
        judge: [clock.firstJudgeBlock(window), clock.lastJudgeBlock(window) + 1],
      };
      const held = Object.entries(bounds).filter(
        ([, [from = 0, to = 0]]) => from <= block && block < to,
      );
      assert.deepEqual(
        held.map(([phase]) => phase),
        [clock.phaseOf(block)],
      );
      assert.equal(clock.evaluationSeedBlock(window), clock.deadlineBlock(window) + 1);
    }),
  );
});

test("the learning rate warms up linearly, then follows a cosine to the minimum", () => {
  assert.equal(rate(0), 0.012 / 40);
  assert.equal(rate(39), 0.012);
  assert.equal(rate(40), 0.012);
  assert.ok(Math.abs(rate(320) - (0.012 + 0.0012) / 2) < 1e-12);
  assert.equal(rate(600), 0.0012);
  assert.equal(rate(1e6), 0.0012);
  for (let step = 40; step < 600; step += 1) assert.ok(rate(step + 1) <= rate(step));
  const flat = { ...EXAMPLE_MANIFEST.inner, warmupSteps: 0, totalSteps: 1 };
  assert.equal(learningRate(flat, 0), 0.012);
});

test("flat stays at the peak after the warm-up, also past the end", () => {
  const inner = { ...EXAMPLE_MANIFEST.inner, schedule: "flat" } as const;
  assert.equal(learningRate(inner, 0), 0.012 / 40);
  for (const step of [39, 40, 599, 600, 1e6]) assert.equal(learningRate(inner, step), 0.012);
});

test("wsd stays, then falls in a straight line to the minimum over its last steps", () => {
  const inner = { ...EXAMPLE_MANIFEST.inner, schedule: "wsd", decaySteps: 100 } as const;
  assert.equal(learningRate(inner, 20), (0.012 * 21) / 40);
  for (const step of [39, 300, 500]) assert.equal(learningRate(inner, step), 0.012);
  assert.ok(Math.abs(learningRate(inner, 550) - (0.012 + 0.0012) / 2) < 1e-12);
  assert.ok(Math.abs(learningRate(inner, 599) - (0.0012 + 0.0108 / 100)) < 1e-12);
  for (const step of [600, 1e6]) assert.equal(learningRate(inner, step), 0.0012);
  for (let step = 40; step < 600; step += 1)
    assert.ok(learningRate(inner, step + 1) <= learningRate(inner, step));
});
