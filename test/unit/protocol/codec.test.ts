/** @file The body of an update: one encoding each, nothing else accepted, and its size against the floor. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import {
  decodeBody,
  encodeBody,
  keptOf,
  keptOfTensor,
  maximumBodyBytes,
  type SparseTensor,
  type SparseUpdate,
  type UpdateLayout,
} from "../../../src/protocol/codec.ts";
import { type GapCode, gapCode } from "../../../src/protocol/codec-gaps.ts";
import { magnitudesOf } from "../../../src/protocol/codec-magnitudes.ts";
import { MAGNITUDES } from "../../support/codec-twin-levels.ts";
import { uniformUpdate } from "./uniform-update.ts";

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
});

test("the code of gaps follows from the counts", () => {
  const codes = [
    [64, 4096, 45, 11],
    [256, 4096, 11, 7],
    [2048, 4096, 1, 0],
    [4096, 4096, 1, 0],
    [1, 65_536, 65_536, 32],
  ] as const;
  for (const [count, length, base, pairBits] of codes)
    assert.deepEqual(gapCode({ count, length }), { base, pairBits });
});

/** Bits that a gap takes when each coordinate is kept with the same chance: the mean of a geometric law. */
function expectedBits({ base, pairBits }: GapCode, chance: number): number {
  return pairBits / 2 + 1 / (1 - (1 - chance) ** base);
}

test("the code is within 0.1 bit of the best of its kind, from half of the coordinates to one in 16,384", () => {
  const length = 32_768;
  for (let count = 2; count <= length / 2; count = Math.ceil(count * 1.01)) {
    const own = expectedBits(gapCode({ count, length }), count / length);
    for (let other = 1; other <= length / 2; other = Math.ceil(other * 1.1)) {
      const bits = expectedBits(gapCode({ count: other, length }), count / length);
      assert.ok(own <= bits + 0.1, `${count} coded as ${other}: ${own} and ${bits}`);
    }
  }
});

test("whatever is encoded decodes to itself, within the size bound", () => {
  fc.assert(
    fc.property(layouts, fc.nat(65535), (form, seed) => {
      const sent = uniformUpdate(form, seed);
      const bytes = encodeBody(sent, form);
      assert.ok(bytes.length <= maximumBodyBytes(form));
      assert.deepEqual(decodeBody(bytes, form), sent);
    }),
    { numRuns: 300 },
  );
});

test("any values are sent in their canonical form, which is sent as it is", () => {
  const form = { lengths: [12], k: 3, chunk: 5 };
  const indices = Uint32Array.of(0, 1, 4, 5, 7, 9, 10, 11);
  const value = fc.float({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 8, maxLength: 8 }), (list) => {
      const tensor = { indices, values: Float32Array.from(list) };
      const bytes = encodeBody([tensor], form);
      const canonical = decodeBody(bytes, form);
      assert.deepEqual(encodeBody(canonical, form), bytes);
      for (const [at, sent] of (canonical[0]?.values ?? []).entries())
        assert.ok(sent === 0 || sent < 0 === (list[at] ?? 0) < 0, "signs stay");
    }),
  );
});

test("values take one bit where at most one coordinate in 32 is kept, else two", () => {
  assert.equal(magnitudesOf({ k: 128, chunk: 4096 }), 1);
  assert.equal(magnitudesOf({ k: 129, chunk: 4096 }), 2);
  assert.equal(magnitudesOf({ k: 1, chunk: 1 }), 2);
});

test("the size bound is reached: all gaps at the end", () => {
  const form = { lengths: [4096], k: 64, chunk: 4096 };
  const indices = Uint32Array.from({ length: 64 }, (_, at) => (at === 63 ? 4095 : at));
  const bytes = encodeBody([{ indices, values: new Float32Array(64).fill(1) }], form);
  assert.equal(bytes.length, maximumBodyBytes(form));
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
    { numRuns: 10_000 },
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
  assert.match(reasonOf(Uint8Array.from([...body, 0]), layout), /follow the last quotient/);
});

test("padding must be zero", () => {
  const form = { lengths: [3], k: 1, chunk: 3 };
  const bytes = encodeBody([{ indices: Uint32Array.of(0), values: Float32Array.of(-1) }], form);
  for (const at of [2, 3, bytes.length - 1]) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) | 0x80;
    assert.match(reasonOf(damaged, form), /padding/);
  }
});

test("zeros have no signs", () => {
  const form = { lengths: [4], k: 4, chunk: 4 };
  const zeros = Uint8Array.of(0, 0, 0, 0);
  assert.match(reasonOf(Uint8Array.of(0, 0, 0b0010, 0), form), /canonical/);
  assert.deepEqual(decodeBody(zeros, form)[0]?.values, new Float32Array(4));
  const tiny = { indices: Uint32Array.of(0, 1, 2, 3), values: new Float32Array(4).fill(-1e-9) };
  assert.deepEqual(encodeBody([tiny], form), zeros);
});

test("every byte of a magnitude is one float32 number, and no two are equal", () => {
  assert.equal(new Set(MAGNITUDES).size, 256);
  assert.deepEqual(MAGNITUDES, MAGNITUDES.toSorted());
  const form = { lengths: [1], k: 1, chunk: 1 };
  for (const [byte, magnitude] of MAGNITUDES.entries())
    assert.equal(decodeBody(Uint8Array.of(byte, byte, 0, 0), form)[0]?.values[0], magnitude);
});

test("the encoder refuses what does not fit the layout", () => {
  const [first, second] = update;
  assert.ok(first && second);
  const swapped = { ...first, indices: first.indices.toReversed() };
  const doubled = { ...first, indices: first.indices.map((_, at, all) => all[at & ~1] ?? 0) };
  const infinite = { ...first, values: first.values.map(() => Infinity) };
  const bad: SparseTensor[][] = [
    [first],
    [first, first],
    [swapped, second],
    [doubled, second],
    [infinite, second],
  ];
  for (const one of bad) assert.throws(() => encodeBody(one, layout), /update-malformed/);
});

/** log2 of the binomial coefficient, per chosen index: what no code for uniform indices can beat on average. */
function indexFloor(length: number, kept: number): number {
  let bits = 0;
  for (let i = 0; i < kept; i += 1) bits += Math.log2((length - i) / (i + 1));
  return bits / kept;
}

for (const [k, limit] of [
  [64, 0.135],
  [256, 0.471],
] as const) {
  test(`bits per parameter at k = ${k} of 4096 are at most ${limit}`, (context) => {
    const form = { lengths: [4096 * 27], k, chunk: 4096 };
    const sizes = [1, 2, 3].map((seed) => encodeBody(uniformUpdate(form, seed), form).length);
    const parameters = 3 * 4096 * 27;
    const bits = (8 * sizes.reduce((sum, size) => sum + size, 0)) / parameters;
    const floor = ((indexFloor(4096, k) + magnitudesOf(form)) * k) / 4096;
    context.diagnostic(`${bits.toFixed(4)} bit per parameter; floor ${floor.toFixed(4)}`);
    assert.ok(bits <= limit && bits >= floor, `${bits} bits`);
  });
}
