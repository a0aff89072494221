/** @file Compression: conservation of the error feedback, bound of the quantiser, refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compressUpdate } from "../../../kernels/compress/compress.ts";
import { loadExactModule } from "../../../kernels/compress/exact-module.ts";
import { KernelError } from "../../../kernels/errors.ts";
import { keptOf, openExact } from "../../../kernels/exact/exact.ts";
import { decodeBody, encodeBody } from "../../../src/protocol/codec.ts";
import { accumulateErrorTwin } from "../../../kernels/reference/exact-dense.ts";
import { addSentTwin, quantiseTwin, topKTwin } from "../../../kernels/reference/exact-sparse.ts";
import {
  freshExact,
  layouts,
  load,
  numbers32,
  sameBits,
  sameUpdate,
  steadyNumbers,
} from "../exact/support.ts";

const feedback = layouts.chain(({ layout, floats }) =>
  fc.tuple(
    fc.constant(layout),
    numbers32(floats, floats),
    numbers32(floats, floats),
    numbers32(floats, floats),
  ),
);

test("what was sent and what stayed are the old feedback plus the change, to the twin's bits", () => {
  fc.assert(
    fc.property(
      feedback,
      fc.constantFrom({ k: 2, chunk: 8 }, { k: 5, chunk: 7 }),
      ([layout, old, start, end], rule) => {
        const exact = freshExact(4000);
        const before = old.slice();
        accumulateErrorTwin(before, start, end, 0.9);
        if (!before.every(Number.isFinite)) return;
        const error = load(exact, old);
        exact.accumulateError(error, { start: load(exact, start), end: load(exact, end) }, 0.9);
        const update = compressUpdate(exact, error, layout, rule);
        for (const [tensor, entries] of update.entries()) {
          const offset = layout.offsets[tensor] ?? 0;
          const length = layout.lengths[tensor] ?? 0;
          const part = before.subarray(offset, offset + length);
          const indices = topKTwin(part, rule);
          assert.equal(indices.length, keptOf(length, rule));
          assert.deepEqual(entries, {
            indices,
            values: quantiseTwin(
              Float32Array.from(indices, (i) => part[i] ?? 0),
              length,
              rule,
            ),
          });
        }
        const after = before.slice();
        addSentTwin(after, layout, update, -1);
        sameBits(error.view, after, "kept");
        // One rounding each way: within half a unit in the last place of the larger operand.
        exact.addSent(error, layout, update);
        for (const [i, value] of error.view.entries()) {
          const scale = Math.max(Math.abs(before[i] ?? 0), Math.abs(after[i] ?? 0), 1e-38);
          assert.ok(Math.abs(value - (before[i] ?? 0)) <= scale * 2 ** -22);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("relative error of the sent values on normal numbers: 0.11 for 64, 0.16 for 256 of 4096", () => {
  const length = 4096 * 16 + 100;
  for (const [k, bound] of [
    [64, 0.11],
    [256, 0.16],
  ] as const) {
    const exact = freshExact(2 * length);
    const error = load(exact, steadyNumbers(length, k));
    const before = error.view.slice();
    const [tensor] = compressUpdate(
      exact,
      error,
      { offsets: [0], lengths: [length] },
      { k, chunk: 4096 },
    );
    assert.ok(tensor);
    let lost = 0;
    let whole = 0;
    for (const [i, index] of tensor.indices.entries()) {
      const value = before[index] ?? 0;
      lost += (value - (tensor.values[i] ?? 0)) ** 2;
      whole += value * value;
    }
    assert.ok(Math.sqrt(lost / whole) < bound, `k ${k}: ${Math.sqrt(lost / whole)}`);
  }
});

test("what leaves the feedback is what others read: bytes and back change nothing", () => {
  const lengths = [5000, 7, 4096];
  const layout = { offsets: [0, 5000, 5008], lengths };
  for (const k of [3, 64, 128, 129, 256, 4096]) {
    const exact = freshExact(20_000);
    const error = load(exact, steadyNumbers(9104, k));
    const update = compressUpdate(exact, error, layout, { k, chunk: 4096 });
    const form = { lengths, k, chunk: 4096 };
    sameUpdate(decodeBody(encodeBody(update, form), form), update);
  }
});

test("compressing what was sent gives it again", () => {
  const exact = freshExact(20_000);
  const layout = { offsets: [0, 5000], lengths: [5000, 7] };
  const rule = { k: 64, chunk: 4096 };
  const update = compressUpdate(exact, load(exact, steadyNumbers(5007, 9)), layout, rule);
  const sent = exact.vector(5007);
  exact.addSent(sent, layout, update);
  sameUpdate(compressUpdate(exact, sent, layout, rule), update);
  assert.ok(sent.view.every((x) => x === 0));
});

test("feedback that is not finite is refused and left alone", () => {
  const exact = freshExact();
  const error = load(exact, [1, Number.NaN, 3]);
  assert.throws(
    () => compressUpdate(exact, error, { offsets: [0], lengths: [3] }, { k: 1, chunk: 4 }),
    (thrown) => thrown instanceof KernelError && thrown.code === "not-finite",
  );
  assert.deepEqual([...error.view], [1, Number.NaN, 3]);
});

test("one compiled module opens many memories", () => {
  const compiled = loadExactModule();
  const [a, b] = [openExact(compiled, 10), openExact(compiled, 10)];
  a.vector(4).view.fill(1);
  assert.equal(b.sumOfSquares(b.vector(4)), 0);
});
