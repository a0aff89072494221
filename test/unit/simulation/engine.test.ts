/** @file The losses that a simulated engine remembers are those that it would measure. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { EngineOptions, LossesRequest } from "../../../kernels/engine/calls.ts";
import { EngineCore } from "../../../kernels/engine/core.ts";
import type { SparseUpdate } from "../../../kernels/exact/sparse.ts";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { LossMemo, openSimulatedEngine } from "../../../simulation/engine.ts";
import { Gate } from "../../../simulation/gate.ts";
import { SimulatedTime } from "../../../simulation/time.ts";
import { MODELS } from "../../../src/run/presets.ts";

const model = { ...MODELS.nano, layers: 1, width: 16, hidden: 32, context: 8 };
const layout = layoutOf(specsOf(model));
const OPTIONS: EngineOptions = {
  model,
  batch: 2,
  evaluationBatch: 2,
  innerOptimizer: ADAMW_DEFAULTS,
};
const tokens = Int32Array.from({ length: 18 }, (_, at) => (at * 7) % 256);

const place = (memo: LossMemo) => ({
  time: new SimulatedTime(),
  gate: new Gate(),
  memo,
  trainMs: () => 0,
  onTrain: () => undefined,
});

/** An update that says the same numbers at the same places, of one tensor or of the next. */
const movedBy = (tensor: number): SparseUpdate =>
  layout.lengths.map((_, at) => {
    const isHere = at === tensor;
    return {
      indices: Uint32Array.from(isHere ? [1] : []),
      values: Float32Array.from(isHere ? [9] : []),
    };
  });

/** What an engine without a memory says. */
async function measured(options: EngineOptions, theta: Float32Array, request: LossesRequest) {
  const core = await EngineCore.open(options, "cpu");
  await core.setParameters(theta);
  const losses = await core.losses(request);
  await core.close();
  return losses;
}

test("requests that differ in anything are not taken for one another", async () => {
  const memo = new LossMemo();
  const theta = initialParameters(model, 1);
  const requests: LossesRequest[] = [
    { tokens },
    { tokens: tokens.subarray(9) },
    { tokens, update: movedBy(0) },
    { tokens, update: movedBy(1) },
    { tokens, update: movedBy(1), factor: 0.5 },
  ];
  const all: readonly EngineOptions[] = [
    OPTIONS,
    { ...OPTIONS, model: { ...model, normEpsilon: 0.1 } },
    { ...OPTIONS, model: { ...model, ropeBase: 2 } },
    { ...OPTIONS, outerOptimizer: { kind: "demo" } },
  ];
  const seen = new Set<string>();
  for (const options of all) {
    const engine = await openSimulatedEngine(options, place(memo));
    await engine.setParameters(theta);
    for (const request of requests) {
      const losses = await engine.losses(request);
      assert.deepEqual(losses, await measured(options, theta, request));
      assert.deepEqual(await engine.losses(request), losses);
      seen.add(losses.join());
    }
    await engine.close();
  }
  assert.ok(seen.size > 15, `${seen.size} different answers`);
});

test("what theta was before a call that moves it is not remembered as what it is after", async () => {
  const engine = await openSimulatedEngine(OPTIONS, place(new LossMemo()));
  const [one, other] = [initialParameters(model, 1), initialParameters(model, 2)];
  await engine.setParameters(one);
  // Made in one breath: the second waits for the first.
  const [before] = await Promise.all([engine.losses({ tokens }), engine.setParameters(other)]);
  assert.deepEqual(before, await measured(OPTIONS, one, { tokens }));
  assert.deepEqual(await engine.losses({ tokens }), await measured(OPTIONS, other, { tokens }));
  await engine.close();
});

test("a measurement that failed is made again", async () => {
  const memo = new LossMemo();
  await assert.rejects(
    memo.of("key", () => Promise.reject(new Error("killed"))),
    /killed/,
  );
  assert.deepEqual(await memo.of("key", async () => Float64Array.of(1)), Float64Array.of(1));
});
