/** @file Top-k, quantiser and sparse updates of exact.wasm equal their slow twins to the bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type ChunkRule, keptOf } from "../../../kernels/exact/exact.ts";
import type { SparseTensor } from "../../../kernels/exact/sparse.ts";
import {
  addSentTwin,
  applyUpdateTwin,
  quantiseTwin,
  topKTwin,
} from "../../../kernels/reference/exact-sparse.ts";
import { MAXIMUM_MAGNITUDE } from "../../../src/protocol/codec-magnitudes.ts";
import { MAGNITUDES } from "../../support/codec-twin-levels.ts";
import {
  arrays32,
  freshExact,
  load,
  numbers32,
  sameBits,
  sameNumbers,
  steadyNumbers,
  worlds,
} from "./support.ts";

/** By the slow twins. */
function cutTwin(x: Float32Array, rule: ChunkRule): SparseTensor {
  const indices = topKTwin(x, rule);
  const chosen = Float32Array.from(indices, (index) => x[index] ?? 0);
  return { indices, values: quantiseTwin(chosen, x.length, rule) };
}

function sameTensor(found: SparseTensor, expected: SparseTensor): void {
  sameNumbers(found.indices, expected.indices, "indices");
  sameNumbers(found.values, expected.values, "values");
}

const rules = fc
  .integer({ min: 1, max: 40 })
  .chain((chunk) =>
    fc.record({ chunk: fc.constant(chunk), k: fc.integer({ min: 1, max: chunk }) }),
  );

test("top-k equals a sort: ties, zeros, denormals, short last chunks, odd sizes", () => {
  fc.assert(
    fc.property(numbers32(150), rules, fc.integer({ min: 0, max: 3 }), (x, rule, off) => {
      const exact = freshExact(1000);
      const kept = exact.cut(load(exact, x, off), rule, false).indices;
      assert.equal(kept.length, keptOf(x.length, rule));
      sameNumbers(kept, topKTwin(x, rule));
    }),
    { numRuns: 500 },
  );
});

test("top-k equals a sort on chunks of 4096 whose scale jumps from one to the next", () => {
  const x = steadyNumbers(4096 * 7 + 1001, 3);
  const scales = [1, 1e-6, 1e6, 0, 1, 1e-42, 1e-3, 1];
  const jumping = x.map((value, i) => value * (scales[Math.floor(i / 4096)] ?? 1));
  const exact = freshExact(40_000);
  const vector = load(exact, jumping, 1);
  for (const k of [1, 63, 64, 256, 4095, 4096])
    sameTensor(exact.cut(vector, { k, chunk: 4096 }, false), cutTwin(jumping, { k, chunk: 4096 }));
});

test("top-k of equal values keeps the lowest coordinates", () => {
  for (const value of [0, -0, 1, -3.4028234663852886e38, 1.401298464324817e-45]) {
    const exact = freshExact(20_000);
    const x = load(exact, new Float32Array(5001).fill(value));
    const kept = exact.cut(x, { k: 3, chunk: 4096 }, false).indices;
    assert.deepEqual([...kept], [0, 1, 2, 4096]);
  }
});

test("top-k refuses rules that it cannot hold", () => {
  const exact = freshExact();
  const x = load(exact, [1, 2, 3]);
  for (const rule of [
    { k: 0, chunk: 4 },
    { k: 5, chunk: 4 },
    { k: 1, chunk: 16_385 },
    { k: 1.5, chunk: 4 },
  ])
    assert.throws(() => exact.cut(x, rule, true), RangeError);
});

test("what is cut is what the twins choose and quantise, and leaves x where it is taken", () => {
  fc.assert(
    fc.property(numbers32(150), rules, fc.boolean(), (x, rule, take) => {
      const exact = freshExact(1000);
      const vector = load(exact, x, 1);
      const found = exact.cut(vector, rule, take);
      const twin = cutTwin(x, rule);
      sameTensor(found, twin);
      const left = x.slice();
      if (take) addSentTwin(left, { offsets: [0], lengths: [x.length] }, [twin], -1);
      sameBits(vector.view, left, "what is left");
    }),
    { numRuns: 1000 },
  );
});

/** What is sent of numbers that are all kept, each a chunk of its own. */
function sentAlone(numbers: readonly number[]): Float32Array {
  const exact = freshExact(1000);
  return exact.cut(load(exact, numbers), { k: 1, chunk: 1 }, false).values;
}

test("every magnitude is nearest to itself, ties go up, and the ends of the range hold", () => {
  const all = [...MAGNITUDES];
  assert.equal(all.at(-1), MAXIMUM_MAGNITUDE);
  sameNumbers(sentAlone(all), all);
  sameNumbers(
    sentAlone(all.map((magnitude) => -magnitude)),
    all.map((magnitude) => (magnitude === 0 ? 0 : -magnitude)),
  );
  const nexts = all.slice(1);
  const middles = nexts.map((next, byte) => ((all[byte] ?? 0) + next) / 2);
  sameNumbers(sentAlone(middles), nexts);
  sameNumbers(sentAlone(middles.map((middle) => middle * (1 - 2 ** -23))), all.slice(0, -1));
  const large = [241, 1e30, 3.4028234663852886e38];
  sameNumbers(
    sentAlone(large),
    large.map(() => MAXIMUM_MAGNITUDE),
  );
});

test("longer than a block: what is cut and taken back passes through scratch whole", () => {
  const x = steadyNumbers(70_001, 5);
  const exact = freshExact(300_000);
  const vector = load(exact, x);
  const rule = { k: 2000, chunk: 4096 };
  const found = exact.cut(vector, rule, true);
  assert.ok(found.indices.length > 32_768);
  const layout = { offsets: [0], lengths: [x.length] };
  const twin = cutTwin(x, rule);
  sameTensor(found, twin);
  const left = x.slice();
  addSentTwin(left, layout, [twin], -1);
  sameBits(vector.view, left);
  exact.addSent(vector, layout, [found]);
  addSentTwin(left, layout, [twin], 1);
  sameBits(vector.view, left);
});

test("numbers within a limit: the limit itself is, NaN and infinity never are", () => {
  const exact = freshExact();
  const largest = 3.4028234663852886e38;
  for (const [numbers, most, within] of [
    [[1, -2, 3, 4, -5], 5, true],
    [[1, -2, 3, 4, -5.000001], 5, false],
    [[largest, -largest, 0], undefined, true],
    [[0, 0, 0, 0, Number.NaN], undefined, false],
    [[0, -Infinity, 0, 0], largest, false],
  ] as const)
    assert.equal(exact.allFinite(load(exact, numbers), most), within, String(numbers));
});

test("a change that would leave the limit is seen before it is added", () => {
  const change = arrays32(3, 20);
  fc.assert(
    fc.property(change, fc.constantFrom(1, 0.9, 0), ([e, from, to], beta) => {
      assert.ok(e && from && to);
      const exact = freshExact();
      const error = load(exact, e, 1);
      const both = { start: load(exact, from), end: load(exact, to, 2) };
      const [fits, within] = [undefined, 2].map((most) =>
        exact.accumulates(error, both, beta, most),
      );
      sameBits(error.view, e, "untouched");
      exact.accumulateError(error, both, beta);
      assert.equal(fits, error.view.every(Number.isFinite));
      assert.equal(
        within,
        error.view.every((one) => Math.abs(one) <= 2),
      );
    }),
    { numRuns: 500 },
  );
});

test("addSent and applyUpdate equal their twins", () => {
  fc.assert(
    fc.property(worlds, fc.constantFrom(1, 0.2, -0.7), ({ layout, theta, updates }, factor) => {
      for (const update of updates) {
        const exact = freshExact(2000);
        const vector = load(exact, theta, 1);
        const twin = theta.slice();
        addSentTwin(twin, layout, update, 1);
        exact.addSent(vector, layout, update);
        sameBits(vector.view, twin);
        const source = load(exact, theta);
        const out = exact.vector(theta.length);
        exact.applyUpdate(out, source, layout, { update, factor });
        sameBits(out.view, applyUpdateTwin(theta, layout, update, factor), "applied");
        sameBits(source.view, theta, "source");
      }
    }),
  );
});

test("a malformed update is refused before the first write", () => {
  const exact = freshExact();
  const theta = load(exact, [1, 2, 3, 4]);
  const layout = { offsets: [0], lengths: [4] };
  const good: SparseTensor = {
    indices: Uint32Array.of(0, 3),
    values: Float32Array.of(1, -2),
  };
  const bad: SparseTensor[] = [
    { ...good, indices: Uint32Array.of(0, 4) },
    { ...good, indices: Uint32Array.of(3, 3) },
    { ...good, indices: Uint32Array.of(3, 0) },
    { ...good, indices: Uint32Array.of(0) },
    { ...good, values: Float32Array.of(1) },
    { ...good, values: Float32Array.of(1, Infinity) },
    { ...good, values: Float32Array.of(Number.NaN, 1) },
  ];
  const options = { alpha: 1, mean: "choosers" } as const;
  for (const tensor of bad) {
    assert.throws(() => exact.outerStep(theta, layout, [[good], [tensor]], options), RangeError);
    assert.throws(() => {
      exact.addSent(theta, layout, [tensor]);
    }, RangeError);
  }
  const overflow = { indices: Uint32Array.of(0), values: Float32Array.of(Infinity) };
  assert.throws(() => exact.outerStep(theta, layout, [[overflow]], options), RangeError);
  assert.throws(() => exact.outerStep(theta, layout, [[good, good]], options), RangeError);
  assert.throws(
    () => exact.outerStep(theta, layout, [[good]], { ...options, alpha: Number.NaN }),
    RangeError,
  );
  assert.throws(
    () => exact.outerStep(theta, { offsets: [2], lengths: [4] }, [[good]], options),
    RangeError,
  );
  assert.throws(
    () => exact.outerStep(theta, { offsets: [0, 1], lengths: [2, 2] }, [], options),
    RangeError,
  );
  sameBits(theta.view, Float32Array.of(1, 2, 3, 4));
});
