/** @file Arbitraries and comparisons shared by the tests of kernels/exact and kernels/compress. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { loadExactModule } from "../../../kernels/compress/exact-module.ts";
import { type Exact, openExact } from "../../../kernels/exact/exact.ts";
import type { SparseTensor, SparseUpdate, TensorLayout } from "../../../kernels/exact/sparse.ts";
import type { Vector } from "../../../kernels/exact/vector.ts";

const compiled = loadExactModule();

/** A fresh memory: properties never see each other's bytes. */
export function freshExact(floats = 20_000): Exact {
  return openExact(compiled, floats);
}

/** A vector holding the numbers, `shift` floats off alignment. */
export function load(exact: Exact, numbers: ArrayLike<number>, shift = 0): Vector {
  const padded = exact.vector(numbers.length + shift);
  const vector = exact.part(padded, shift, numbers.length);
  vector.view.set(numbers);
  return vector;
}

/** Bits as integers; every NaN counts as the same, since WebAssembly leaves its bits free. */
function bits(numbers: Float32Array): Uint32Array {
  const words = new Uint32Array(Float32Array.from(numbers).buffer);
  return words.map((word, i) => (Number.isNaN(numbers[i]) ? 0x7fc00000 : word));
}

/** Fails at the first difference; the runner's own comparison of long arrays would take minutes to print. */
export function sameNumbers(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what = "numbers",
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < actual.length; i++)
    if (!Object.is(actual[i], expected[i]))
      assert.fail(`${what}: at ${i} ${actual[i]} instead of ${expected[i]}`);
}

/** Fails unless both hold the same float32 bits. */
export function sameBits(actual: Float32Array, expected: Float32Array, what = "bits"): void {
  sameNumbers(bits(actual), bits(expected), what);
}

/** Fails unless both hold the same coordinates and values. */
export function sameUpdate(actual: SparseUpdate, expected: SparseUpdate): void {
  assert.equal(actual.length, expected.length);
  for (const [tensor, { indices, values }] of expected.entries()) {
    const found = actual[tensor];
    assert.ok(found);
    sameNumbers(found.indices, indices, `indices of tensor ${tensor}`);
    sameNumbers(found.values, values, `values of tensor ${tensor}`);
  }
}

/** Finite float32 numbers of every kind: ties, zeros of both signs, denormals, tiny, huge, ordinary. */
export const number32: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, 2, Math.fround(0.1)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      1.401298464324817e-45,
      -1.401298464324817e-45,
      1.1754943508222875e-38,
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(3.4028234663852886e38, -3.4028234663852886e38) },
  { weight: 2, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 4, arbitrary: fc.float({ noNaN: true, min: -4, max: 4 }) },
);

/** A Float32Array of such numbers. */
export const numbers32 = (most: number, least = 1): fc.Arbitrary<Float32Array> =>
  fc.array(number32, { minLength: least, maxLength: most }).map((list) => Float32Array.from(list));

/** Two to four arrays of one length. */
export const arrays32 = (count: number, most: number): fc.Arbitrary<Float32Array[]> =>
  fc
    .integer({ min: 1, max: most })
    .chain((length) => fc.tuple(...Array.from({ length: count }, () => numbers32(length, length))));

/** A layout of up to four tensors with gaps, and the floats its vector needs. */
export const layouts: fc.Arbitrary<{ layout: TensorLayout; floats: number }> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 40 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((pieces) => {
    const offsets: number[] = [];
    let floats = 0;
    for (const [gap, length] of pieces) {
      offsets.push(floats + gap);
      floats += gap + length;
    }
    return { layout: { offsets, lengths: pieces.map(([, length]) => length) }, floats };
  });

const indicesOf = (length: number): fc.Arbitrary<Uint32Array> =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: length - 1 }), { maxLength: length })
    .map((list) => Uint32Array.from(list).toSorted());

const sparseTensor = (length: number): fc.Arbitrary<SparseTensor> =>
  indicesOf(length).chain((indices) =>
    numbers32(indices.length, indices.length).map((values) => ({ indices, values })),
  );

/** A well-formed update of the layout. */
export const sparseUpdate = ({ lengths }: TensorLayout): fc.Arbitrary<SparseUpdate> =>
  fc.tuple(...lengths.map(sparseTensor));

/** A layout, parameters for it and updates of `peers` peers. */
export const worlds = fc
  .tuple(layouts, fc.integer({ min: 0, max: 5 }))
  .chain(([{ layout, floats }, peers]) =>
    fc.record({
      layout: fc.constant(layout),
      theta: numbers32(floats, floats),
      updates: fc.array(sparseUpdate(layout), {
        minLength: peers,
        maxLength: peers,
      }),
    }),
  );

/** Numbers from a counter by integer mixing, nearly normal with deviation about 1, the same on every machine. */
export function steadyNumbers(length: number, seed: number): Float32Array {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) & 0xffff;
  };
  return Float32Array.from({ length }, () => {
    let sum = -6 * 0xffff;
    for (let i = 0; i < 12; i++) sum += next();
    return sum / 65_536;
  });
}
