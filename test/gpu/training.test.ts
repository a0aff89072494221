/** @file Training on WebGPU: 50 steps that are the CPU's within a tolerance, micro-batches, moments kept across windows, losses, samples. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { examine } from "../../kernels/engine/examination.ts";
import { initialParameters } from "../../kernels/nn/model.ts";
import { must, relativeL2, TINY_MODELS } from "../kernels/support.ts";
import { MODEL, open, sequences, training } from "./support.ts";

/** How far training by one window may take the parameters from where the CPU takes them, as a share of the way: 4e-6 was measured. */
const DELTA_TOLERANCE = 1e-4;
const LOSS_TOLERANCE = 2e-6;

const GPT2 = {
  ...MODEL,
  architecture: "gpt2",
  keyValueHeads: 4,
  bias: true,
  untied: true,
} as const;

const near = (actual: Float64Array, wanted: Float64Array): boolean =>
  relativeL2(actual, wanted) < LOSS_TOLERANCE;

for (const model of [MODEL, GPT2])
  test(`gradients and losses of ${model.architecture} with ${model.context} positions are the CPU's within 2e-6, of the middle model within 1e-5`, async () => {
    const found = await examine({ device: "webgpu", model, threads: 2 });
    assert.ok(found.distance < 2e-6, `${found.distance}`);
    assert.ok(found.middleDistance < 1e-5, `${found.middleDistance}`);
  });

test("50 steps in two windows: losses, parameters and moments are the CPU's, and so are losses of candidates and samples", async (t) => {
  const [gpu, cpu] = [await open("webgpu"), await open("cpu")];
  t.after(async () => Promise.all([gpu.close(), cpu.close()]));
  const start = initialParameters(MODEL, 1);
  for (const request of [training(20, 1), training(30, 2)]) {
    const [{ losses }, expected] = [await gpu.train(request), await cpu.train(request)];
    const worst = Math.max(
      ...losses.map((loss, i) => Math.abs(loss / must(expected.losses[i]) - 1)),
    );
    t.diagnostic(`worst loss ${worst}`);
    assert.ok(worst < LOSS_TOLERANCE, `${worst}`);
    await gpu.adoptWorking();
    await cpu.adoptWorking();
  }
  const [reached, expected] = [await gpu.parameters(), await cpu.parameters()];
  const way = (to: Float32Array): Float32Array => to.map((x, i) => x - must(start[i]));
  const distance = relativeL2(way(reached), way(expected));
  t.diagnostic(`distance after 50 steps ${distance}`);
  assert.ok(distance < DELTA_TOLERANCE, `${distance}`);
  const [moments, onHost] = [await gpu.momentState(), await cpu.momentState()];
  assert.equal(moments.step, 50);
  for (const name of ["m", "v"] as const)
    assert.ok(relativeL2(moments[name], onHost[name]) < DELTA_TOLERANCE, name);

  // From here both have the same parameters to the bit.
  await gpu.setParameters(expected);
  const tokens = sequences(5, 9);
  await cpu.train(training(2, 3));
  const { update } = await cpu.compress({ k: 16, chunk: 256, beta: 1 });
  const base = await gpu.losses({ tokens });
  assert.ok(near(base, await cpu.losses({ tokens })));
  const moved = { tokens, update, factor: 20 };
  const candidate = await gpu.losses(moved);
  assert.ok(near(candidate, await cpu.losses(moved)) && !near(candidate, base));
  assert.deepEqual(await gpu.losses({ tokens }), base);
  const prompt = { prompt: Int32Array.of(5, 6), count: 5, temperature: 0, seed: 1 };
  assert.deepEqual(await gpu.sample(prompt), await cpu.sample(prompt));
});

test("a batch in parts, and layers computed again, take the same way", async (t) => {
  const model = must(TINY_MODELS.get("gpt2 with biases"));
  const ways = await Promise.all(
    [{}, { microBatch: 1 }, { recompute: true }].map(async (more) => {
      const core = await open("webgpu", { model, ...more });
      t.after(async () => core.close());
      const { losses } = await core.train(training(5, 3, model));
      return { losses, m: (await core.momentState()).m };
    }),
  );
  for (const { losses, m } of ways) {
    assert.ok(relativeL2(losses, must(ways[0]).losses) < LOSS_TOLERANCE);
    assert.ok(relativeL2(m, must(ways[0]).m) < 1e-5);
  }
});

test("the same bits each time", async (t) => {
  const runs = await Promise.all(
    [1, 2].map(async () => {
      const core = await open("webgpu");
      t.after(async () => core.close());
      await core.train(training(3, 4));
      return core.momentState();
    }),
  );
  assert.deepEqual(runs[1], runs[0]);
});
