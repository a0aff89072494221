/** @file Keys, draws, page assignment and batches against the vectors, and their properties. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { assignedPages, noisePages, overlaps, permute } from "../../../src/protocol/assignment.ts";
import { chooseSequences } from "../../../src/protocol/batches.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { assignKey, drawsOf, evalKey, noiseKey } from "../../../src/protocol/draws.ts";
import vectors from "../../fixtures/protocol.json" with { type: "json" };

const hex = (digits: string): Hex => `0x${digits}`;
const { inputs, keys, assignment, batches } = vectors;
const shared = {
  genesis: hex(inputs.genesis),
  runId: hex(inputs.runId),
  netuid: inputs.netuid,
  window: inputs.window,
};
const key = hex(keys.assign);
const anyKey = fc.integer().map((seed) => blake2b256(new TextEncoder().encode(String(seed))));

test("the three keys of a window equal the vectors", () => {
  const hotkey = hex(inputs.hotkey);
  const later = { ...shared, hash: hex(inputs.deadlineNextHash) };
  assert.equal(assignKey({ ...shared, hash: hex(inputs.windowHash) }), key);
  assert.equal(evalKey({ ...later, hotkey }), hex(keys.eval));
  assert.equal(noiseKey(later), hex(keys.noise));
});

test("every input of a key changes it", () => {
  const input = { ...shared, hash: hex(inputs.windowHash) };
  const other = hex("11".repeat(32));
  const variants = [
    { ...input, genesis: other },
    { ...input, runId: other },
    { ...input, netuid: 4 },
    { ...input, window: 42 },
    { ...input, hash: other },
  ].map(assignKey);
  assert.equal(new Set([key, ...variants]).size, variants.length + 1);
});

test("draws equal the vectors across block boundaries", () => {
  const draws = drawsOf(key);
  assert.deepEqual(
    vectors.draws.firstU64.map(() => String(draws.next())),
    vectors.draws.firstU64,
  );
  const below = drawsOf(key);
  assert.deepEqual(
    vectors.draws.below1000.map(() => below.below(1000)),
    vectors.draws.below1000,
  );
});

test("below(n) stays in range, refuses nonsense, and is uniform", () => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seed, n) => {
      const value = drawsOf(seed).below(n);
      assert.ok(Number.isSafeInteger(value) && value >= 0 && value < n);
    }),
  );
  for (const n of [0, -1, 1.5, 2 ** 53]) assert.throws(() => drawsOf(key).below(n), RangeError);
  // Chi-square over 10 cells, 20 000 draws: 9 degrees of freedom, 99.99 % below 33.7. The key is fixed, so no flakes.
  const draws = drawsOf(key);
  const cells = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 20_000; i += 1) {
    const cell = draws.below(10);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  const chiSquare = cells.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
  assert.ok(chiSquare < 33.7, `chi-square ${chiSquare}`);
});

test("assigned and noise pages equal the vectors", () => {
  const { P: pages, N: neurons, n: perUid, m: count } = assignment;
  assert.deepEqual(assignedPages({ key, pages, uid: 0, perUid }), assignment.uid0);
  assert.deepEqual(assignedPages({ key, pages, uid: 6, perUid }), assignment.uid6);
  assert.deepEqual(noisePages({ key, pages, neurons, perUid, count }), assignment.noise);
  const all = (size: number): number[] =>
    Array.from({ length: size }, (_, x) => permute(key, size, x));
  assert.deepEqual(all(17), assignment.P17);
  assert.deepEqual(all(5), assignment.P5);
});

test("perm is a bijection for every number of pages", () => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 1, max: 300 }), (seed, pages) => {
      const image = Array.from({ length: pages }, (_, x) => permute(seed, pages, x));
      assert.deepEqual(
        image.toSorted((a, b) => a - b),
        Array.from({ length: pages }, (_, x) => x),
      );
    }),
    { numRuns: 30 },
  );
  for (const pages of [2 ** 31 + 7, 2 ** 32]) {
    const page = permute(key, pages, pages - 1);
    assert.ok(Number.isSafeInteger(page) && page >= 0 && page < pages);
  }
  assert.throws(() => permute(key, 10, 10), RangeError);
  assert.throws(() => permute(key, 0, 0), RangeError);
});

test("slices of uids and noise are disjoint exactly while there are enough pages", () => {
  const form = fc.record({
    pages: fc.integer({ min: 1, max: 200 }),
    neurons: fc.integer({ min: 1, max: 10 }),
    perUid: fc.integer({ min: 1, max: 10 }),
    noise: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(anyKey, form, (seed, { pages, neurons, perUid, noise }) => {
      const slices = Array.from({ length: neurons }, (_, uid) =>
        assignedPages({ key: seed, pages, uid, perUid }),
      );
      const everything = [
        ...slices.flat(),
        ...noisePages({ key: seed, pages, neurons, perUid, count: noise }),
      ];
      const disjoint = new Set(everything).size === everything.length;
      assert.equal(disjoint, !overlaps({ pages, neurons, perUid, noise }));
    }),
    { numRuns: 50 },
  );
});

test("evaluation batches equal the vectors", () => {
  const { S: total, q: count } = batches;
  assert.deepEqual(chooseSequences(drawsOf(hex(keys.eval)), total, count), batches.own);
  assert.deepEqual(chooseSequences(drawsOf(hex(keys.noise)), total, count), batches.noise);
});

test("a batch has no duplicates, equals a plain shuffle, and takes all when there are too few", () => {
  const sizes = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(anyKey, sizes, sizes, (seed, total, count) => {
      const chosen = chooseSequences(drawsOf(seed), total, count);
      const draws = drawsOf(seed);
      const shuffled = Array.from({ length: total }, (_, x) => x);
      for (let i = 0; i < Math.min(count, total); i += 1) {
        const j = i + draws.below(total - i);
        [shuffled[i], shuffled[j]] = [shuffled[j] ?? 0, shuffled[i] ?? 0];
      }
      assert.deepEqual(chosen, shuffled.slice(0, count));
      assert.equal(new Set(chosen).size, Math.min(count, total));
    }),
  );
});
