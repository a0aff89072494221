/** @file The demo's manifest is valid for every number of windows that the command accepts; the model presets train. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { startEngine } from "../../../kernels/engine/engine.ts";
import { initialParameters, type ModelConfig } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { encodeManifest, parseManifest } from "../../../src/protocol/manifest-file.ts";
import { demoManifest, MODELS, PLANNED_MODELS } from "../../../src/run/presets.ts";
import { parametersOf } from "../../../kernels/nn/memory.ts";

test("the demo's manifest encodes and parses back equal", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 100_000 }),
      fc.integer({ min: 128, max: 70_000 }),
      (windows, pages) => {
        const manifest = demoManifest({
          name: "localnet",
          netuid: 1,
          genesisCheckpoint: `0x${"01".repeat(32)}`,
          startBlock: 100,
          windows,
          data: { manifest: `0x${"02".repeat(32)}`, pages },
        });
        assert.deepEqual(parseManifest(encodeManifest(manifest)).manifest, manifest);
        assert.ok(manifest.inner.warmupSteps >= 1);
        assert.ok(manifest.inner.warmupSteps < manifest.inner.totalSteps);
      },
    ),
  );
});

test("the presets have the sizes that their names say, and the planned models the published ones", () => {
  const sizes = Object.entries(MODELS).map(([name, model]) => [name, parametersOf(model)]);
  assert.deepEqual(Object.fromEntries(sizes), {
    nano: 117_056,
    "1m": 1_022_336,
    "10m": 10_720_128,
    "124m": 124_337_664,
    "350m": 353_503_232,
    "1b": 1_034_512_384,
  });
  // 72,747,327,488: Covenant-72B, arXiv 2603.08163; 8,030,261,248: Llama 3 8B.
  const planned = Object.entries(PLANNED_MODELS).map(([name, model]) => [
    name,
    parametersOf(model),
  ]);
  assert.deepEqual(Object.fromEntries(planned), { "8b": 8_030_261_248, "72b": 72_747_327_488 });
});

for (const name of ["nano", "1m", "10m"] as const)
  test(`${name} fits a manifest, and the engine trains it: one inner step lowers its loss`, async () => {
    const shape = {
      name,
      netuid: 1,
      genesisCheckpoint: `0x${"01".repeat(32)}`,
      startBlock: 100,
      windows: 60,
      data: { manifest: `0x${"02".repeat(32)}`, pages: 1000 },
    } as const;
    const model: ModelConfig = MODELS[name];
    encodeManifest({ ...demoManifest(shape), model });
    const engine = await startEngine({
      model,
      batch: 1,
      evaluationBatch: 1,
      device: "cpu",
      innerOptimizer: ADAMW_DEFAULTS,
    });
    try {
      await engine.setParameters(initialParameters(model, 1));
      const tokens = Int32Array.from({ length: model.context + 1 }, (_, at) => (at * 31) % 64);
      const [before = 0] = await engine.losses({ tokens });
      await engine.train({ tokens, learningRates: Float32Array.of(1e-3) });
      await engine.adoptWorking();
      const [after = 0] = await engine.losses({ tokens });
      assert.ok(Math.abs(before - Math.log(256)) < 0.5, String(before));
      assert.ok(after < before, `${after} is not below ${before}`);
    } finally {
      await engine.close();
    }
  });
