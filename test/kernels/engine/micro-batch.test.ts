/** @file A batch in parts: the gradient of the whole, within rounding, the same bits each time; sizes that fit in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { EngineCore } from "../../../kernels/engine/core.ts";
import { KernelError } from "../../../kernels/errors.ts";
import {
  activationBytes,
  largestEvaluationBatch,
  largestMicroBatch,
} from "../../../kernels/nn/memory.ts";
import { initialParameters } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { must, relativeL2, TINY_MODELS, tokenIds } from "../support.ts";

const BATCH = 6;
const MODEL = must(TINY_MODELS.get("llama with grouped queries"));

async function trained(steps: number, microBatch?: number) {
  const core = await EngineCore.open(
    {
      model: MODEL,
      batch: BATCH,
      evaluationBatch: 1,
      innerOptimizer: ADAMW_DEFAULTS,
      ...(microBatch !== undefined && { microBatch }),
    },
    "cpu",
  );
  try {
    await core.setParameters(initialParameters(MODEL, 1));
    const count = steps * BATCH * (MODEL.context + 1);
    const { losses } = await core.train({
      tokens: Int32Array.from(tokenIds(count, MODEL.vocabulary, 3).data),
      learningRates: new Float32Array(steps).fill(0.003),
    });
    const { m, v } = await core.momentState();
    return { losses, m, v };
  } finally {
    await core.close();
  }
}

test("the gradient of micro-batches is that of the batch within 1e-6, and losses stay within 1e-5 over 30 steps", async () => {
  const whole = await trained(1);
  const long = await trained(30);
  for (const micro of [1, 2, 3]) {
    const parts = await trained(1, micro);
    // After one step the first moment is a tenth of the clipped gradient.
    assert.ok(relativeL2(parts.m, whole.m) < 1e-6, `${micro}: ${relativeL2(parts.m, whole.m)}`);
    assert.ok(relativeL2(parts.losses, whole.losses) < 1e-6);
    const { losses } = await trained(30, micro);
    assert.ok(relativeL2(losses, long.losses) < 1e-5, `${relativeL2(losses, long.losses)}`);
  }
});

test("the same bits each time, and a micro-batch as large as the batch is no micro-batch", async () => {
  const [once, again] = [await trained(5, 2), await trained(5, 2)];
  assert.deepEqual(again, once);
  assert.deepEqual(await trained(5, BATCH), await trained(5));
});

test("a micro-batch that does not divide the batch is refused by name", async () => {
  for (const micro of [4, 0, 7, 1.5])
    await assert.rejects(
      trained(1, micro),
      (error) =>
        error instanceof KernelError &&
        error.code === "bad-config" &&
        /batch of 6/.test(error.message),
    );
});

test("the engine's own choice divides the batch and fits, or is 1", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      (batch, bytes) => {
        const micro = largestMicroBatch(MODEL, batch, { bytes, recompute: false });
        assert.equal(batch % micro, 0);
        assert.ok(micro === 1 || micro * activationBytes(MODEL) <= bytes);
        for (let larger = micro + 1; larger <= batch; larger++)
          if (batch % larger === 0) assert.ok(larger * activationBytes(MODEL) > bytes);
        const evaluated = largestEvaluationBatch(MODEL, batch, bytes);
        assert.ok(evaluated >= 1 && evaluated <= batch);
      },
    ),
  );
});
