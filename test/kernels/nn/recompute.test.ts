/** @file Layers that the backward pass computes again: the same gradients to the bit, in both forms of a graph, for less memory. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { lower } from "../../../kernels/graph/lower.ts";
import {
  initialParameters,
  layoutOf,
  type ModelConfig,
  specsOf,
} from "../../../kernels/nn/model.ts";
import { activationBytes } from "../../../kernels/nn/memory.ts";
import { NAMES, trainingProgram } from "../../../kernels/nn/programs.ts";
import type { Tensor64 } from "../../../kernels/reference/tensor64.ts";
import { DEEP, must, NANO, run, TARGETS, TINY_MODELS, tokenIds } from "../support.ts";

const BATCH = 2;

function feedsOf(config: ModelConfig, batch: number): Map<string, Tensor64> {
  const { specs, offsets, lengths } = layoutOf(specsOf(config));
  const flat = initialParameters(config, 3);
  const count = batch * config.context;
  const feeds = new Map<string, Tensor64>([
    [NAMES.ids, tokenIds(count, config.vocabulary, 1)],
    [NAMES.targets, tokenIds(count, config.vocabulary, 2)],
  ]);
  specs.forEach((spec, i) => {
    const start = must(offsets[i]);
    const data = Float64Array.from(flat.subarray(start, start + must(lengths[i])));
    feeds.set(spec.name, { shape: spec.shape, data });
  });
  return feeds;
}

for (const [name, config] of TINY_MODELS)
  test(`${name}: recomputed layers give the same loss and gradients to the bit`, async () => {
    const feeds = feedsOf(config, BATCH);
    for (const target of TARGETS) {
      const [kept, again] = [trainingProgram(config, BATCH), trainingProgram(config, BATCH, true)];
      assert.ok(lower(again, target).nodes > 1.15 * lower(kept, target).nodes);
      const expected = await run(kept, feeds, { target });
      const actual = await run(again, feeds, { target });
      assert.deepEqual([...actual.keys()].toSorted(), [...expected.keys()].toSorted());
      for (const [output, values] of expected)
        must(actual.get(output)).forEach((x, i) =>
          // Adding nothing of the gradient makes -0 of the inputs +0.
          assert.ok(x === values[i], `${output}: ${x} instead of ${values[i]} at ${i}`),
        );
    }
  });

/** Most memory of a process that trains one step, bytes. */
function peakOf(recompute: boolean): number {
  const script = fileURLToPath(new URL("../fixtures/train-once.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, String(recompute)], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return Number(stdout);
}

test("a deep model takes less than half of the memory, and what was estimated", () => {
  const [kept, again] = [peakOf(false), peakOf(true)];
  // About what a process takes without any layer.
  const rest = 110e6;
  assert.ok(kept - rest > 2 * (again - rest), `${again} beside ${kept} bytes`);
  const estimate = DEEP.batch * activationBytes(DEEP.model);
  assert.ok(estimate > 0.85 * (kept - rest), `${estimate} for ${kept - rest}`);
  assert.ok(estimate < 1.7 * (kept - rest), `${estimate} for ${kept - rest}`);
});

const nodesOf = (model: ModelConfig): number =>
  lower(trainingProgram(model, 1), must(TARGETS[0])).nodes;

test("large results of light operations are made again, to the same bits", async () => {
  const config = { ...NANO, layers: 1, width: 16, context: 128 };
  // SwiGLU's result on each side of the size from which it is made again.
  const [small, large] = [8192, 8200].map((hidden) => ({ ...config, hidden }));
  assert.equal(nodesOf(must(large)), nodesOf(must(small)) + 2);
  const feeds = feedsOf(must(large), 1);
  for (const target of TARGETS) {
    const made = await run(trainingProgram(must(large), 1), feeds, { target });
    const kept = await run(trainingProgram(must(large), 1, true), feeds, { target });
    for (const [output, values] of kept)
      must(made.get(output)).forEach((x, i) => assert.ok(x === values[i], `${output} at ${i}`));
  }
});
