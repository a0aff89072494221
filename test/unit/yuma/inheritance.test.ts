/** @file What children inherit, against the chain's own arithmetic on 1,000 random families (chain/pallets/subtensor/src/tests/children.rs draws the same). */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { dividedDividends, inheritedStake, type Kin } from "../../../src/yuma/inheritance.ts";

const WORD = (1n << 64n) - 1n;
/** What the pallet's test says of the same families. */
const CHAINS_DIGEST = 3_289_724_659_836_194_343n;

/** SplitMix64. */
function drawsOf(seed: bigint): () => bigint {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & WORD;
    let word = state;
    word = ((word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n) & WORD;
    word = ((word ^ (word >> 27n)) * 0x94d049bb133111ebn) & WORD;
    return word ^ (word >> 31n);
  };
}

const many = <T>(count: bigint, draw: () => T): T[] => Array.from({ length: Number(count) }, draw);

test("is what the chain computes", () => {
  const next = drawsOf(11n);
  let digest = 0xcbf29ce484222325n;
  const add = (value: bigint): void => {
    digest = ((digest ^ value) * 0x100000001b3n) & WORD;
  };
  for (let family = 0; family < 1000; family++) {
    const own = next() % 21_000_000_000_000_000n;
    const children = many(next() % 4n, () => next() / 4n);
    const parents = many(next() % 6n, () => ({
      proportion: next(),
      stakeRao: next() % 21_000_000_000_000_000n,
      sameOwner: next() % 2n === 0n,
    }));
    const take = Number(next() % 11_797n);
    const dividends = next() % 100_000_000_000_000n;
    const kin: Kin = { children, parents, take };
    add(inheritedStake(own, kin));
    const divided = dividedDividends(dividends, own, kin);
    divided.parents.forEach(add);
    add(divided.own);
  }
  assert.equal(digest, CHAINS_DIGEST);
});

test("who has no kin keeps everything", () => {
  const kin: Kin = { children: [], parents: [], take: 65_535 };
  fc.assert(
    fc.property(fc.bigInt(0n, WORD), fc.bigInt(0n, WORD), (own, dividends) => {
      assert.equal(inheritedStake(own, kin), own);
      assert.deepEqual(dividedDividends(dividends, own, kin), { parents: [], own: dividends });
    }),
  );
});
