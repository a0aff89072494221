/** @file Pages: cut the same way by everybody, proven by sha256 when read; the manifest parser takes nothing else. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import {
  buildDataManifest,
  heldOutTokens,
  openPages,
  parseDataManifest,
  tokensOf,
} from "../../../src/data/pages.ts";

const SHAPE = { context: 4, sequencesPerPage: 3 };
const HELD_OUT = Uint8Array.from({ length: 50 }, (_, index) => index);

function shardOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + 3) % 251);
}

function refuses(
  act: () => unknown,
  code: "manifest-invalid" | "data-unreadable" | "data-too-small",
) {
  assert.throws(act, (error) => isAssayError(error, code));
}

test("a built manifest parses back and names what it describes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 13, max: 400 }), (length) => {
      const shard = shardOf(length);
      const built = buildDataManifest(shard, HELD_OUT, SHAPE);
      const parsed = parseDataManifest(built.manifest);
      assert.equal(parsed.pages, Math.floor((length - 1) / 12));
      assert.equal(parsed.pages, built.pages);
      assert.equal(built.pageDigests.length, 32 * built.pages);
      assert.deepEqual(parsed.shard, { address: blake2b256(shard), bytes: length });
      assert.equal(parsed.pageDigests, blake2b256(built.pageDigests));
    }),
  );
});

test("too little text for one page is said so", () => {
  refuses(() => buildDataManifest(shardOf(12), HELD_OUT, SHAPE), "data-too-small");
  refuses(() => heldOutTokens(new Uint8Array(4), 4, 1), "data-too-small");
});

test("sequences are the shard's bytes, numbered through the asked pages in their order", () => {
  const shard = shardOf(100);
  const built = buildDataManifest(shard, HELD_OUT, SHAPE);
  const source = openPages(parseDataManifest(built.manifest), shard, built.pageDigests);
  const sequences = source.sequences([5, 0]);
  assert.equal(sequences.count, 6);
  assert.deepEqual(sequences.at(0), shard.subarray(60, 65));
  assert.deepEqual(sequences.at(2), shard.subarray(68, 73));
  assert.deepEqual(sequences.at(3), shard.subarray(0, 5));
  assert.deepEqual(
    [...tokensOf(sequences, [3, 0], 4)],
    [...shard.subarray(0, 5), ...shard.subarray(60, 65)],
  );
});

test("a page with one changed byte is refused when it is read, the others are not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 96 }), (at) => {
      const shard = shardOf(97);
      const built = buildDataManifest(shard, HELD_OUT, SHAPE);
      const source = openPages(parseDataManifest(built.manifest), shard, built.pageDigests);
      shard[at] = (shard[at] ?? 0) ^ 1;
      for (let page = 0; page < 8; page++) {
        const holds = at >= page * 12 && at <= page * 12 + 12;
        const read = (): Uint8Array => source.sequences([page]).at(0);
        if (holds) refuses(read, "data-unreadable");
        else assert.equal(read().length, 5);
      }
    }),
  );
});

test("a page that does not exist is refused", () => {
  const built = buildDataManifest(shardOf(100), HELD_OUT, SHAPE);
  const source = openPages(parseDataManifest(built.manifest), shardOf(100), built.pageDigests);
  refuses(() => source.sequences([8]).at(0), "data-unreadable");
  refuses(() => source.sequences([]).at(0), "data-unreadable");
});

test("the parser never fails with anything but its fault, whatever the bytes", () => {
  const { manifest } = buildDataManifest(shardOf(100), HELD_OUT, SHAPE);
  const mutated = fc
    .array(fc.record({ at: fc.nat(manifest.length - 1), byte: fc.nat(255) }), { maxLength: 3 })
    .map((changes) => {
      const bytes = manifest.slice();
      for (const { at, byte } of changes) bytes[at] = byte;
      return bytes;
    });
  const other = fc.oneof(
    mutated,
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(other, (bytes) => {
      try {
        const parsed = parseDataManifest(bytes);
        assert.ok(parsed.pages >= 1 && parsed.context >= 1 && parsed.sequencesPerPage >= 1);
      } catch (error) {
        assert.ok(isAssayError(error, "manifest-invalid"), String(error));
      }
    }),
    { numRuns: 300 },
  );
  refuses(() => parseDataManifest(new Uint8Array((1 << 16) + 1)), "manifest-invalid");
});

test("unknown fields, fractions and wrong digests are refused", () => {
  const { manifest } = buildDataManifest(shardOf(100), HELD_OUT, SHAPE);
  const good: Record<string, unknown> = JSON.parse(Buffer.from(manifest).toString());
  const bad: Record<string, unknown>[] = [
    { ...good, extra: 1 },
    { ...good, pages: 1.5 },
    { ...good, pages: 0 },
    { ...good, context: -1 },
    { ...good, format: "assay/data/2" },
    { ...good, tokenizer: "words" },
    { ...good, pageDigests: "0x12" },
    { ...good, shard: { address: `0x${"zz".repeat(32)}`, bytes: 100 } },
  ];
  for (const one of bad)
    refuses(() => parseDataManifest(Buffer.from(JSON.stringify(one))), "manifest-invalid");
});

test("held-out sequences are evenly spaced and never more than there are", () => {
  assert.deepEqual([...heldOutTokens(HELD_OUT, 4, 2)], [0, 1, 2, 3, 4, 24, 25, 26, 27, 28]);
  assert.equal(heldOutTokens(HELD_OUT, 4, 1000).length, 12 * 5);
});
