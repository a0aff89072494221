/** @file A simulated window against what can be worked out by hand: waits for blocks, bytes on lines, a validator's queue. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  simulateWindow,
  STAGES,
  UNLIMITED,
  utilisationOf,
  windowSeconds,
  type WindowSetting,
} from "../../../src/run/window-simulation.ts";

const SETTING: WindowSetting = {
  miners: 5,
  validators: 2,
  delivery: "store",
  line: { uplinkMbps: 80, downlinkMbps: 160 },
  validatorLine: { uplinkMbps: 80, downlinkMbps: 160 },
  updateBytes: 1e7,
  pageBytes: 0,
  seconds: { compute: 100, compress: 2, gate: 1, outerStep: 3, digest: 4 },
  blockSeconds: 0,
  finalityBlocks: 0,
};
const near = (value: number, wanted: number): void =>
  assert.ok(Math.abs(value - wanted) < 1e-6, `${value} is not ${wanted}`);

test("a window by hand, through a store and without a chain", () => {
  const stages = simulateWindow(SETTING);
  near(stages.download, (4 * 8e7) / 160e6);
  near(stages.outerStep, 3);
  near(stages.digest, 4);
  near(stages.compute, 100);
  near(stages.compress, 2);
  near(stages.commit, 0);
  near(stages.upload, 1);
  // All five come at the same time, 2.5 s after the last was sent, and are tried one after the other.
  near(stages.judge, 2.5 + 5);
  near(windowSeconds(stages), 2 + 3 + 4 + 100 + 2 + 1 + 7.5);
});

test("directly: a miner sends its update to every node, in turn to validators and, a window later, to miners", () => {
  const stages = simulateWindow({ ...SETTING, delivery: "direct" });
  // Each miner's line carries four copies.
  near(stages.download, (4 * 8e7) / 80e6);
  // Two copies at 40 Mbit/s each; a validator's line would take five at 32: that is slower.
  near(stages.upload, (5 * 8e7) / 160e6);
  near(stages.judge, 5);
});

test("blocks: a digest waits for the next one, the one after that, and finality; a vote for the next one and finality", () => {
  const stages = simulateWindow({ ...SETTING, blockSeconds: 10, finalityBlocks: 3 });
  // Work ends at 111: the digest is in block 12, the pages of the gate are drawn by block 13, which is final with block 16.
  near(stages.commit, 160 - 111);
  // Sent by 161, judged by 168.5, voted in block 17, final with block 20.
  near(stages.upload + stages.judge, 200 - 160);
  near(windowSeconds(stages) % 10, 0);
});

test("pages that come late keep the steps waiting, and share the line with the updates", () => {
  const stages = simulateWindow({ ...SETTING, pageBytes: 4e8 });
  // 320 Mbit of updates and 3200 of pages on 160 Mbit/s: 22 s; a fifth of the line each to four updates and the pages.
  near(stages.download, (5 * 8e7) / 160e6);
  near(stages.download + stages.outerStep + stages.digest + stages.pages, 22);
});

test("one miner alone fetches nobody's update; nobody judges without a validator", () => {
  const stages = simulateWindow({ ...SETTING, miners: 1 });
  near(stages.download, 0);
  near(stages.judge, 0.5 + 1);
  assert.throws(() => simulateWindow({ ...SETTING, validators: 0 }), RangeError);
});

const settings = fc.record({
  miners: fc.integer({ min: 1, max: 12 }),
  validators: fc.integer({ min: 1, max: 4 }),
  delivery: fc.constantFrom<WindowSetting["delivery"]>("store", "direct"),
  up: fc.integer({ min: 1, max: 1000 }),
  down: fc.integer({ min: 1, max: 1000 }),
  updateBytes: fc.integer({ min: 1, max: 1e8 }),
  pageBytes: fc.integer({ min: 0, max: 1e8 }),
  gate: fc.integer({ min: 0, max: 10 }),
  blockSeconds: fc.integer({ min: 0, max: 12 }),
  finalityBlocks: fc.integer({ min: 0, max: 3 }),
});

test("stages are never negative and are a whole number of blocks together; nothing makes a window shorter than its bytes", () => {
  fc.assert(
    fc.property(settings, ({ up, down, gate, ...rest }) => {
      const line = { uplinkMbps: up, downlinkMbps: down };
      const seconds = { ...SETTING.seconds, gate };
      const setting = { ...rest, line, validatorLine: line, seconds };
      const stages = simulateWindow(setting);
      for (const stage of STAGES) assert.ok(stages[stage] >= -1e-9, `${stage}: ${stages[stage]}`);
      near(stages.compute, seconds.compute);
      const all = windowSeconds(stages);
      if (rest.blockSeconds > 0) {
        const blocks = all / rest.blockSeconds;
        assert.ok(Math.abs(blocks - Math.round(blocks)) < 1e-6, `${blocks} blocks`);
      }
      const fetched = ((rest.miners - 1) * rest.updateBytes * 8) / (down * 1e6);
      const sent = (rest.updateBytes * 8) / (up * 1e6);
      const least = fetched + sent + rest.miners * gate + 109;
      assert.ok(all >= least - 1e-6, `${all} is less than ${least}`);
      assert.ok(utilisationOf(stages) <= 1);
    }),
    { numRuns: 200 },
  );
});

test("a faster line or more often a block never makes a window longer", () => {
  fc.assert(
    fc.property(settings, fc.integer({ min: 2, max: 5 }), ({ up, down, gate, ...rest }, times) => {
      const at = (factor: number): number => {
        const line = { uplinkMbps: up * factor, downlinkMbps: down * factor };
        const seconds = { ...SETTING.seconds, gate };
        return windowSeconds(simulateWindow({ ...rest, line, validatorLine: line, seconds }));
      };
      assert.ok(at(times) <= at(1) + 1e-6);
    }),
    { numRuns: 100 },
  );
});

test("validators that wait for nothing cost peers nothing", () => {
  const seconds = { ...SETTING.seconds, gate: 0 };
  const stages = simulateWindow({ ...SETTING, validatorLine: UNLIMITED, seconds });
  near(stages.judge, 0);
});
