/** @file Forms of a matrix's gradient: one product in all of them, and only such as give one thread's bits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Emitter } from "../../../kernels/graph/emitter.ts";
import { fastestForm, outerProduct } from "../../../kernels/graph/outer-product.ts";
import { floats, Session } from "../../../kernels/engine/session.ts";
import { must, normals, relativeL2, TARGETS } from "../support.ts";

/** A gradient [rows, out] and what a matrix was multiplied by, [rows, inner]; one of each form on the CPU. */
const SIZES = [
  { form: "g^T x", rows: 5, out: 3, inner: 2, readers: 1 },
  { form: "(x^T g)'", rows: 1000, out: 120, inner: 260, readers: 1 },
  { form: "g' x", rows: 6, out: 150, inner: 321, readers: 1 },
  { form: "(x' g)'", rows: 700, out: 130, inner: 130, readers: 3 },
] as const;

async function multiplied(
  target: (typeof TARGETS)[number],
  sizes: { rows: number; out: number; inner: number; readers: number },
  threads: number,
) {
  const { rows, out, inner, readers } = sizes;
  const emitter = new Emitter(target);
  const [g, x] = [
    { name: "g", shape: [rows, out], type: "float32" } as const,
    { name: "x", shape: [rows, inner], type: "float32" } as const,
  ];
  const bytes = emitter.encode([g, x], new Map([["w", outerProduct(emitter, g, x, readers)]]));
  const session = await Session.open({ bytes, nodes: emitter.size }, "cpu", threads);
  const w = new Float32Array(out * inner);
  const [left, right] = [normals(g.shape, 1), normals(x.shape, 2)];
  await session.run(
    [
      {
        g: floats(Float32Array.from(left.data), g.shape),
        x: floats(Float32Array.from(right.data), x.shape),
      },
    ],
    { w: floats(w, [out, inner]) },
  );
  await session.close();
  return { w, left, right };
}

for (const { form, ...sizes } of SIZES)
  test(`${form}: the product of the definition, by one thread and by two to the bit`, async () => {
    const { rows, out, inner } = sizes;
    assert.equal(fastestForm(sizes), form);
    for (const target of TARGETS) {
      const { w, left, right } = await multiplied(target, sizes, 1);
      const expected = Float64Array.from({ length: out * inner }, (_, at) => {
        const [i, j] = [Math.floor(at / inner), at % inner];
        let sum = 0;
        for (let r = 0; r < rows; r++)
          sum += must(left.data[r * out + i]) * must(right.data[r * inner + j]);
        return sum;
      });
      assert.ok(relativeL2(w, expected) < 1e-6);
      assert.deepEqual((await multiplied(target, sizes, 2)).w, w);
    }
  });

test("no form lets threads cut a narrow product along its columns", () => {
  const size = fc.integer({ min: 1, max: 3000 });
  fc.assert(
    fc.property(size, size, size, fc.integer({ min: 1, max: 3 }), (rows, out, inner, readers) => {
      const form = fastestForm({ rows, out, inner, readers });
      if (form === "g' x") assert.ok(out >= inner || inner >= 320);
      if (form === "(x' g)'") assert.ok(inner >= out || out >= 320);
    }),
  );
});
