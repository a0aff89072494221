/** @file Pages: cut the same way by everybody, proven by sha256 when read; the manifest parser takes nothing else. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { AssayError, isAssayError } from "../../../src/errors.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import {
  buildDataManifest,
  parseDataManifest,
  type ShardParts,
} from "../../../src/data/data-manifest.ts";
import { heldOutTokens, openPages, type PageReader, tokensOf } from "../../../src/data/pages.ts";
import { memoryFile } from "../../../src/data/ranges.ts";
import { encodeTokens, type TokenBytes } from "../../../src/data/tokens.ts";

const SHAPE = { context: 4, sequencesPerPage: 3 };
const HELD_OUT = Uint8Array.from({ length: 50 }, (_, index) => index);
const ADDRESS = `0x${"11".repeat(32)}`;
const ONE_BYTE = { context: 4, tokenBytes: 1, vocabulary: 256 } as const;
const WIDTHS = [1, 2, 4] as const;

/** Tokens that need all bytes of their width. */
function tokensFor(length: number, tokenBytes: TokenBytes): Int32Array {
  const factor = { 1: 1, 2: 257, 4: 16_411 }[tokenBytes];
  return Int32Array.from({ length }, (_, index) => ((index * 7 + 3) % 251) * factor);
}

function partsOf(length: number, tokenBytes: TokenBytes = 1): ShardParts {
  const training = encodeTokens(tokensFor(length, tokenBytes), tokenBytes);
  const vocabulary = { 1: 256, 2: 1 << 16, 4: 4_194_304 }[tokenBytes];
  return { training, heldOut: HELD_OUT, tokenBytes, vocabulary };
}

function sourceOf(
  parts: ShardParts,
  readers: readonly PageReader[] = [memoryFile("the shard", parts.training)],
) {
  const built = buildDataManifest(parts, SHAPE);
  return openPages(parseDataManifest(built.manifest), readers, built.pageDigests);
}

function refuses(act: () => unknown, code: "manifest-invalid" | "data-too-small") {
  assert.throws(act, (error) => isAssayError(error, code));
}

test("a built manifest parses back and names what it describes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 13, max: 400 }),
      fc.constantFrom(...WIDTHS),
      (length, tokenBytes) => {
        const parts = partsOf(length, tokenBytes);
        const built = buildDataManifest(parts, SHAPE);
        const parsed = parseDataManifest(built.manifest);
        assert.equal(parsed.pages, Math.floor((length - 1) / 12));
        assert.equal(parsed.pages, built.pages);
        assert.equal(built.pageDigests.length, 32 * built.pages);
        const address = blake2b256(parts.training);
        assert.deepEqual(parsed.shard, { address, bytes: length * tokenBytes, mirrors: [] });
        assert.equal(parsed.pageDigests, blake2b256(built.pageDigests));
      },
    ),
  );
});

test("too little for one page is said so", () => {
  refuses(() => buildDataManifest(partsOf(12), SHAPE), "data-too-small");
  const shape = { context: 4, tokenBytes: 1, vocabulary: 256 } as const;
  refuses(() => heldOutTokens(new Uint8Array(4), shape, 1), "data-too-small");
  refuses(() => heldOutTokens(new Uint8Array(9), { ...shape, tokenBytes: 2 }, 1), "data-too-small");
});

for (const tokenBytes of WIDTHS)
  test(`sequences are the shard's tokens of ${tokenBytes} bytes, numbered through the asked pages in their order`, async () => {
    const tokens = tokensFor(100, tokenBytes);
    const sequences = await sourceOf(partsOf(100, tokenBytes)).sequences([5, 0]);
    assert.equal(sequences.count, 6);
    assert.deepEqual(sequences.at(0), tokens.slice(60, 65));
    assert.deepEqual(sequences.at(2), tokens.slice(68, 73));
    assert.deepEqual(sequences.at(3), tokens.slice(0, 5));
    assert.deepEqual(
      [...tokensOf(sequences, [3, 0], 4)],
      [...tokens.slice(0, 5), ...tokens.slice(60, 65)],
    );
  });

test("a page with one changed byte is refused by number, digests and source; the others are not", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...WIDTHS),
      fc.integer({ min: 0, max: 4 * 97 - 1 }),
      async (tokenBytes, place) => {
        const parts = partsOf(97, tokenBytes);
        const at = place % parts.training.length;
        const changed = parts.training.slice();
        changed[at] = (changed[at] ?? 0) ^ 1;
        const source = sourceOf(parts, [memoryFile("a bad copy", changed)]);
        const mended = sourceOf(parts, [
          memoryFile("a bad copy", changed),
          memoryFile("a good one", parts.training),
        ]);
        for (let page = 0; page < 8; page++) {
          const start = page * 12 * tokenBytes;
          const holds = at >= start && at < start + 13 * tokenBytes;
          const right = (await mended.sequences([page])).at(0);
          assert.deepEqual(right, tokensFor(97, tokenBytes).slice(page * 12, page * 12 + 5));
          if (!holds) assert.deepEqual((await source.sequences([page])).at(0), right);
          else
            await assert.rejects(
              source.sequences([page]),
              (error) =>
                isAssayError(error, "page-corrupt") &&
                new RegExp(
                  `^Page ${page} from a bad copy .* SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}`,
                ).test(error.explanation.cause),
            );
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("a token at or above the vocabulary is refused although its page has the right digest", async () => {
  const parts = { ...partsOf(100, 2), vocabulary: 257 * 200 };
  await assert.rejects(
    sourceOf(parts).sequences([0, 1, 2, 3, 4, 5]),
    (error) =>
      isAssayError(error, "token-outside") && /of page \d of the shard/.test(error.message),
  );
});

test("a page is fetched once, ahead if asked; one that failed is asked for again", async () => {
  const parts = partsOf(100);
  const reads: number[] = [];
  let away = true;
  const reader: PageReader = {
    name: "slow",
    async read(start, end) {
      reads.push(start / 12);
      await Promise.resolve();
      if (away) throw new AssayError({ code: "data-unreadable", path: "slow", reason: "away" });
      return parts.training.subarray(start, end);
    },
  };
  const source = sourceOf(parts, [reader]);
  source.prefetch([1, 2]);
  await assert.rejects(source.sequences([2]), (error) => isAssayError(error, "data-unreadable"));
  away = false;
  source.prefetch([3, 4]);
  await source.sequences([4, 3, 3, 2]);
  assert.deepEqual(reads, [1, 2, 3, 4, 2]);
});

test("a page or a sequence that does not exist is refused, as is a table of digests with a hole", async () => {
  const source = sourceOf(partsOf(100));
  for (const page of [8, -1, 0.5]) await assert.rejects(source.sequences([page]), RangeError);
  const sequences = await source.sequences([1]);
  for (const index of [3, -1]) assert.throws(() => sequences.at(index), RangeError);
  const { manifest, pageDigests } = buildDataManifest(partsOf(100), SHAPE);
  refuses(
    () => openPages(parseDataManifest(manifest), [], pageDigests.subarray(32)),
    "manifest-invalid",
  );
});

test("the parser never fails with anything but its fault, whatever the bytes", () => {
  const { manifest } = buildDataManifest(partsOf(100), SHAPE);
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
  const { manifest } = buildDataManifest(partsOf(100), SHAPE);
  const good: Record<string, unknown> = JSON.parse(Buffer.from(manifest).toString());
  const bad: Record<string, unknown>[] = [
    { ...good, extra: 1 },
    { ...good, pages: 1.5 },
    { ...good, pages: 0 },
    { ...good, context: -1 },
    { ...good, format: "assay/data/1" },
    { ...good, tokenBytes: 3 },
    { ...good, vocabulary: 0 },
    { ...good, pages: 7 },
    { ...good, pageDigests: "0x12" },
    { ...good, shard: { address: `0x${"zz".repeat(32)}`, bytes: 100, mirrors: [] } },
    ...["file:///etc/passwd", "ftp://host/x", "http://host/a b"].map((url) => ({
      ...good,
      shard: { address: ADDRESS, bytes: 100, mirrors: [{ url, offset: 0 }] },
    })),
  ];
  for (const one of bad)
    refuses(() => parseDataManifest(Buffer.from(JSON.stringify(one))), "manifest-invalid");
});

test("held-out sequences are evenly spaced and never more than there are", () => {
  assert.deepEqual([...heldOutTokens(HELD_OUT, ONE_BYTE, 2)], [0, 1, 2, 3, 4, 24, 25, 26, 27, 28]);
  assert.equal(heldOutTokens(HELD_OUT, ONE_BYTE, 1000).length, 12 * 5);
  assert.throws(
    () => heldOutTokens(HELD_OUT, { ...ONE_BYTE, vocabulary: 40 }, 1000),
    (error) => isAssayError(error, "token-outside"),
  );
});
