/** @file What turns one tree into another, against the maps they were made of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { trieDiff } from "../../../../chain/embedded/state/trie-diff.ts";
import {
  type TrieRoot,
  trieApply,
  trieGet,
  trieKeys,
  valueBytes,
} from "../../../../chain/embedded/state/trie.ts";

type Entries = ReadonlyMap<string, number>;

/** Few letters, so that keys share prefixes and are prefixes of each other. */
const keys = fc
  .array(fc.constantFrom("\u0000", "\u0001", "\u0010", "\u00ff"), { maxLength: 5 })
  .map((letters) => letters.join(""));
const entries = fc
  .array(fc.tuple(keys, fc.nat({ max: 3 })), { maxLength: 25 })
  .map((pairs): Entries => new Map(pairs));

const applied = (root: TrieRoot, map: Entries): TrieRoot =>
  trieApply(
    root,
    [...map].map(([key, value]) => [key, Uint8Array.of(value)] as const),
  );

function entriesOf(root: TrieRoot): Map<string, number | undefined> {
  return new Map(
    [...trieKeys(root, "")].map((key) => {
      const value = trieGet(root, key);
      return [key, value === null ? undefined : valueBytes(value)[0]];
    }),
  );
}

const sorted = (map: ReadonlyMap<string, number | undefined>): unknown =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));

function check(from: TrieRoot, to: TrieRoot): void {
  const diff = trieDiff(from, to);
  assert.deepEqual(sorted(entriesOf(trieApply(from, diff))), sorted(entriesOf(to)));
  const [before, after] = [entriesOf(from), entriesOf(to)];
  const different = new Set(
    [...before.keys(), ...after.keys()].filter((key) => before.get(key) !== after.get(key)),
  );
  assert.deepEqual(new Set(diff.map(([key]) => key)), different);
  assert.equal(diff.length, different.size, "each key once");
}

test("trees that share nothing, and trees of which one was made of the other", () => {
  fc.assert(
    fc.property(entries, entries, fc.array(keys, { maxLength: 8 }), (one, other, removed) => {
      const from = applied(null, one);
      check(from, applied(null, other));
      const later = trieApply(
        applied(from, other),
        removed.map((key) => [key, null] as const),
      );
      check(from, later);
      check(later, from);
      check(null, from);
      check(from, null);
    }),
    { numRuns: 300 },
  );
});
