/**
 * @file One training story (AdamW, error feedback, compression, outer step) with a pinned digest: a machine that passes computes the
 * same bits as every other. The slow twin tells the same story and must reach the same digest.
 */
import assert from "node:assert/strict";
import { createHash, type Hash } from "node:crypto";
import { test } from "node:test";
import { compressUpdate } from "../../../kernels/compress/compress.ts";
import { adamwConstants, type AdamwGroup, type AdamwStep } from "../../../kernels/exact/adamw.ts";
import type { OuterStepOptions } from "../../../kernels/exact/outer-step.ts";
import type { SparseUpdate } from "../../../kernels/exact/sparse.ts";
import type { Vector } from "../../../kernels/exact/vector.ts";
import {
  accumulateErrorTwin,
  adamwTwin,
  type AdamwArrays,
  sumOfSquaresTwin,
} from "../../../kernels/reference/exact-dense.ts";
import {
  addSentTwin,
  outerStepTwin,
  quantiseTwin,
  topKTwin,
} from "../../../kernels/reference/exact-sparse.ts";
import { freshExact, steadyNumbers } from "./support.ts";

/** Pinned on x86-64, Node 24.21; changing it is a new protocol version. */
const GOLDEN = "b77fc187b324263c0d10d27bb955d2af0f56844ba6c6a3f1470cdd1371cd3302";

/** Tensors of odd sizes around the block (16,384) and the chunk (4,096). */
const layout = { offsets: [0, 33_001, 49_385, 49_386], lengths: [33_001, 16_384, 1, 4_097] };
const total = 53_483;
const rule = { k: 64, chunk: 4096 };
const groups: readonly AdamwGroup[] = [
  { start: 0, length: 49_385, decay: true },
  { start: 49_385, length: 4_098, decay: false },
];

type Arrays = AdamwArrays & { readonly start: Float32Array; readonly error: Float32Array };

/** What the story needs of an engine that works on `arrays` in place. */
type Engine = {
  readonly arrays: Arrays;
  readonly clipScale: () => number;
  readonly adamw: (step: AdamwStep) => void;
  readonly accumulate: () => void;
  readonly compress: () => SparseUpdate;
  readonly outerStep: (updates: readonly SparseUpdate[], options: OuterStepOptions) => void;
};

function exactEngine(): Engine {
  const exact = freshExact(6 * total);
  const [parameters, firstMoment, secondMoment, gradient, start, error] = Array.from(
    { length: 6 },
    () => exact.vector(total),
  );
  assert.ok(parameters && firstMoment && secondMoment && gradient && start && error);
  const vectors: Readonly<Record<keyof Arrays, Vector>> = {
    parameters,
    firstMoment,
    secondMoment,
    gradient,
    start,
    error,
  };
  const arrays: Arrays = {
    parameters: parameters.view,
    firstMoment: firstMoment.view,
    secondMoment: secondMoment.view,
    gradient: gradient.view,
    start: start.view,
    error: error.view,
  };
  return {
    arrays,
    clipScale: () => exact.clipScale(exact.sumOfSquares(gradient), 1).scale,
    adamw: (step) => {
      exact.adamw(vectors, step, groups);
    },
    accumulate: () => {
      exact.accumulateError(error, { start, end: parameters }, 0.9);
    },
    compress: () => compressUpdate(exact, error, layout, rule),
    outerStep: (updates, options) => {
      exact.outerStep(start, layout, updates, options);
    },
  };
}

const zeros = (): Float32Array => new Float32Array(total);

function twinEngine(): Engine {
  const arrays: Arrays = {
    parameters: zeros(),
    firstMoment: zeros(),
    secondMoment: zeros(),
    gradient: zeros(),
    start: zeros(),
    error: zeros(),
  };
  return {
    arrays,
    clipScale: () => Math.fround(Math.min(1, 1 / Math.sqrt(sumOfSquaresTwin(arrays.gradient)))),
    adamw: (step) => {
      for (const group of groups) adamwTwin(arrays, adamwConstants(step), group);
    },
    accumulate: () => {
      accumulateErrorTwin(arrays.error, arrays.start, arrays.parameters, 0.9);
    },
    compress: () => {
      const update = layout.lengths.map((length, tensor) => {
        const offset = layout.offsets[tensor] ?? 0;
        const part = arrays.error.subarray(offset, offset + length);
        const indices = topKTwin(part, rule);
        const values = Float32Array.from(indices, (i) => part[i] ?? 0);
        return { indices, values: quantiseTwin(values, length, rule) };
      });
      addSentTwin(arrays.error, layout, update, -1);
      return update;
    },
    outerStep: (updates, options) => {
      outerStepTwin(arrays.start, layout, updates, options);
    },
  };
}

/** Little-endian float32 bytes. */
function hashFloats(hash: Hash, numbers: ArrayLike<number>): void {
  const bytes = new DataView(new ArrayBuffer(4 * numbers.length));
  for (let i = 0; i < numbers.length; i++) bytes.setFloat32(4 * i, numbers[i] ?? 0, true);
  hash.update(bytes);
}

function story({ arrays, ...engine }: Engine): string {
  const hash = createHash("sha256");
  arrays.parameters.set(steadyNumbers(total, 1));
  arrays.start.set(arrays.parameters);
  arrays.error.set(steadyNumbers(total, 2).map((x) => x / 1024));
  const settings = {
    learningRate: 0.003,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
  };
  const updates: SparseUpdate[] = [];
  for (let step = 1; step <= 3; step++) {
    arrays.gradient.set(steadyNumbers(total, 10 * step));
    engine.adamw({ ...settings, step, scale: engine.clipScale() });
    engine.accumulate();
    updates.push(engine.compress());
  }
  for (const { indices, values } of updates.flat()) {
    hashFloats(hash, indices);
    hashFloats(hash, values);
  }
  for (const mean of ["choosers", "all"] as const) {
    engine.outerStep(updates, { alpha: 0.7, mean });
    hashFloats(hash, arrays.start);
  }
  for (const numbers of [arrays.parameters, arrays.firstMoment, arrays.secondMoment, arrays.error])
    hashFloats(hash, numbers);
  return hash.digest("hex");
}

test("exact.wasm reaches the golden digest", () => {
  assert.equal(story(exactEngine()), GOLDEN);
});

test("the slow twin reaches the golden digest", () => {
  assert.equal(story(twinEngine()), GOLDEN);
});
