/** @file Top-k, quantiser and sparse updates of exact.wasm equal their slow twins to the bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { keptOf } from "../../../kernels/exact/exact.ts";
import { quantise, sentMagnitude } from "../../../kernels/exact/quantise.ts";
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
  freshExact,
  load,
  numbers32,
  sameBits,
  sameNumbers,
  steadyNumbers,
  worlds,
} from "./support.ts";

const rules = fc
  .integer({ min: 1, max: 40 })
  .chain((chunk) =>
    fc.record({ chunk: fc.constant(chunk), k: fc.integer({ min: 1, max: chunk }) }),
  );

test("top-k equals a sort: ties, zeros, denormals, short last chunks, odd sizes", () => {
  fc.assert(
    fc.property(numbers32(150), rules, fc.integer({ min: 0, max: 3 }), (x, rule, off) => {
      const exact = freshExact(1000);
      const kept = exact.topK(load(exact, x, off), rule);
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
    sameNumbers(exact.topK(vector, { k, chunk: 4096 }), topKTwin(jumping, { k, chunk: 4096 }));
});

test("top-k of equal values keeps the lowest coordinates", () => {
  for (const value of [0, -0, 1, -3.4028234663852886e38, 1.401298464324817e-45]) {
    const exact = freshExact(20_000);
    const kept = exact.topK(load(exact, new Float32Array(5001).fill(value)), { k: 3, chunk: 4096 });
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
    assert.throws(() => exact.topK(x, rule), RangeError);
});

/** A tensor's length, its rule and values for all that it keeps. */
const kept = fc.tuple(fc.integer({ min: 1, max: 90 }), rules).chain(([length, rule]) =>
  fc.record({
    length: fc.constant(length),
    rule: fc.constant(rule),
    values: numbers32(keptOf(length, rule), keptOf(length, rule)),
  }),
);

test("the quantiser equals its twin, and what was sent is sent unchanged", () => {
  fc.assert(
    fc.property(kept, ({ length, rule, values }) => {
      const sent = quantise(values, length, rule);
      sameBits(sent, quantiseTwin(values, length, rule));
      sameBits(quantise(sent, length, rule), sent, "idempotent");
    }),
    { numRuns: 1000 },
  );
});

test("every magnitude is nearest to itself, ties go up, and the ends of the range hold", () => {
  const all = [...MAGNITUDES];
  assert.equal(all.at(-1), MAXIMUM_MAGNITUDE);
  for (const [byte, magnitude] of all.entries()) {
    assert.equal(sentMagnitude(magnitude), magnitude);
    const next = all[byte + 1];
    if (next === undefined) continue;
    const middle = (magnitude + next) / 2;
    assert.equal(sentMagnitude(middle), next);
    assert.equal(sentMagnitude(middle * (1 - 2 ** -50)), magnitude);
  }
  for (const large of [241, 1e30, Number.MAX_VALUE])
    assert.equal(sentMagnitude(large), MAXIMUM_MAGNITUDE);
});

test("the quantiser refuses what is not finite", () => {
  const both = { k: 2, chunk: 2 };
  assert.throws(() => quantise(Float32Array.of(1, Number.NaN), 2, both), RangeError);
  assert.throws(() => quantise(Float32Array.of(1, -Infinity), 2, both), RangeError);
});

test("longer than a block: gather, quantise and updates pass through scratch whole", () => {
  const x = steadyNumbers(70_001, 5);
  const exact = freshExact(300_000);
  const vector = load(exact, x);
  const indices = exact.topK(vector, { k: 2000, chunk: 4096 });
  assert.ok(indices.length > 32_768);
  sameNumbers(indices, topKTwin(x, { k: 2000, chunk: 4096 }));
  const values = exact.gather(vector, indices);
  sameBits(
    values,
    Float32Array.from(indices, (index) => x[index] ?? 0),
  );
  const rule = { k: 2000, chunk: 4096 };
  const sent = quantise(values, x.length, rule);
  sameNumbers(sent, quantiseTwin(values, x.length, rule));
  const layout = { offsets: [0], lengths: [x.length] };
  const update = [{ indices, values: sent }];
  exact.subtractSent(vector, layout, update);
  const twin = x.slice();
  addSentTwin(twin, layout, update, -1);
  sameBits(vector.view, twin);
});

test("addSent, subtractSent and applyUpdate equal their twins", () => {
  fc.assert(
    fc.property(worlds, fc.constantFrom(1, 0.2, -0.7), ({ layout, theta, updates }, factor) => {
      for (const update of updates) {
        const exact = freshExact(2000);
        for (const sign of [1, -1] as const) {
          const vector = load(exact, theta, 1);
          const twin = theta.slice();
          addSentTwin(twin, layout, update, sign);
          if (sign === 1) exact.addSent(vector, layout, update);
          else exact.subtractSent(vector, layout, update);
          sameBits(vector.view, twin, `sign ${sign}`);
        }
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
      exact.subtractSent(theta, layout, [tensor]);
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
