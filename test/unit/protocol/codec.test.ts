/** @file The body of an update: one encoding each, nothing else accepted, and its size against the floor. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import {
  canonicalTensor,
  decodeBody,
  encodeBody,
  keptOf,
  keptOfTensor,
  maximumBodyBytes,
  MAXIMUM_MAGNITUDE,
  riceParameter,
  type SparseTensor,
  type SparseUpdate,
  type UpdateLayout,
} from "../../../src/protocol/codec.ts";
import { chooseSequences } from "../../../src/protocol/batches.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import { drawsOf } from "../../../src/protocol/draws.ts";

/** An update with uniform indices and codes; the seed fixes it. */
function uniformUpdate(layout: UpdateLayout, seed: number): SparseUpdate {
  const draws = drawsOf(blake2b256(Uint8Array.of(seed & 255, (seed >>> 8) & 255)));
  const { k, chunk } = layout;
  return layout.lengths.map((length): SparseTensor => {
    const indices: number[] = [];
    for (let start = 0; start < length; start += chunk) {
      const size = Math.min(chunk, length - start);
      const chosen = chooseSequences(draws, size, keptOf(size, k, chunk));
      indices.push(...chosen.toSorted((a, b) => a - b).map((index) => start + index));
    }
    const codes = Uint8Array.from(indices, () => draws.below(4));
    return { indices: Uint32Array.from(indices), codes, low: 0.25, high: 1.5 };
  });
}

const layouts = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
    chunk: fc.integer({ min: 1, max: 128 }),
    share: fc.integer({ min: 1, max: 128 }),
  })
  .map(({ lengths, chunk, share }) => ({ lengths, chunk, k: Math.max(1, (chunk * share) >>> 7) }));

function reasonOf(body: Uint8Array, layout: UpdateLayout): string {
  try {
    decodeBody(body, layout);
  } catch (error) {
    assert.ok(isAssayError(error, "update-malformed"), String(error));
    return error.message;
  }
  return assert.fail("it was accepted");
}

const layout: UpdateLayout = { lengths: [100, 7], k: 8, chunk: 64 };
const update = uniformUpdate(layout, 1);
const body = encodeBody(update, layout);

test("kept coordinates: max(1, ceil(k * length / chunk)) per chunk, the last one short", () => {
  assert.equal(keptOf(4096, 64, 4096), 64);
  assert.equal(keptOf(1, 64, 4096), 1);
  assert.equal(keptOf(65, 64, 4096), 2);
  assert.equal(keptOfTensor(4096 * 2 + 65, 64, 4096), 130);
  assert.equal(riceParameter(64, 4096), 5);
  assert.equal(riceParameter(256, 4096), 3);
  assert.equal(riceParameter(4096, 4096), 0);
});

test("whatever is encoded decodes to itself, within the size bound", () => {
  fc.assert(
    fc.property(layouts, fc.nat(65535), (form, seed) => {
      const canonical = uniformUpdate(form, seed).map(canonicalTensor);
      const bytes = encodeBody(canonical, form);
      assert.ok(bytes.length <= maximumBodyBytes(form));
      assert.deepEqual(decodeBody(bytes, form), canonical);
      assert.deepEqual(encodeBody(decodeBody(bytes, form), form), bytes);
    }),
    { numRuns: 300 },
  );
});

test("the size bound holds for the worst indices: all gaps at the end", () => {
  const form = { lengths: [4096], k: 64, chunk: 4096 };
  const indices = Uint32Array.from({ length: 64 }, (_, at) => (at === 63 ? 4095 : at));
  const codes = new Uint8Array(64);
  const bytes = encodeBody([{ indices, codes, low: 1, high: 1 }], form);
  assert.ok(bytes.length <= maximumBodyBytes(form));
  assert.deepEqual(decodeBody(bytes, form)[0]?.indices, indices);
});

test("random damage: no crash, and whatever decodes re-encodes to the same bytes", () => {
  const mutation = fc.record({ at: fc.nat(body.length - 1), bit: fc.nat(7) });
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const mutated = body.slice();
      for (const { at, bit } of mutations) mutated[at] = (mutated[at] ?? 0) ^ (1 << bit);
      let decoded: SparseUpdate;
      try {
        decoded = decodeBody(mutated, layout);
      } catch (error) {
        assert.ok(isAssayError(error, "update-malformed"), String(error));
        return;
      }
      accepted += 1;
      assert.deepEqual(encodeBody(decoded, layout), mutated);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(accepted > 0, "some damage must make another valid update, or this tests nothing");
});

test("random bytes: no crash, and whatever decodes re-encodes to the same bytes", () => {
  fc.assert(
    fc.property(layouts, fc.uint8Array({ maxLength: 120 }), (form, bytes) => {
      let decoded: SparseUpdate;
      try {
        decoded = decodeBody(bytes, form);
      } catch (error) {
        assert.ok(isAssayError(error, "update-malformed"), String(error));
        return;
      }
      assert.deepEqual(encodeBody(decoded, form), bytes);
    }),
    { numRuns: 5000 },
  );
});

test("length: every truncation and every extension is refused", () => {
  for (let length = 0; length < body.length; length += 1) reasonOf(body.slice(0, length), layout);
  assert.match(reasonOf(Uint8Array.from([...body, 0]), layout), /follow the last tensor/);
});

test("padding must be zero", () => {
  const form = { lengths: [3], k: 1, chunk: 3 };
  const indices = Uint32Array.of(0);
  const bytes = encodeBody([{ indices, codes: Uint8Array.of(1), low: 1, high: 1 }], form);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) | 0x80;
  assert.match(reasonOf(bytes, form), /padding/);
});

test("magnitudes must be finite, ordered, bounded and without minus zero", () => {
  const bad: readonly [number, number][] = [
    [Number.NaN, 1],
    [1, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
    [2, 1],
    [-1, 1],
    [-0, 1],
    [0, MAXIMUM_MAGNITUDE * 2],
  ];
  for (const [low, high] of bad) {
    const bytes = body.slice();
    const view = new DataView(bytes.buffer);
    view.setFloat32(0, low, true);
    view.setFloat32(4, high, true);
    assert.match(reasonOf(bytes, layout), /magnitudes/, `${low} ${high}`);
  }
});

/** The body of four dense entries, spelled without the encoder. */
function spell(codes: readonly number[], low: number, high: number): Uint8Array {
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  view.setFloat32(0, low, true);
  view.setFloat32(4, high, true);
  bytes[8] = codes.reduce((byte, code, at) => byte | (code << (2 * at)), 0);
  return bytes;
}

/** The numbers that a tensor means; + 0 makes -0 into 0. */
function valuesOf({ codes, low, high }: SparseTensor): number[] {
  return [...codes].map((code) => (code & 1 ? -1 : 1) * (code & 2 ? high : low) + 0);
}

test("one encoding per set of values: other spellings of the same numbers are refused", () => {
  const form = { lengths: [4], k: 4, chunk: 4 };
  const indices = Uint32Array.of(0, 1, 2, 3);
  const refused: readonly [number[], number, number][] = [
    [[0, 0, 1, 1], 1, 2],
    [[2, 2, 3, 3], 1, 2],
    [[2, 0, 1, 1], 1, 1],
    [[1, 0, 2, 2], 0, 1],
    [[1, 0, 0, 0], 0, 0],
  ];
  for (const [codes, low, high] of refused) {
    assert.match(reasonOf(spell(codes, low, high), form), /canonical/, codes.join());
    const tensor = { indices, codes: Uint8Array.from(codes), low, high };
    const decoded = decodeBody(encodeBody([tensor], form), form)[0];
    assert.ok(decoded);
    assert.deepEqual(valuesOf(decoded), valuesOf(tensor));
  }
});

test("the encoder refuses what does not fit the layout", () => {
  const [first, second] = update;
  assert.ok(first && second);
  const swapped = { ...first, indices: first.indices.toReversed() };
  const doubled = { ...first, indices: first.indices.map((_, at, all) => all[at & ~1] ?? 0) };
  for (const bad of [[first], [first, first], [swapped, second], [doubled, second]]) {
    assert.throws(() => encodeBody(bad, layout), /update-malformed/);
  }
});

/** log2 of the binomial coefficient, per chosen index: what no code for uniform indices can beat on average. */
function indexFloor(length: number, kept: number): number {
  let bits = 0;
  for (let i = 0; i < kept; i += 1) bits += Math.log2((length - i) / (i + 1));
  return bits / kept;
}

for (const [k, limit] of [
  [64, 0.15],
  [256, 0.475],
] as const) {
  test(`bits per parameter at k = ${k} of 4096 are at most ${limit}`, (context) => {
    const form = { lengths: [4096 * 27], k, chunk: 4096 };
    const sizes = [1, 2, 3].map((seed) => encodeBody(uniformUpdate(form, seed), form).length);
    const parameters = 3 * 4096 * 27;
    const bits = (8 * sizes.reduce((sum, size) => sum + size, 0)) / parameters;
    const floor = ((indexFloor(4096, k) + 2) * k) / 4096;
    context.diagnostic(`${bits.toFixed(4)} bit per parameter; floor ${floor.toFixed(4)}`);
    assert.ok(bits <= limit && bits >= floor, `${bits} bits`);
  });
}

test("an update of the demo's size is coded in a few milliseconds", (context) => {
  const form = { lengths: [4096 * 27], k: 256, chunk: 4096 };
  const large = uniformUpdate(form, 7);
  const bytes = encodeBody(large, form);
  for (let warmup = 0; warmup < 30; warmup += 1) decodeBody(encodeBody(large, form), form);
  const start = performance.now();
  for (let round = 0; round < 20; round += 1) encodeBody(large, form);
  const middle = performance.now();
  for (let round = 0; round < 20; round += 1) decodeBody(bytes, form);
  const end = performance.now();
  const [encoding, decoding] = [(middle - start) / 20, (end - middle) / 20];
  context.diagnostic(
    `6912 entries: encode ${encoding.toFixed(2)} ms, decode ${decoding.toFixed(2)} ms`,
  );
  assert.ok(encoding < 50 && decoding < 50);
});
