/** @file State roots against an independent implementation (smoldot's trie), and the tree against a plain map. */
import assert from "node:assert/strict";
import { before as beforeAll, test } from "node:test";
import { calculate_state_root } from "@acala-network/chopsticks-executor";
import * as fc from "fast-check";
import { hexOfKey, toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { cryptoReady } from "../../../../chain/embedded/codec/hashing.ts";
import { orderedRoot, trieRootHash } from "../../../../chain/embedded/state/trie-root.ts";
import {
  type TrieRoot,
  trieApply,
  trieGet,
  trieKeys,
  trieNext,
} from "../../../../chain/embedded/state/trie.ts";

beforeAll(cryptoReady);

/** Keys that share prefixes of any length, and some that are prefixes of others. */
const keys = fc
  .tuple(
    fc.constantFrom(
      "",
      "\x00",
      "\xab",
      "\xab\xcd",
      "prefix of more than sixty-three nibbles, on purpose",
    ),
    fc.array(fc.constantFrom("\x00", "\x01", "\x10", "\xff", "a"), { maxLength: 4 }),
  )
  .map(([head, tail]) => head + tail.join(""));
/** Lengths around 32, where layout V1 begins to hash values, and around 28, where nodes stop being inlined. */
const values = fc
  .tuple(fc.constantFrom(0, 1, 2, 20, 27, 28, 31, 32, 33, 63, 64, 300), fc.nat(255))
  .map(([length, byte]) => new Uint8Array(length).fill(byte));
const batches = fc.array(
  fc.array(fc.tuple(keys, fc.option(values, { freq: 3 })), { maxLength: 12 }),
  { minLength: 1, maxLength: 4 },
);

type Model = Map<string, Uint8Array>;

function applyToModel(
  model: Model,
  batch: readonly (readonly [string, Uint8Array | null])[],
): void {
  for (const [key, value] of batch) {
    if (value === null) model.delete(key);
    else model.set(key, value);
  }
}

async function oracleRoot(model: Model, version: 0 | 1): Promise<string> {
  const entries = Array.from(model, ([key, value]): [string, string] => [
    hexOfKey(key),
    toHex(value),
  ]);
  return calculate_state_root(entries, version);
}

for (const version of [0, 1] as const) {
  test(`incremental roots equal smoldot's, layout V${version}`, async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (list) => {
        let root: TrieRoot = null;
        const model: Model = new Map();
        for (const batch of list) {
          root = trieApply(root, batch);
          applyToModel(model, batch);
          const ours = toHex(trieRootHash(root, version));
          assert.equal(ours, await oracleRoot(model, version));
        }
      }),
      { numRuns: 150 },
    );
  });
}

test("reading and iterating equal a sorted map; old roots stay as they were", () => {
  fc.assert(
    fc.property(batches, keys, (list, probe) => {
      let root: TrieRoot = null;
      const model: Model = new Map();
      const versions: [TrieRoot, string[]][] = [];
      for (const batch of list) {
        root = trieApply(root, batch);
        applyToModel(model, batch);
        versions.push([root, [...model.keys()].toSorted()]);
      }
      for (const [old, sorted] of versions) assert.deepEqual([...trieKeys(old, "")], sorted);
      const sorted = [...model.keys()].toSorted();
      assert.equal(trieNext(root, probe), sorted.find((name) => name > probe) ?? null);
      assert.equal(trieGet(root, probe), model.get(probe) ?? null);
      assert.deepEqual(
        [...trieKeys(root, probe)],
        sorted.filter((name) => name.startsWith(probe)),
      );
      assert.deepEqual(
        [...trieKeys(root, "\xab", probe)],
        sorted.filter((name) => name.startsWith("\xab") && name > probe),
      );
    }),
  );
});

test("a tree's shape does not depend on its history", () => {
  fc.assert(
    fc.property(batches, fc.array(fc.tuple(keys, values)), (list, extra) => {
      let root: TrieRoot = null;
      for (const batch of list) root = trieApply(root, batch);
      const before = new Set(trieKeys(root, ""));
      const added = extra.filter(([name]) => !before.has(name));
      let detour = trieApply(root, added);
      trieRootHash(detour, 1);
      detour = trieApply(
        detour,
        added.map(([name]) => [name, null] as const),
      );
      assert.deepEqual(trieRootHash(detour, 1), trieRootHash(root, 1));
    }),
  );
});

test("ordered root of 300 items has keys of one and of two bytes", async () => {
  const items = Array.from({ length: 300 }, (_, index) => new Uint8Array(index % 50).fill(index));
  const entries = items.map((item, index): [string, string] => {
    const name = index < 64 ? [index << 2] : [((index & 63) << 2) | 1, index >> 6];
    return [toHex(Uint8Array.from(name)), toHex(item)];
  });
  for (const version of [0, 1] as const) {
    assert.equal(toHex(orderedRoot(items, version)), await calculate_state_root(entries, version));
  }
});
