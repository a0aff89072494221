/** @file The graphs of a device: which operators they hold, how the state is packed, and that a loop of steps is the steps, to the bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { DeviceOptions } from "../../../kernels/engine/device-calls.ts";
import { DeviceMemory } from "../../../kernels/engine/device-memory.ts";
import {
  AllAtOnce,
  type DeviceTrainer,
  StepByStep,
} from "../../../kernels/engine/device-trainer.ts";
import { floats, numbersOf, type Tensor } from "../../../kernels/engine/session.ts";
import type { Lowered } from "../../../kernels/graph/lower.ts";
import type { DeviceTraining } from "../../../kernels/nn/device-emission.ts";
import { loopProgram } from "../../../kernels/nn/device-loop.ts";
import {
  copyProgram,
  deviceEvaluation,
  deviceSampling,
  partProgram,
  patchProgram,
  stepProgram,
} from "../../../kernels/nn/device-programs.ts";
import { groupsOf, ROW } from "../../../kernels/nn/groups.ts";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../../kernels/optim/adamw.ts";
import { must, TINY_MODELS, tokenIds } from "../support.ts";

const BATCH = 4;
const STEPS = 4;

function trainingOf(name: string, microBatch: number): DeviceTraining {
  const model = must(TINY_MODELS.get(name));
  const groups = groupsOf(layoutOf(specsOf(model)));
  const parts = BATCH / microBatch;
  return { ...ADAMW_DEFAULTS, model, groups, microBatch, parts, recompute: false };
}

const shapeArbitrary = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 60 })),
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
  fc.constant([4096, 4097]),
  fc.constant([5000, 4000]),
);

test("groups hold every tensor once, in order, apart, of one kind of decay, in no more buffers than a shader takes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ shape: shapeArbitrary, decay: fc.boolean() }), { maxLength: 60 }),
      (shapes) => {
        const layout = layoutOf(shapes.map((one, i) => ({ name: `${i}`, ...one })));
        const groups = groupsOf(layout);
        const found = groups.flatMap(({ tensors }) => tensors);
        assert.deepEqual(
          found.toSorted((a, b) => a - b),
          [...shapes.keys()],
        );
        for (const { tensors, starts, length, decay } of groups) {
          assert.ok(tensors.every((tensor) => must(shapes[tensor]).decay === decay));
          assert.ok(tensors.length <= 14 && (length <= 2 ** 24 || tensors.length === 1));
          assert.ok(length % ROW === 0);
          const ends = starts.map((start, i) => start + must(layout.lengths[must(tensors[i])]));
          assert.deepEqual(starts, [0, ...ends.slice(0, -1)]);
          const rest = length - must(ends.at(-1));
          assert.ok(rest >= 0 && rest < ROW);
        }
      },
    ),
  );
});

test("standard operators only; a Loop in the graph for CUDA alone, a scatter where a candidate is applied alone", () => {
  for (const name of TINY_MODELS.keys()) {
    const training = trainingOf(name, 2);
    const { groups } = training;
    const counts = groups.map(() => 8);
    const programs: Record<string, Lowered> = {
      step: stepProgram(training),
      part: partProgram(training),
      loop: loopProgram(training, STEPS),
      evaluation: deviceEvaluation(training, 2),
      sampling: deviceSampling(training),
      copy: copyProgram(groups),
      patch: patchProgram(groups, counts),
    };
    for (const [kind, { bytes }] of Object.entries(programs)) {
      const text = Buffer.from(bytes).toString("latin1");
      const own = ["FusedMatMul", "SimplifiedLayer", "RotaryEmbedding", "QuickGelu"];
      for (const banned of [...own, "LogSoftmax", "ScatterElements"])
        assert.ok(!text.includes(banned), `${name}, ${kind}: ${banned}`);
      assert.equal(text.includes("Loop"), kind === "loop");
      assert.equal(text.includes("ScatterND"), kind === "patch");
    }
  }
});

/** The state after some steps, in the CPU's hands. */
async function trained(trainer: DeviceTrainer, { model, groups }: DeviceTraining): Promise<object> {
  const layout = layoutOf(specsOf(model));
  const theta = initialParameters(model, 1);
  const vectorOf = (of: (tensor: number) => Float32Array | undefined): Tensor[] =>
    groups.map(({ tensors, starts, length }) => {
      const values = new Float32Array(length);
      for (const [i, tensor] of tensors.entries()) values.set(of(tensor) ?? [], starts[i]);
      return floats(values, [length]);
    });
  const zeros = (): Tensor[] => vectorOf(() => undefined);
  const parameters = vectorOf((tensor) =>
    theta.subarray(
      layout.offsets[tensor],
      must(layout.offsets[tensor]) + must(layout.lengths[tensor]),
    ),
  );
  const start = { parameters, first: zeros(), second: zeros() };
  const count = STEPS * BATCH * (model.context + 1);
  try {
    const { losses, done, state } = await trainer.train(start, {
      tokens: Int32Array.from(tokenIds(count, model.vocabulary, 5).data),
      learningRates: Float32Array.of(1e-3, 2e-3, 3e-3, 1e-3),
      step: 7,
    });
    assert.equal(done, STEPS);
    const numbers = Object.entries(state).map(([name, tensors]) => [name, tensors.map(numbersOf)]);
    return { losses, ...Object.fromEntries(numbers) };
  } finally {
    await trainer.close();
  }
}

for (const microBatch of [4, 1])
  test(`a loop of steps is the steps, to the bit: ${BATCH / microBatch} parts a batch`, async () => {
    for (const name of ["llama with grouped queries", "gpt2 with biases"]) {
      const training = trainingOf(name, microBatch);
      const { model } = training;
      const sizes = { train: microBatch, evaluate: 1, recompute: false };
      const inner = { innerOptimizer: ADAMW_DEFAULTS, batch: BATCH, threads: 1 };
      const options: DeviceOptions = { device: "cpu", model, sizes, ...inner };
      const stepped = new StepByStep(options, training, new DeviceMemory("cpu"));
      const looped = new AllAtOnce(options, training);
      assert.deepEqual(await trained(looped, training), await trained(stepped, training), name);
    }
  });
