/** @file A stranger's update meets the real engine: whatever it does to the losses, the validator goes on. */
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { KernelError } from "../../../../kernels/errors.ts";
import { initialParameters } from "../../../../kernels/nn/model.ts";
import { type Engine, startEngine } from "../../../../kernels/engine/engine.ts";
import { gateUpdate } from "../../../../src/gauntlet/gate.ts";
import type { SparseUpdate } from "../../../../src/protocol/codec.ts";
import { lossesWith } from "../../../../validator/evaluation/losses.ts";

const MODEL = {
  architecture: "llama",
  layers: 1,
  heads: 2,
  keyValueHeads: 2,
  width: 16,
  hidden: 32,
  context: 8,
  vocabulary: 32,
  ropeBase: 10_000,
  normEpsilon: 1e-5,
} as const;
const TOKENS = Int32Array.from({ length: 4 * 9 }, (_, at) => (at * 7) % 32);
const BATCH = { tokens: TOKENS, sequences: 4 };

let engine: Engine;
before(async () => {
  const innerOptimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 };
  engine = await startEngine({
    model: MODEL,
    batch: 1,
    evaluationBatch: 4,
    device: "cpu",
    innerOptimizer,
  });
  await engine.setParameters(initialParameters(MODEL, 1));
});
after(() => engine.close());

/** Every coordinate of every tensor moved by `value`. */
function flood(value: number): SparseUpdate {
  return engine.layout.lengths.map((length) => ({
    indices: Uint32Array.from({ length }, (_, at) => at),
    values: new Float32Array(length).fill(value),
  }));
}

test("updates of any size the codec lets through give losses or NaN, and the engine lives", async () => {
  const base = Array.from(await engine.losses({ tokens: TOKENS }));
  for (const value of [0, 1e-30, 1, 1e4])
    for (const factor of [0.14, 1, 1e30]) {
      const losses = await lossesWith(engine, { update: flood(value), factor }, BATCH);
      assert.equal(losses.length, 4);
      const { reason } = gateUpdate({ before: base, after: losses });
      if (!losses.every(Number.isFinite)) assert.equal(reason, "not-finite");
    }
  assert.deepEqual(
    Array.from(await engine.losses({ tokens: TOKENS })),
    base,
    "theta was not touched",
  );
});

test("only what the update did is forgiven", async () => {
  const broken = { losses: () => Promise.reject(new KernelError("worker-crashed", "gone")) };
  await assert.rejects(lossesWith(broken, { update: [], factor: 1 }, BATCH), /worker-crashed/);
  const diverging = { losses: () => Promise.reject(new KernelError("not-finite", "NaN")) };
  assert.deepEqual(await lossesWith(diverging, { update: [], factor: 1 }, BATCH), [
    Number.NaN,
    Number.NaN,
    Number.NaN,
    Number.NaN,
  ]);
});
