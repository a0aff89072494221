/** @file gpu.js's compression kernels on the adapter that there is, against their twins. Installed by `npm run gpu:packages`; skipped without. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { openGpuKernels } from "../../kernels/gpu/kernels.ts";
import { twinsOf } from "../../kernels/gpu/twins.ts";
import { sameNumbers } from "../kernels/exact/support.ts";
import { normals, relativeL2 } from "../kernels/support.ts";

const SHEET = { rows: 192, columns: 320 };
const LENGTH = SHEET.rows * SHEET.columns;
const FOLDER = new URL("../../kernels/gpu/packages/node_modules", import.meta.url);
const skip = existsSync(FOLDER) ? false : "gpu.js is not installed: npm run gpu:packages";

/** Numbers as an error feedback has them, zeros of both signs and the threshold itself among them. */
function numbers(seed: number): Float32Array {
  const x = Float32Array.from(normals([LENGTH], seed).data);
  x.set([0, -0, 1e-3, -1e-3, Math.fround(0.3), -Math.fround(0.3)], LENGTH >> 1);
  return x;
}

/** A device may lose the sign of a zero. */
const plain = (x: Float32Array): Float32Array => x.map((value) => value + 0);

test("every kernel of gpu.js computes what its twin does", { skip }, async () => {
  const { kernels, close } = await openGpuKernels(SHEET);
  const twins = twinsOf(SHEET);
  for (const seed of [1, 2]) {
    const [x, y, z] = [numbers(seed), numbers(seed + 10), numbers(seed + 20)];
    for (const least of [0, 0.3, 2.5])
      sameNumbers(plain(await kernels.threshold(x, least)), plain(twins.threshold(x, least)));
    sameNumbers(await kernels.signs(x), twins.signs(x));
    const codes = twins.quantise(x, 0.7);
    sameNumbers(await kernels.quantise(x, 0.7), codes);
    const read = twins.dequantise(codes, 0.2, 1.1);
    sameNumbers(await kernels.dequantise(codes, 0.2, 1.1), read);
    const fed = await kernels.feedback(x, y, z, 0.95);
    assert.ok(relativeL2(fed, twins.feedback(x, y, z, 0.95)) <= 1e-6);
    assert.ok(relativeL2(await kernels.cosines(x), twins.cosines(x)) <= 1e-6);
  }
  await assert.rejects(kernels.signs(new Float32Array(LENGTH - 1)), RangeError);
  await assert.rejects(kernels.cosines(new Float32Array(LENGTH + 1)), RangeError);
  await close();
});
