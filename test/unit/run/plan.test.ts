/** @file Plans: bytes and seconds of models that do not fit this machine, held to what can be worked out by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { lineFor, type Peer, type Plan, planOf, type WindowPlan } from "../../../src/run/plan.ts";
import { MODELS, PLANNED_MODELS } from "../../../src/run/presets.ts";
import { windowSeconds } from "../../../src/run/window-simulation.ts";

const PEER: Peer = { devices: 8, teraflops: 555, cores: 64, uplinkMbps: 1000, downlinkMbps: 1000 };
const WINDOW: WindowPlan = {
  steps: 30,
  batch: 192,
  peers: 17,
  validators: 3,
  delivery: "store",
  k: 64,
  chunk: 4096,
  momentBits: 32,
  microBatch: 8,
  sequences: 16,
  workers: 1,
  blockSeconds: 2,
  finalityBlocks: 2,
};
const covenant = (peer: Partial<Peer> = {}, window: Partial<WindowPlan> = {}): Plan =>
  planOf(PLANNED_MODELS["72b"], { ...PEER, ...peer }, { ...WINDOW, ...window });

test("the plan of 72b: the published parameters and computing time, bytes by hand", () => {
  const plan = covenant();
  assert.equal(plan.parameters, 72_747_327_488);
  assert.equal(plan.miner["theta"], 4 * 72_747_327_488);
  // 30 * 192 * 2048 tokens = the published 11.8 M; 20 minutes for them.
  assert.ok(Math.abs(plan.seconds.compute - 1200) < 5, String(plan.seconds.compute));
  // 64 of 4096 with a sign each have 0.1307 bit and a magnitude 0.002; the most that a valid body may take is a little above its mean.
  assert.ok(plan.bitsPerParameter > 0.1327 && plan.bitsPerParameter < 0.16);
  assert.equal(plan.fetchedBytes, 16 * plan.updateBytes);
  assert.equal(plan.sentBytes, plan.updateBytes);
  assert.equal(covenant({}, { delivery: "direct" }).sentBytes, 19 * plan.updateBytes);
  // 47 MB of pages come on the same line, and are there before the last update is.
  const shared = (8 * (plan.fetchedBytes + plan.setting.pageBytes)) / 1e9;
  assert.ok(Math.abs(plan.seconds.download - shared) < 1e-6, String(plan.seconds.download));
  assert.equal(plan.seconds.pages, 0);
});

test("eight-bit moments take a quarter and their scales, a single micro-batch no sum", () => {
  const [wide, narrow] = [covenant(), covenant({}, { momentBits: 8, microBatch: 192 })];
  const share = (narrow.miner["moments"] ?? 0) / (wide.miner["moments"] ?? 1);
  assert.ok(share > 0.25 && share < 0.255, String(share));
  assert.equal(narrow.miner["accumulated"], 0);
  assert.equal(wide.miner["accumulated"], wide.miner["theta"]);
});

test("with the line that it asks for, and hardly with a slower one, a plan has the utilisation", () => {
  fc.assert(
    fc.property(
      fc.record({
        peers: fc.integer({ min: 2, max: 20 }),
        delivery: fc.constantFrom("store", "direct"),
        cores: fc.integer({ min: 32, max: 512 }),
        wanted: fc.double({ min: 0.5, max: 0.97, noNaN: true }),
      }),
      fc.constantFrom("8b", "72b"),
      ({ peers, delivery, cores, wanted }, name) => {
        const planned = PLANNED_MODELS[name];
        const window = { ...WINDOW, peers, delivery };
        const mbps = lineFor(wanted, planOf(planned, { ...PEER, cores }, window).setting);
        fc.pre(Number.isFinite(mbps));
        const at = (line: number): number =>
          planOf(planned, { ...PEER, cores, uplinkMbps: line, downlinkMbps: line }, window)
            .utilisation;
        assert.ok(at(mbps) >= wanted, String(at(mbps)));
        assert.ok(at(mbps / 1.01) < wanted, String(at(mbps / 1.01)));
      },
    ),
    { numRuns: 6 },
  );
});

test("no line helps a peer whose own work takes all of the time that is left", () => {
  const plan = covenant({ cores: 1 });
  assert.equal(lineFor(0.945, plan.setting), Infinity);
  assert.ok(plan.utilisation < 0.6);
});

test("the stages add up, and faster lines never lower the utilisation", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 100_000 }), (mbps) => {
      const slow = planOf(MODELS["1b"], { ...PEER, downlinkMbps: mbps }, WINDOW);
      const fast = planOf(MODELS["1b"], { ...PEER, downlinkMbps: 2 * mbps }, WINDOW);
      const total = windowSeconds(slow.seconds);
      assert.ok(Math.abs(slow.utilisation - slow.seconds.compute / total) < 1e-12);
      assert.ok(fast.utilisation >= slow.utilisation - 1e-12);
    }),
    { numRuns: 30 },
  );
});
