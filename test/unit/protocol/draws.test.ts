/** @file Keys, draws, page assignment and batches against the vectors, and their properties. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  assignedPages,
  leastPages,
  noisePages,
  pagesPerUid,
  permute,
} from "../../../src/protocol/assignment.ts";
import { chooseSequences } from "../../../src/protocol/batches.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { assignKey, drawsOf, evalKey, noiseKey } from "../../../src/protocol/draws.ts";
import vectors from "../../fixtures/protocol.json" with { type: "json" };

const hex = (digits: string): Hex => `0x${digits}`;
const { inputs, keys, batches } = vectors;
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

for (const vector of vectors.assignments) {
  const { P: pages, N: neurons, n: most, m: count, sequencesPerPage, q } = vector;

  test(`pages and batches of ${neurons} uids in ${pages} pages equal the vectors`, () => {
    const perUid = pagesPerUid({ pages, neurons, most });
    assert.equal(perUid, vector.pagesOfUid);
    assert.deepEqual(assignedPages({ key, pages, uid: 0, perUid }), vector.uid0);
    const last = assignedPages({ key, pages, uid: neurons - 1, perUid });
    assert.deepEqual(last, vector.lastUid);
    const own = chooseSequences(drawsOf(hex(keys.eval)), perUid * sequencesPerPage, q);
    assert.deepEqual(own, vector.ownBatch);
    const draws = drawsOf(hex(keys.noise));
    const noise = noisePages(draws, { key, pages, assigned: neurons * perUid, count });
    assert.deepEqual(noise, vector.noise);
    const batch = chooseSequences(draws, count * sequencesPerPage, q);
    assert.deepEqual(batch, vector.noiseBatch);
  });
}

test("whole permutations equal the vectors", () => {
  const { P17, P5 } = vectors.permutations;
  for (const whole of [P17, P5])
    assert.deepEqual(
      whole.map((_, x) => permute(key, whole.length, x)),
      whole,
    );
});

test("how many pages a uid is assigned equals the vectors, exactly up to 2^32 pages", () => {
  for (const { P: pages, N: neurons, n: most, pages: assigned } of vectors.pagesOfUid)
    assert.equal(pagesPerUid({ pages, neurons, most }), assigned);
  const sizes = fc.record({
    pages: fc.integer({ min: 1, max: 2 ** 32 }),
    neurons: fc.integer({ min: 1, max: 4096 }),
    most: fc.integer({ min: 1, max: 65_536 }),
  });
  fc.assert(
    fc.property(sizes, ({ pages, neurons, most }) => {
      const perUid = BigInt(pagesPerUid({ pages, neurons, most }));
      const room = (one: bigint): boolean => 4n * BigInt(neurons) * one <= 3n * BigInt(pages);
      assert.ok(room(perUid), "no more than three quarters");
      assert.ok(perUid === BigInt(most) || (perUid < most && !room(perUid + 1n)), "and no fewer");
    }),
  );
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

const subnet = fc
  .record({
    noise: fc.integer({ min: 1, max: 8 }),
    neurons: fc.integer({ min: 1, max: 40 }),
    most: fc.integer({ min: 1, max: 12 }),
    more: fc.nat(150),
  })
  .map(({ more, ...sizes }) => ({ ...sizes, pages: 16 * sizes.noise + more }));

test("no page has two uids, and noise pages are nobody's, none twice, the same for all", () => {
  fc.assert(
    fc.property(anyKey, anyKey, subnet, (seed, late, { pages, neurons, most, noise: count }) => {
      const perUid = pagesPerUid({ pages, neurons, most });
      const slices = Array.from({ length: neurons }, (_, uid) =>
        assignedPages({ key: seed, pages, uid, perUid }),
      );
      const drawn = (): number[] =>
        noisePages(drawsOf(late), { key: seed, pages, assigned: neurons * perUid, count });
      const noise = drawn();
      assert.equal(noise.length, count);
      const everything = [...slices.flat(), ...noise];
      assert.equal(new Set(everything).size, everything.length);
      assert.ok(everything.every((page) => page >= 0 && page < pages));
      assert.deepEqual(drawn(), noise, "whoever draws them");
    }),
    { numRuns: 100 },
  );
});

test("every page that is nobody's may become noise, and each as likely", () => {
  // 25 free pages, 5 drawn 4000 times: 24 degrees of freedom, 99.99 % below 57.1 (a little less without repetition).
  const [pages, assigned, count, times] = [100, 75, 5, 4000];
  const found = new Map<number, number>();
  for (let seed = 0; seed < times; seed++) {
    const draws = drawsOf(blake2b256(new TextEncoder().encode(`noise ${seed}`)));
    for (const page of noisePages(draws, { key, pages, assigned, count }))
      found.set(page, (found.get(page) ?? 0) + 1);
  }
  assert.equal(found.size, pages - assigned);
  const usual = (times * count) / (pages - assigned);
  const chiSquare = [...found.values()].reduce((sum, n) => sum + (n - usual) ** 2 / usual, 0);
  assert.ok(chiSquare < 57.1, `chi-square ${chiSquare}`);
});

test("the fewest pages are enough for everybody, and one less is not", () => {
  fc.assert(
    fc.property(subnet, ({ neurons, most: perUid, noise }) => {
      const least = leastPages({ neurons, perUid, noise });
      const isEnough = (pages: number): boolean =>
        pages >= 16 * noise && pagesPerUid({ pages, neurons, most: perUid }) === perUid;
      assert.ok(isEnough(least));
      assert.ok(!isEnough(least - 1));
    }),
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
