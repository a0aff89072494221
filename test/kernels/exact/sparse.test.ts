/** @file Top-k, quantiser and sparse updates of exact.wasm equal their slow twins to the bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { keptOf } from "../../../kernels/exact/exact.ts";
import type { SparseTensor } from "../../../kernels/exact/sparse.ts";
import {
  addSentTwin,
  applyUpdateTwin,
  quantiseTwin,
  topKTwin,
} from "../../../kernels/reference/exact-sparse.ts";
import {
  freshExact,
  load,
  number32,
  numbers32,
  sameBits,
  sameNumbers,
  sameUpdate,
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

test("the quantiser equals its twin, and codes of what it decodes to are the same again", () => {
  fc.assert(
    fc.property(numbers32(60, 0), (values) => {
      const exact = freshExact(1000);
      const quantised = exact.quantise(values);
      assert.deepEqual(quantised, quantiseTwin(values));
      const { codes, low, high } = quantised;
      assert.ok(low >= 0 && low <= high && high < Infinity);
      const decoded = Float32Array.from(
        codes,
        (code) => (code & 1 ? -1 : 1) * (code & 2 ? high : low),
      );
      const again = exact.quantise(decoded);
      const twice = Float32Array.from(
        again.codes,
        (code) => (code & 1 ? -1 : 1) * (code & 2 ? again.high : again.low),
      );
      sameBits(
        twice.map((x) => x + 0),
        decoded.map((x) => x + 0),
        "idempotent",
      );
    }),
    { numRuns: 500 },
  );
});

test("the quantiser is exact on lists with at most two magnitudes", () => {
  fc.assert(
    fc.property(
      number32,
      number32,
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 50 }),
      (a, b, picks) => {
        const values = Float32Array.from(picks, (pick) => (pick & 1 ? -1 : 1) * (pick & 2 ? a : b));
        const { codes, low, high } = freshExact(10).quantise(values);
        for (const [i, code] of codes.entries())
          assert.equal((code & 1 ? -1 : 1) * (code & 2 ? high : low) - (values[i] ?? 0), 0);
      },
    ),
  );
});

test("the quantiser refuses what is not finite", () => {
  const exact = freshExact();
  assert.throws(() => exact.quantise(Float32Array.of(1, Number.NaN)), RangeError);
  assert.throws(() => exact.quantise(Float32Array.of(1, -Infinity)), RangeError);
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
  const quantised = exact.quantise(values);
  sameUpdate([{ indices, ...quantised }], [{ indices, ...quantiseTwin(values) }]);
  const layout = { offsets: [0], lengths: [x.length] };
  const update = [{ indices, ...quantised }];
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
    codes: Uint8Array.of(0, 3),
    low: 1,
    high: 2,
  };
  const bad: SparseTensor[] = [
    { ...good, indices: Uint32Array.of(0, 4) },
    { ...good, indices: Uint32Array.of(3, 3) },
    { ...good, indices: Uint32Array.of(3, 0) },
    { ...good, indices: Uint32Array.of(0) },
    { ...good, codes: Uint8Array.of(0, 4) },
    { ...good, low: 3 },
    { ...good, low: -1 },
    { ...good, high: Infinity },
    { ...good, high: Number.NaN },
    { ...good, high: 2.1 },
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
