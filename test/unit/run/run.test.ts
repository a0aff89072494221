/** @file Which sequences miners train on and validators judge by, on subnets of any size. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { DataManifest } from "../../../src/data/data-manifest.ts";
import { isAssayError } from "../../../src/errors.ts";
import { blake2b256, type Hex } from "../../../src/protocol/digest.ts";
import { Run, type WindowKeys } from "../../../src/run/run.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const CONTEXT = 2;
const GENESIS: Hex = `0x${"01".repeat(32)}`;

const sizes = fc
  .record({
    noisePages: fc.integer({ min: 1, max: 4 }),
    neurons: fc.integer({ min: 1, max: 30 }),
    pagesPerWindow: fc.integer({ min: 1, max: 9 }),
    sequencesPerPage: fc.integer({ min: 1, max: 5 }),
    ownSequences: fc.integer({ min: 1, max: 40 }),
    noiseSequences: fc.integer({ min: 1, max: 12 }),
    steps: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 1, max: 12 }),
    more: fc.nat(300),
    seed: fc.nat(),
  })
  .filter(({ noisePages, neurons, more }) => 3 * (16 * noisePages + more) >= 4 * neurons);
type Sizes = typeof sizes extends fc.Arbitrary<infer S> ? S : never;

/** A run whose tokens say which page and which of its sequences they are. */
function runOf({ noisePages, pagesPerWindow, sequencesPerPage, steps, batch, more }: Sizes): Run {
  const pages = 16 * noisePages + more;
  const { model, data, inner } = EXAMPLE_MANIFEST;
  return new Run({
    genesis: GENESIS,
    runId: GENESIS,
    manifest: {
      ...EXAMPLE_MANIFEST,
      model: { ...model, context: CONTEXT },
      data: { ...data, pages, noisePages, pagesPerWindow, sequencesPerPage },
      inner: { ...inner, steps, batch },
    },
    pages: {
      manifest: stub<DataManifest>({}),
      prefetch: () => undefined,
      sequences: (chosen) =>
        Promise.resolve({
          count: chosen.length * sequencesPerPage,
          at(index: number) {
            const page =
              chosen[Math.floor(index / sequencesPerPage)] ?? assert.fail("no such page");
            return Int32Array.of(page >> 8, page & 255, index % sequencesPerPage);
          },
        }),
    },
    heldOut: new Uint8Array(),
  });
}

/** The sequences of a batch as [page, sequence of the page]. */
function sequencesOf(tokens: Int32Array): (readonly [number, number])[] {
  const row = CONTEXT + 1;
  return Array.from({ length: tokens.length / row }, (_, index) => {
    const [high = 0, low = 0, sequence = 0] = tokens.subarray(index * row);
    return [256 * high + low, sequence] as const;
  });
}
const pagesOf = (tokens: Int32Array): ReadonlySet<number> =>
  new Set(sequencesOf(tokens).map(([page]) => page));
const countOf = (tokens: Int32Array): number => tokens.length / (CONTEXT + 1);

function keysOf(run: Run, seed: number): WindowKeys {
  const hash = (what: string): Hex => blake2b256(new TextEncoder().encode(`${what} ${seed}`));
  return run.keys(3, { window: hash("window"), evaluation: hash("evaluation") });
}

const hotkeyOf = (uid: number): Hex => `0x${uid.toString(16).padStart(64, "0")}`;
const rulesOf = ({ ownSequences, noiseSequences }: Sizes) => ({
  ...EXAMPLE_MANIFEST,
  evaluation: { ownSequences, noiseSequences, factor: 0.2 },
});

test("everybody trains on pages of its own alone, in whole passes, however few they are", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (size) => {
      const run = runOf(size);
      const { neurons, steps, batch, sequencesPerPage } = size;
      const { assign } = keysOf(run, size.seed);
      const perUid = run.pagesPerUid(neurons);
      const taken = new Set<number>();
      for (let uid = 0; uid < neurons; uid++) {
        const tokens = await run.trainingTokens(assign, { uid, neurons });
        assert.equal(countOf(tokens), steps * batch);
        const counts = new Map<string, number>();
        for (const one of sequencesOf(tokens))
          counts.set(one.join(), (counts.get(one.join()) ?? 0) + 1);
        const available = perUid * sequencesPerPage;
        const passes = (steps * batch) / available;
        assert.ok(counts.size === Math.min(available, steps * batch));
        for (const count of counts.values())
          assert.ok(count >= Math.floor(passes) && count <= Math.ceil(passes));
        for (const page of pagesOf(tokens)) {
          assert.ok(!taken.has(page), `page ${page} has two uids`);
          taken.add(page);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("the own batch comes from the uid's pages, and is all of their sequences when they are too few", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (size) => {
      const run = runOf(size);
      const { neurons, sequencesPerPage, ownSequences } = size;
      const keys = keysOf(run, size.seed);
      // As many steps as read every page.
      const whole = runOf({ ...size, steps: 1, batch: size.pagesPerWindow * sequencesPerPage });
      for (let uid = 0; uid < neurons; uid++) {
        const who = { uid, neurons, hotkey: hotkeyOf(uid) };
        const own = await run.ownTokens(keys, who, rulesOf(size));
        const available = run.pagesPerUid(neurons) * sequencesPerPage;
        assert.equal(countOf(own), Math.min(ownSequences, available));
        assert.equal(new Set(sequencesOf(own).map(String)).size, countOf(own), "none twice");
        const assigned = pagesOf(await whole.trainingTokens(keys.assign, who));
        assert.ok(pagesOf(own).isSubsetOf(assigned));
      }
    }),
    { numRuns: 60 },
  );
});

test("the noise batch is on nobody's pages, and another one with another block after the deadline", async () => {
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(sizes, async (size) => {
      const run = runOf(size);
      const { neurons, noisePages, noiseSequences, sequencesPerPage } = size;
      const keys = keysOf(run, size.seed);
      const noise = await run.noiseTokens(keys, neurons, rulesOf(size));
      assert.equal(countOf(noise), Math.min(noiseSequences, noisePages * sequencesPerPage));
      assert.ok(pagesOf(noise).size <= noisePages);
      const whole = runOf({ ...size, steps: 1, batch: size.pagesPerWindow * sequencesPerPage });
      for (let uid = 0; uid < neurons; uid++) {
        const assigned = pagesOf(await whole.trainingTokens(keys.assign, { uid, neurons }));
        assert.ok(pagesOf(noise).isDisjointFrom(assigned));
      }
      assert.deepEqual(await run.noiseTokens(keys, neurons, rulesOf(size)), noise);
      const late = run.keys(3, { ...keys.hashes, evaluation: GENESIS });
      assert.equal(late.assign, keys.assign);
      const other = await run.noiseTokens(late, neurons, rulesOf(size));
      if (sequencesOf(other).join() !== sequencesOf(noise).join()) moved += 1;
    }),
    { numRuns: 60 },
  );
  assert.ok(moved > 50, `${moved} of 60`);
});

const tooFew = (error: unknown): boolean => isAssayError(error, "pages-too-few");

test("a subnet of more uids than three quarters of the pages is refused by name", async () => {
  const size = { noisePages: 1, pagesPerWindow: 8, sequencesPerPage: 2, steps: 1, batch: 1 };
  const [ownSequences, noiseSequences, more, neurons, seed] = [8, 2, 4, 15, 0];
  const all: Sizes = { ...size, ownSequences, noiseSequences, more, neurons, seed };
  const run = runOf(all);
  assert.equal(run.pagesPerUid(15), 1, "20 pages");
  const keys = keysOf(run, 0);
  const seat = { uid: 0, neurons: 16 };
  assert.throws(() => run.pagesPerUid(16), tooFew);
  for (const act of [
    () => run.trainingTokens(keys.assign, seat),
    () => run.ownTokens(keys, { ...seat, hotkey: hotkeyOf(0) }, rulesOf(all)),
    () => run.noiseTokens(keys, 16, rulesOf(all)),
  ])
    await assert.rejects(act, tooFew);
});
