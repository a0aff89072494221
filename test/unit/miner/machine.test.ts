/** @file `miner bench`: what is measured, what it is worth on a run, and what `miner` makes of it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { engineOf, nodeOptionsOf } from "../../../miner/machine/defaults.ts";
import { measure, type Question } from "../../../miner/machine/measure.ts";
import { blockSecondsOf, watchBlocks } from "../../../miner/machine/pace.ts";
import { prospectsOf } from "../../../miner/machine/prospects.ts";
import { loadSettings, saveSettings, type Settings } from "../../../miner/machine/settings.ts";
import { minerOptions } from "../../../miner/options.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { MODELS } from "../../../src/run/presets.ts";
import type { Far } from "../../../src/command/progress.ts";

const SILENT = { tell: () => undefined, far: () => undefined };

const WORK = { steps: 30, batch: 10, context: 100, trainSeconds: 60 };

test("who does a window's steps in time is paid as one more miner, who does half of them as half of one", () => {
  const paid = [300n, 500n, 0n, 400n];
  const whole = prospectsOf(500, WORK, paid);
  assert.deepEqual(whole, { neededSeconds: 60, share: 1, steps: 30, expectedRao: 300n });
  const half = prospectsOf(250, WORK, paid);
  assert.deepEqual([half.share, half.steps], [0.5, 15]);
  // 1200 * 0.5 / 3.5
  assert.equal(half.expectedRao, 171n);
  assert.equal(prospectsOf(250, WORK, [0n]).expectedRao, null);
});

test("prospects never exceed what there is, and more speed never earns less", () => {
  const pays = fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e9, noNaN: true }), pays, (speed, paid) => {
      const [slow, fast] = [prospectsOf(speed, WORK, paid), prospectsOf(2 * speed, WORK, paid)];
      const total = paid.reduce((sum, one) => sum + one, 0n);
      assert.ok(slow.share > 0 && slow.share <= 1 && slow.steps <= WORK.steps);
      if (slow.expectedRao === null || fast.expectedRao === null) {
        assert.equal(total, 0n);
        return;
      }
      assert.ok(slow.expectedRao <= fast.expectedRao && 2n * fast.expectedRao <= total + 1n);
    }),
  );
});

test("a block takes what lies between those that were seen to come; too few say nothing", () => {
  const sights = [10, 11, 14].map((block, at) => ({ block, atMs: 1000 + 800 * at }));
  assert.equal(blockSecondsOf(sights), 0.4);
  for (const few of [0, 1, 2]) assert.equal(blockSecondsOf(sights.slice(0, few)), null);
});

test("blocks are watched from the first that comes until the watch is over", async () => {
  const over = new AbortController();
  let [number, clock] = [7, 0];
  const blocks = {
    get current() {
      return { number, hash: "0x00" as const };
    },
    reached: async (block: number) => {
      over.signal.throwIfAborted();
      clock += 250;
      number = Math.max(number + 1, block);
      if (number === 11) over.abort();
      return { number, hash: "0x00" as const };
    },
  };
  const sights = await watchBlocks(blocks, over.signal, () => clock);
  assert.deepEqual(
    sights.map(({ block, atMs }) => [block, atMs]),
    [8, 9, 10, 11].map((block, at) => [block, 250 * (at + 1)]),
  );
  assert.equal(blockSecondsOf(sights), 0.25);
});

const FOUND: Settings = {
  device: "cpu",
  threads: 2,
  microBatch: 4,
  parameters: 117_056,
  context: 64,
};

test("what was measured is kept, and a file that is none counts as absent", async () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-machine-"));
  try {
    const place = join(folder, "nodes");
    assert.equal(await loadSettings(place), null);
    const path = await saveSettings(place, FOUND);
    assert.deepEqual(await loadSettings(place), FOUND);
    for (const text of [
      "",
      "{",
      "[]",
      JSON.stringify({ ...FOUND, threads: 0 }),
      '{"device":"tpu"}',
    ]) {
      writeFileSync(path, text);
      assert.equal(await loadSettings(place), null, text);
    }
    assert.equal(readFileSync(path, "utf8"), '{"device":"tpu"}');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const run = (batch: number) => ({ model: MODELS.nano, inner: { batch } });

test("miner takes it as its defaults; what it is told stands above", () => {
  const plain = minerOptions.parse({});
  assert.equal(nodeOptionsOf(plain, null).threads, 1);
  assert.deepEqual(
    [nodeOptionsOf(plain, FOUND).threads, nodeOptionsOf(plain, FOUND).device],
    [2, "cpu"],
  );
  const told = minerOptions.parse({
    threads: "8",
    device: "webgpu",
    microBatch: 3,
    momentBits: "8",
  });
  assert.deepEqual(
    [nodeOptionsOf(told, FOUND).threads, nodeOptionsOf(told, FOUND).device],
    [8, "webgpu"],
  );
  // A GPU that was found to be fastest may be gone or busy: it is examined again.
  assert.equal(nodeOptionsOf(plain, { ...FOUND, device: "cuda" }).device, "auto");

  assert.deepEqual(engineOf(plain, FOUND, run(12)), { momentBits: 32, microBatch: 4 });
  assert.deepEqual(engineOf(told, FOUND, run(12)), { momentBits: 8, microBatch: 3 });
  for (const [settings, batch] of [
    [null, 12],
    [FOUND, 10],
    [{ ...FOUND, parameters: 1 }, 12],
  ] as const)
    assert.deepEqual(engineOf(plain, settings, run(batch)), { momentBits: 32 });
});

test("measures each way, names the fastest, and holds it against a product of matrices of the same run", async () => {
  const model = { ...MODELS.nano, layers: 1, width: 32, hidden: 64, context: 32 };
  const told: string[] = [];
  const question = { model, batch: 8, device: "cpu", threads: [1], aimMs: 60 } as const;
  const far: Far[] = [];
  const found = await measure(
    { ...question, innerOptimizer: ADAMW_DEFAULTS },
    { tell: (line) => void told.push(line), far: (one) => void far.push(one) },
  );
  assert.deepEqual(
    far.map(({ done, of }) => `${done} of ${of}`),
    ["1 of 3", "2 of 3", "3 of 3"],
  );
  assert.equal(found.largestMicroBatch, 8);
  assert.deepEqual(
    found.speeds.map(({ microBatch }) => microBatch),
    [8, 2, 1],
  );
  assert.equal(told.length, 3);
  const fastest = Math.max(...found.speeds.map(({ tokensPerSecond }) => tokensPerSecond));
  assert.equal(found.best.tokensPerSecond, fastest);
  assert.ok(found.best.gigaflops > 0.1 && found.ceilingGigaflops > found.best.gigaflops);
  assert.ok(found.peakBytes > 5e7);
  assert.deepEqual(found.refused, []);
});

test("measures what the run trains with: Muon's and eight-bit moments' time is theirs, and settings that no engine takes are refused", async () => {
  const model = { ...MODELS.nano, layers: 2, width: 128, hidden: 512, context: 8 };
  const question = { model, batch: 1, device: "cpu", threads: [1], aimMs: 40 } as const;
  const speedOf = async (how: Pick<Question, "innerOptimizer" | "momentBits">): Promise<number> =>
    (await measure({ ...question, ...how }, SILENT)).best.tokensPerSecond;
  const muon = { ...ADAMW_DEFAULTS, kind: "muon" } as const;
  // On so few tokens Muon's products of matrices are most of a step: five times what AdamW takes.
  assert.ok(
    (await speedOf({ innerOptimizer: muon })) <
      0.5 * (await speedOf({ innerOptimizer: ADAMW_DEFAULTS })),
  );
  await assert.rejects(
    speedOf({ innerOptimizer: muon, momentBits: 8 }),
    /muon's momentum needs 32 bits/,
  );
});
