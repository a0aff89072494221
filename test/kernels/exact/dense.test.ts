/** @file Dense kernels of exact.wasm equal their slow twins to the bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { adamwConstants, type AdamwStep, wholePower } from "../../../kernels/exact/adamw.ts";
import {
  accumulateErrorTwin,
  accumulateTwin,
  adamwTwin,
  sumOfSquaresTwin,
} from "../../../kernels/reference/exact-dense.ts";
import { blake2b256Bytes } from "../../../src/protocol/digest.ts";
import { arrays32, freshExact, load, numbers32, sameBits, steadyNumbers } from "./support.ts";

const shift = fc.integer({ min: 0, max: 3 });
const unit = fc.double({ min: 0, max: 0.9999, noNaN: true });
const stepSettings: fc.Arbitrary<AdamwStep> = fc.record({
  learningRate: fc.double({ min: 0, max: 0.1, noNaN: true }),
  beta1: unit,
  beta2: unit,
  epsilon: fc.constantFrom(1e-8, 1e-6, 1),
  weightDecay: fc.double({ min: 0, max: 1, noNaN: true }),
  step: fc.integer({ min: 1, max: 100_000 }),
  scale: fc.constantFrom(1, 0.25, Math.fround(0.3)),
});

test("adamw equals its twin for any length, alignment, range and numbers", () => {
  fc.assert(
    fc.property(
      arrays32(4, 37),
      stepSettings,
      shift,
      fc.boolean(),
      ([p, m, v, g], settings, off, decay) => {
        assert.ok(p && m && v && g);
        // A second moment is never negative; its root would be NaN.
        const second = v.map(Math.abs);
        const start = Math.floor(p.length / 3);
        const range = { start, length: p.length - start, decay };
        const exact = freshExact(1000);
        const state = {
          parameters: load(exact, p, off),
          firstMoment: load(exact, m),
          secondMoment: load(exact, second, off),
          gradient: load(exact, g),
        };
        exact.adamw(state, settings, [range]);
        const twin = { parameters: p, firstMoment: m, secondMoment: second, gradient: g };
        adamwTwin(twin, adamwConstants(settings), range);
        sameBits(state.parameters.view, twin.parameters, "parameters");
        sameBits(state.firstMoment.view, twin.firstMoment, "first moment");
        sameBits(state.secondMoment.view, twin.secondMoment, "second moment");
        sameBits(state.gradient.view, g, "gradient");
      },
    ),
    { numRuns: 300 },
  );
});

test("adamw moves a parameter by the learning rate on its first step", () => {
  const exact = freshExact();
  const [parameters, firstMoment, secondMoment] = [1, 0, 0].map((x) => load(exact, [x]));
  assert.ok(parameters && firstMoment && secondMoment);
  const gradient = load(exact, [0.5]);
  const settings = {
    learningRate: 0.01,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
    step: 1,
  };
  exact.adamw({ parameters, firstMoment, secondMoment, gradient }, settings, [
    { start: 0, length: 1, decay: true },
  ]);
  assert.ok(Math.abs((parameters.view[0] ?? 0) - (1 - 0.001 - 0.01)) < 1e-6);
  assert.throws(() => {
    exact.adamw({ parameters, firstMoment, secondMoment, gradient }, { ...settings, step: 0 }, []);
  }, RangeError);
});

test("wholePower is the float64 power within rounding", () => {
  fc.assert(
    fc.property(unit, fc.integer({ min: 0, max: 3000 }), (base, exponent) => {
      const power = Math.pow(base, exponent);
      assert.ok(Math.abs(wholePower(base, exponent) - power) <= 1e-12 * power + 1e-300);
    }),
  );
});

test("sum of squares keeps its eight lanes, any length and alignment", () => {
  fc.assert(
    fc.property(numbers32(70), shift, (x, off) => {
      const exact = freshExact(1000);
      assert.equal(exact.sumOfSquares(load(exact, x, off)), sumOfSquaresTwin(x));
    }),
    { numRuns: 300 },
  );
});

test("sum of squares of numbers whose rounding shows every change of order", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 200 }), (seed, length) => {
      // Full mantissas over many binades: a sum of their squares is never exact in float64.
      const x = steadyNumbers(length, seed).map((value, i) => (value / 3) * 2 ** ((i * 7) % 23));
      const exact = freshExact(1000);
      assert.equal(exact.sumOfSquares(load(exact, x)), sumOfSquaresTwin(x));
    }),
    { numRuns: 300 },
  );
});

test("clipScale brings a gradient to the largest norm and refuses what is not finite", () => {
  const exact = freshExact();
  const clip = (numbers: readonly number[], largest: number) =>
    exact.clipScale(exact.sumOfSquares(load(exact, numbers)), largest);
  assert.deepEqual(clip([3, 4], 1), { norm: 5, scale: Math.fround(0.2) });
  assert.deepEqual(clip([3, 4], 5), { norm: 5, scale: 1 });
  assert.throws(() => clip([Number.NaN], 1), RangeError);
  assert.throws(() => clip([1], 0), RangeError);
});

test("allFinite finds one NaN or infinity at any place", () => {
  fc.assert(
    fc.property(
      numbers32(41),
      fc.nat(40),
      fc.constantFrom(Number.NaN, Infinity, -Infinity),
      shift,
      (x, at, bad, off) => {
        const exact = freshExact(1000);
        const vector = load(exact, x, off);
        assert.equal(exact.allFinite(vector), true);
        vector.view[at % x.length] = bad;
        assert.equal(exact.allFinite(vector), false);
      },
    ),
  );
});

test("accumulate equals its twin, and refuses what is not finite or of another length", () => {
  fc.assert(
    fc.property(arrays32(2, 37), fc.constantFrom(1, 1 / 3, 0.25), shift, ([x, y], factor, off) => {
      assert.ok(x && y);
      const exact = freshExact(1000);
      const sum = load(exact, x, off);
      exact.accumulate(sum, load(exact, y), factor);
      accumulateTwin(x, y, factor);
      sameBits(sum.view, x);
    }),
    { numRuns: 200 },
  );
  const exact = freshExact();
  const [two, three] = [load(exact, [1, 2]), load(exact, [1, 2, 3])];
  assert.throws(() => exact.accumulate(two, three, 1), RangeError);
  assert.throws(() => exact.accumulate(three, two, 1), RangeError);
  assert.throws(() => exact.accumulate(two, two, Number.NaN), RangeError);
});

test("accumulateError equals its twin", () => {
  fc.assert(
    fc.property(
      arrays32(3, 37),
      fc.constantFrom(0, 0.9, 0.95, 1),
      shift,
      ([e, start, end], beta, off) => {
        assert.ok(e && start && end);
        const exact = freshExact(1000);
        const error = load(exact, e, off);
        exact.accumulateError(
          error,
          { start: load(exact, start), end: load(exact, end, off) },
          beta,
        );
        accumulateErrorTwin(e, start, end, beta);
        sameBits(error.view, e);
      },
    ),
    { numRuns: 300 },
  );
});

test("vectors are aligned, disjoint, checked, and their memory holds what was promised", () => {
  const exact = freshExact(1_000_003);
  const first = exact.vector(500_001);
  const second = exact.vector(500_002);
  assert.equal(first.offset % 64, 0);
  assert.equal(second.offset % 64, 0);
  assert.ok(second.offset >= first.offset + 4 * first.length);
  assert.throws(() => exact.vector(1_000_000), RangeError);
  assert.throws(() => exact.part(first, 500_000, 2), RangeError);
  assert.throws(() => exact.copy(first, second), RangeError);
  const other = freshExact();
  assert.throws(() => other.sumOfSquares(first), RangeError);
  const numbers = steadyNumbers(500_001, 1);
  first.view.set(numbers);
  const middle = exact.part(second, 1, 500_001);
  exact.copy(middle, first);
  sameBits(middle.view, numbers);
  assert.throws(() => freshExact(2 ** 31), RangeError);
});

test("blake2b256 equals the library's, at every length of a last block", () => {
  const numbers = steadyNumbers(400, 9);
  const exact = freshExact();
  const vector = load(exact, numbers);
  for (let start = 0; start < 4; start++)
    for (const length of [1, 2, 31, 32, 33, 63, 64, 65, 96, 97, 300]) {
      const part = exact.part(vector, start, length);
      const bytes = new Uint8Array(part.view.slice().buffer);
      assert.deepEqual(exact.blake2b256(part), blake2b256Bytes(bytes), `${start}, ${length}`);
    }
});
