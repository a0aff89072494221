/** @file Moments in eight bits: the stated bounds on any numbers, and a step that is AdamW's on what the codes stand for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { adamwConstants } from "../../../kernels/exact/adamw.ts";
import type { Exact } from "../../../kernels/exact/exact.ts";
import type { PackedGroup, PackedMoments } from "../../../kernels/exact/packed-moments.ts";
import { adamwTwin } from "../../../kernels/reference/exact-dense.ts";
import { freshExact, load, number32, sameBits, steadyNumbers } from "./support.ts";

/** Largest relative error of a number in range: half of a step, and what the logarithm is off. */
const HALF_STEP = 2 ** (1 / 16) * 1.0001 - 1;
const WHOLE_STEP = 2 ** (1 / 8) * 1.0001 - 1;
/** Below this part of the block's largest a first moment is zero or stands this far off; a second is raised to its own least. */
const LEAST = { first: 2 ** -15.75, second: 2 ** -31.875 } as const;
const BLOCK = 256;

const fours = (most: number): fc.Arbitrary<number> =>
  fc.integer({ min: 1, max: most / 4 }).map((n) => 4 * n);

/** Numbers of very different sizes beside each other, zeros and denormals among them. */
const scattered = (length: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(
      fc.oneof(
        number32.filter((x) => Math.abs(x) < 1e30),
        fc
          .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -60, max: 20 }))
          .map(([x, exponent]) => Math.fround(x * 2 ** exponent)),
      ),
      { minLength: length, maxLength: length },
    )
    .map((list) => Float32Array.from(list));

/** Runs that lie one behind the other, sometimes with a gap. */
const groupsOf = fc
  .array(fc.tuple(fours(700), fc.constantFrom(0, 4), fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((runs) => {
    let end = 0;
    return runs.map(([length, gap, decay]): PackedGroup => {
      const start = end + gap;
      end = start + length;
      return { start, length, decay };
    });
  });

const endOf = (groups: readonly PackedGroup[]): number =>
  Math.max(...groups.map(({ start, length }) => start + length));

function unpacked(
  moments: PackedMoments,
  length: number,
): { first: Float32Array; second: Float32Array } {
  const [first, second] = [new Float32Array(length), new Float32Array(length)];
  moments.read("first", first);
  moments.read("second", second);
  return { first, second };
}

/** Fails unless `kept` is as near to `given` as is stated, block by block; `near`: the relative error of a number in range. */
function assertKept(
  given: Float32Array,
  kept: Float32Array,
  moment: "first" | "second",
  near = HALF_STEP,
): void {
  for (let from = 0; from < given.length; from += BLOCK) {
    const block = given.subarray(from, from + BLOCK);
    const largest = block.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    block.forEach((x, i) => {
      const y = kept[from + i] ?? Number.NaN;
      const size = Math.abs(x);
      const least = LEAST[moment] * largest;
      if (size === largest) assert.equal(Math.abs(y), size, "the largest is exact");
      // A denormal has few bits to be near with.
      const slack = 2 ** -149;
      if (size >= least) assert.ok(Math.abs(y - x) <= near * size + slack, `${x} became ${y}`);
      else if (moment === "first") assert.ok(Math.abs(y - x) <= least + slack, `${x} became ${y}`);
      else assert.ok(y >= size && y <= least * (1 + near) + slack, `${x} became ${y}`);
    });
  }
}

test("numbers are kept within the stated bounds, and packing what was unpacked changes nothing", () => {
  fc.assert(
    fc.property(fours(600).chain(scattered), (numbers) => {
      const exact = freshExact(10_000);
      const group = { start: 0, length: numbers.length, decay: true };
      const moments = exact.packedMoments([group]);
      const squares = numbers.map((x) => Math.abs(x));
      moments.write("first", numbers);
      moments.write("second", squares);
      const once = unpacked(moments, numbers.length);
      assertKept(numbers, once.first, "first");
      assertKept(squares, once.second, "second");
      moments.write("first", once.first);
      moments.write("second", once.second);
      const twice = unpacked(moments, numbers.length);
      sameBits(twice.first, once.first, "first");
      sameBits(twice.second, once.second, "second");
    }),
    { numRuns: 300 },
  );
});

test("the mean error of normal numbers is a quarter of a step", () => {
  const numbers = steadyNumbers(100 * BLOCK, 3);
  const moments = freshExact(80_000).packedMoments([
    { start: 0, length: numbers.length, decay: true },
  ]);
  moments.write("first", numbers);
  const kept = new Float32Array(numbers.length);
  moments.read("first", kept);
  const errors = numbers.map((x, i) => (x === 0 ? 0 : Math.abs((kept[i] ?? 0) - x) / Math.abs(x)));
  const mean = errors.reduce((sum, x) => sum + x, 0) / errors.length;
  assert.ok(mean > 0.018 && mean < 0.025, String(mean));
});

test("a step moves parameters as AdamW does from what the codes stand for, and packs the new moments", () => {
  const step = {
    learningRate: 0.01,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
    step: 7,
    scale: 0.5,
  };
  fc.assert(
    fc.property(groupsOf, fc.integer(), (groups, seed) => {
      const length = endOf(groups);
      const [p, m, v, g] = [1, 2, 3, 4].map((n) => steadyNumbers(length, seed + n));
      assert.ok(p && m && v && g);
      const exact: Exact = freshExact(40_000);
      const [parameters, gradient] = [load(exact, p), load(exact, g)];
      const moments = exact.packedMoments(groups);
      moments.write("first", m);
      moments.write("second", v.map(Math.abs));
      const { first, second } = unpacked(moments, length);
      moments.step(parameters, gradient, step);
      const twin = { parameters: p, firstMoment: first, secondMoment: second, gradient: g };
      for (const group of groups) adamwTwin(twin, adamwConstants(step), group);
      sameBits(parameters.view, p, "parameters");
      const after = unpacked(moments, length);
      for (const { start, length: run } of groups) {
        const own = (numbers: Float32Array): Float32Array => numbers.subarray(start, start + run);
        assertKept(own(first), own(after.first), "first", WHOLE_STEP);
        assertKept(own(second), own(after.second), "second", WHOLE_STEP);
      }
    }),
    { numRuns: 60 },
  );
});

test("moments without gradient fall as AdamW lets them, in the mean of their logarithm", () => {
  const length = 4 * BLOCK;
  const exact = freshExact(20_000);
  const moments = exact.packedMoments([{ start: 0, length, decay: false }]);
  // Each block's first number keeps its size, so the others fall against a scale that stands.
  const numbers = Float32Array.from({ length }, (_, i) =>
    i % BLOCK === 0 ? 1 : 2 ** -(1 + (i % 7)),
  );
  moments.write("first", numbers);
  moments.write("second", numbers);
  const [parameters, gradient] = [exact.vector(length), exact.vector(length)];
  for (let i = 0; i < length; i += BLOCK) gradient.view[i] = 1;
  const [steps, beta1, beta2] = [20, 0.9, 0.95];
  const settings = { learningRate: 0, beta1, beta2, epsilon: 1e-8, weightDecay: 0 };
  for (let step = 1; step <= steps; step++)
    moments.step(parameters, gradient, { ...settings, step });
  const { first, second } = unpacked(moments, length);
  for (const [kept, beta] of [
    [first, beta1],
    [second, beta2],
  ] as const) {
    let sum = 0;
    numbers.forEach((x, i) => {
      if (i % BLOCK !== 0) sum += Math.log((kept[i] ?? 0) / (x * beta ** steps));
    });
    const mean = sum / (length - 4);
    // A step errs by at most 9 %, one number after 20 by a fifth, the mean of a thousand numbers by less than a hundredth.
    assert.ok(Math.abs(mean) < 0.02, `${beta}: ${mean}`);
  }
});

test("zeros are zeros, clear makes them, and runs that overlap or are not in fours are refused", () => {
  const exact = freshExact();
  const moments = exact.packedMoments([{ start: 0, length: 8, decay: true }]);
  const zeros = new Float32Array(8);
  sameBits(unpacked(moments, 8).first, zeros);
  sameBits(unpacked(moments, 8).second, zeros);
  moments.write("first", Float32Array.of(0, 1, 0, -1, 0, 2, 0, 0));
  assert.deepEqual([...unpacked(moments, 8).first], [0, 1, 0, -1, 0, 2, 0, 0]);
  moments.clear();
  sameBits(unpacked(moments, 8).first, zeros);
  for (const groups of [
    [{ start: 0, length: 6, decay: true }],
    [{ start: 2, length: 4, decay: true }],
    [
      { start: 0, length: 8, decay: true },
      { start: 4, length: 8, decay: true },
    ],
  ])
    assert.throws(() => exact.packedMoments(groups), RangeError);
});
