/** @file Twins of the compression kernels against the exact kernels and what they promise; what opening the kernels refuses. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { openGpuKernels } from "../../../kernels/gpu/kernels.ts";
import { CODES, SIDE, twinsOf } from "../../../kernels/gpu/twins.ts";
import { KernelError } from "../../../kernels/errors.ts";
import { must, normals, relativeL2 } from "../support.ts";
import { freshExact, load, sameNumbers } from "../exact/support.ts";

const SHEET = { rows: 128, columns: 192 };
const LENGTH = SHEET.rows * SHEET.columns;
const twins = twinsOf(SHEET);
const numbers = (seed: number): Float32Array => Float32Array.from(normals([LENGTH], seed).data);
const PACKAGES = new URL("../../../kernels/gpu/packages/node_modules", import.meta.url);
const skip = existsSync(PACKAGES) ? "gpu.js is installed here" : false;

test("feedback is what the exact kernel adds up, to the bit", () => {
  const [error, start, end] = [numbers(1), numbers(2), numbers(3)];
  const exact = freshExact(3 * LENGTH);
  const [e, from, to] = [error, start, end].map((one) => load(exact, one));
  exact.accumulateError(must(e), { start: must(from), end: must(to) }, 0.95);
  sameNumbers(twins.feedback(error, start, end, 0.95), must(e).view);
});

test("cosines are those of the exact kernel, which lie block after block", () => {
  const x = numbers(4);
  const exact = freshExact(2 * LENGTH);
  const [from, to] = [load(exact, x), load(exact, x)];
  exact.toCosines(to, from, SHEET);
  const across = SHEET.columns / SIDE;
  const placed = new Float32Array(LENGTH);
  for (let i = 0; i < LENGTH; i++) {
    const [row, column] = [Math.floor(i / SHEET.columns), i % SHEET.columns];
    const block = Math.floor(row / SIDE) * across + Math.floor(column / SIDE);
    placed[i] = to.view[block * SIDE * SIDE + (row % SIDE) * SIDE + (column % SIDE)] ?? Number.NaN;
  }
  assert.ok(relativeL2(twins.cosines(x), placed) <= 1e-6);
});

test("codes give each number its sign and the magnitude of its side of the limit", () => {
  const some = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
    minLength: CODES,
    maxLength: CODES,
  });
  fc.assert(
    fc.property(some, fc.float({ min: 0, max: 2, noNaN: true }), (list, limit) => {
      const x = Float32Array.from(list);
      const codes = twins.quantise(x, limit);
      const [word = Number.NaN] = codes;
      assert.ok(Number.isInteger(word) && word >= 0 && word < 4 ** CODES);
      const read = twins.dequantise(codes, 0.5, 3);
      const kept = twins.threshold(x, limit);
      for (const [i, value] of x.entries()) {
        const magnitude = Math.abs(value) >= limit ? 3 : 0.5;
        assert.equal(read[i], value < 0 ? -magnitude : magnitude);
        assert.equal(kept[i], magnitude === 3 ? value : 0);
        assert.equal(twins.signs(x)[i], Math.sign(value) + 0);
      }
    }),
  );
});

test("sheets that are not of whole blocks are refused", async () => {
  for (const sheet of [
    { rows: 64, columns: 100 },
    { rows: 0, columns: 64 },
    { rows: 8192, columns: 4096 },
  ])
    await assert.rejects(openGpuKernels(sheet), RangeError);
});

test(
  "without gpu.js the kernels are refused by name, with what installs it",
  { skip },
  async () => {
    await assert.rejects(
      openGpuKernels(SHEET),
      (error) => error instanceof KernelError && /npm run gpu:packages/.test(error.message),
    );
  },
);
