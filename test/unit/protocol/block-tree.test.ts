/** @file Block trees: the vectors, every byte and the length bound, and lists that anybody may have sent. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { digestOfBlock, treeAddressOf } from "../../../src/blobs/hashing.ts";
import {
  BLOCK_BYTES,
  blockBytes,
  blockDigest,
  blocksIn,
  encodeBlockList,
  isBlock,
  listBytes,
  parseBlockList,
  treeAddress,
  treeRoot,
} from "../../../src/protocol/block-tree.ts";
import { blake2b256, hexOf } from "../../../src/protocol/digest.ts";

const vectorsSchema = z.object({
  trees: z.array(z.object({ bytes: z.number(), last: z.string(), root: z.string() })),
});
const vectors = vectorsSchema.parse(
  JSON.parse(readFileSync(new URL("../../fixtures/block-trees.json", import.meta.url), "utf8")),
);

/** The bytes of the vectors: byte i is (i * i) >> 7, without what does not fit. */
const drawn = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, at) => Math.floor((at * at) / 128) % 256);

test("roots and last blocks are those of the vectors, in JavaScript and in WebAssembly", async () => {
  assert.ok(vectors.trees.length >= 6);
  for (const { bytes, last, root } of vectors.trees) {
    const all = drawn(bytes);
    const tail = all.subarray((blocksIn(bytes) - 1) * BLOCK_BYTES);
    assert.equal(hexOf(blockDigest(tail)), last);
    assert.equal(hexOf(await digestOfBlock(tail)), last);
    assert.equal(await treeAddressOf(all), root);
    if (bytes <= BLOCK_BYTES + 1) assert.equal(treeAddress(all), root);
  }
});

/** A list of made-up digests: its root needs no bytes. */
const list = fc
  .record({
    blocks: fc.integer({ min: 1, max: 40 }),
    short: fc.integer({ min: 0, max: BLOCK_BYTES - 1 }),
    seed: fc.nat(),
  })
  .map(({ blocks, short, seed }) => ({
    bytes: blocks * BLOCK_BYTES - short,
    digests: Array.from({ length: blocks }, (_, index) =>
      blockDigest(Uint8Array.of(index, seed & 255, (seed >> 8) & 255)),
    ),
  }));

test("a list comes back by its root; no list with another length, order or digest has that root", () => {
  fc.assert(
    fc.property(list, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (one, a, b, flip) => {
      const root = treeRoot(one);
      const encoded = encodeBlockList(one);
      assert.equal(encoded.length, listBytes(one.bytes));
      assert.deepEqual(parseBlockList(encoded, root), one);
      const changed = encoded.slice();
      changed[a % encoded.length] = (changed[a % encoded.length] ?? 0) ^ flip;
      assert.equal(parseBlockList(changed, root), null);
      assert.equal(parseBlockList(encoded.subarray(0, b % encoded.length), root), null);
      const digests = one.digests.toReversed();
      if (digests.length > 1) assert.notEqual(treeRoot({ ...one, digests }), root);
    }),
    { numRuns: 60 },
  );
});

test("any bytes are a list or null, never a crash", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(parseBlockList(bytes, `0x${"00".repeat(32)}`), null);
    }),
  );
});

test("a node of the tree passes for no block, nor the bytes of one for a blob", () => {
  const one = {
    bytes: 4 * BLOCK_BYTES,
    digests: [1, 2, 3, 4].map((n) => blockDigest(Uint8Array.of(n))),
  };
  const [a, b, c, d] = one.digests;
  assert.ok(a && b && c && d);
  // What an attacker would send as two blocks: the two nodes of the row above.
  const label = new TextEncoder().encode("assay/node/1");
  const pairs = [Buffer.concat([label, a, b]), Buffer.concat([label, c, d])];
  for (const pair of pairs) assert.ok(!isBlock(one, 0, blockDigest(pair)));
  const nodes = pairs.map((pair) => blockDigest(pair));
  assert.notEqual(treeRoot({ bytes: 2 * BLOCK_BYTES, digests: nodes }), treeRoot(one));
  const bytes = drawn(1000);
  assert.notEqual(treeAddress(bytes), blake2b256(bytes));
  assert.notEqual(hexOf(blockDigest(bytes)), blake2b256(bytes));
});

test("digests that are not as many as the blocks have no root; the last block may be short", () => {
  const digests = [blockDigest(Uint8Array.of(1))];
  assert.throws(() => treeRoot({ bytes: 0, digests: [] }), RangeError);
  assert.throws(() => treeRoot({ bytes: BLOCK_BYTES + 1, digests }), RangeError);
  assert.equal(blockBytes({ bytes: BLOCK_BYTES + 7 }, 1), 7);
  assert.equal(blockBytes({ bytes: BLOCK_BYTES + 7 }, 0), BLOCK_BYTES);
});
