/** @file Shards of tokens: each header that is known, every byte accounted for, and a clear word for what is wrong. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { readCorpus, type TokenFiles } from "../../../src/data/corpus.ts";
import { HEADER_BYTES, shardShape, type TokenType } from "../../../src/data/shard-header.ts";
import { decodeTokens, encodeTokens } from "../../../src/data/tokens.ts";
import { isAssayError } from "../../../src/errors.ts";
import { llmBin, npy, plain } from "./shard-files.ts";

const root = mkdtempSync(join(tmpdir(), "assay-shards-"));
after(() => rmSync(root, { recursive: true }));

function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = mkdtempSync(join(root, "f"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

function read(folder: string, more: Partial<TokenFiles> = {}) {
  return readCorpus({
    selection: "all",
    format: "tokens",
    folder,
    tokenType: "auto",
    vocabulary: 50_257,
    limitBytes: 1 << 20,
    ...more,
  });
}

const tokensFor = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => (index * 7919) % 50_257);

const WRITERS = {
  "x.npy": [npy, "auto"],
  "llm.bin": [llmBin, "auto"],
  "plain.bin": [plain, null],
} as const;

test("each kind of shard gives its tokens; the last of them are held out and nothing is lost between", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("x.npy", "llm.bin", "plain.bin"),
      fc.constantFrom(2, 4),
      fc.integer({ min: 4, max: 5000 }),
      async (name, width, count) => {
        const tokenBytes = width === 2 ? 2 : 4;
        const tokens = tokensFor(count);
        const [write, type] = WRITERS[name];
        const folder = folderOf({ [name]: write(tokens, tokenBytes) });
        const tokenType: TokenType = type ?? (tokenBytes === 2 ? "u16" : "u32");
        // A file is named as well as its folder.
        for (const path of [folder, join(folder, name)]) {
          const corpus = await read(path, { tokenType });
          const all = Buffer.concat([corpus.training, corpus.heldOut]);
          assert.equal(corpus.tokenBytes, tokenBytes);
          assert.deepEqual([...decodeTokens(all, tokenBytes)], tokens);
          const held = corpus.heldOut.length / tokenBytes;
          assert.ok(held >= Math.floor(count / 32) && held <= Math.max(count / 4, count / 32));
          assert.equal(corpus.report.bytes, count * tokenBytes);
        }
        rmSync(folder, { recursive: true });
      },
    ),
    { numRuns: 40 },
  );
});

test("shards follow in the order of their names, up to the limit, each with a part held out", async () => {
  const tokens = tokensFor(12_000);
  const folder = folderOf({
    "b.bin": llmBin(tokens.slice(4000, 8000), 2),
    "a.npy": npy(tokens.slice(0, 4000), 2),
    "c.npy": npy(tokens.slice(8000), 2),
    "README.md": Buffer.from("no shard"),
  });
  const { training, heldOut, report, range } = await read(folder, { limitBytes: 2 * 10_000 });
  assert.equal(report.bytes, 20_000);
  assert.ok(report.limitReached);
  assert.equal(range, null, "three files are no one range");
  assert.equal(training.length + heldOut.length, 20_000);
  assert.deepEqual([...decodeTokens(training.subarray(0, 20), 2)], tokens.slice(0, 10));
  assert.equal(report.leftOut[0]?.reason, "other-name");
  const one = join(folder, "b.bin");
  assert.deepEqual((await read(one)).range, { name: one, offset: 1024 });
});

const shapeOf = (name: string, bytes: Uint8Array, type: TokenType) =>
  shardShape({ name, size: bytes.length, head: bytes.subarray(0, HEADER_BYTES) }, type);

test("what is wrong with a shard is named: cut short, too long, odd, another type, another shape", () => {
  const tokens = tokensFor(100);
  const good = { npy: npy(tokens, 2), bin: llmBin(tokens, 2) };
  const version = new Uint8Array(good.bin);
  version[4] = 2;
  const replaced = (from: string, to: string): Uint8Array =>
    Buffer.from(Buffer.from(good.npy).toString("latin1").replace(from, to), "latin1");
  const wrong: readonly (readonly [string, Uint8Array, TokenType, RegExp])[] = [
    ["a.npy", good.npy.subarray(0, -1), "auto", /cut short: the header promises 100 tokens/],
    ["a.npy", Buffer.concat([good.npy, Buffer.alloc(2)]), "auto", /longer than its header says/],
    ["a.bin", good.bin.subarray(0, -2), "auto", /cut short/],
    ["a.bin", version, "auto", /magic 20240520 of version 2/],
    ["a.npy", encodeTokens(tokens, 2), "u16", /does not begin like one/],
    ["a.npy", replaced("<u2", "<f4"), "auto", /"<f4"/],
    ["a.npy", replaced("<u2", ">u2"), "auto", /">u2"/],
    ["a.npy", replaced("(100,)", "(5, 20)"), "auto", /one dimension/],
    ["a.npy", good.npy.subarray(0, 20), "auto", /header is cut short/],
    ["a.bin", encodeTokens(tokens, 2), "auto", /no header that is known/],
    ["a.bin", Buffer.alloc(2001), "u16", /2001 bytes are no whole number of u16 tokens/],
    ["a.bin", Buffer.alloc(2002), "u32", /no whole number of u32/],
    ["a.bin", good.bin, "u32", /header says tokens of 2 bytes/],
  ];
  for (const [name, bytes, type, reason] of wrong)
    assert.throws(
      () => shapeOf(name, bytes, type),
      (error) => isAssayError(error, "data-malformed") && reason.test(error.message),
      String(reason),
    );
});

test("no bytes at all are a header that is believed without its tokens", () => {
  const start = fc.constantFrom(
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    llmBin([1, 2], 2).subarray(0, 12),
    Buffer.alloc(0),
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 1200 }), (head, rest) => {
      const bytes = Buffer.concat([head, rest]);
      try {
        const { offset, tokens, tokenBytes } = shapeOf("a.bin", bytes, "auto");
        assert.equal(offset + tokens * tokenBytes, bytes.length);
      } catch (error) {
        assert.ok(isAssayError(error, "data-malformed"), String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test("a token above the vocabulary is named with its place, and mixed widths are refused", async () => {
  const tokens = tokensFor(3000);
  tokens[2500] = 60_000;
  await assert.rejects(
    read(folderOf({ "a.npy": npy(tokens, 2) })),
    (error) =>
      isAssayError(error, "token-outside") && /Token 2500 of .*a\.npy is 60000/.test(error.message),
  );
  await assert.rejects(
    read(folderOf({ "a.npy": npy([1, 2, 3], 2), "b.npy": npy([1, 2, 3], 4) })),
    (error) => isAssayError(error, "data-malformed") && /one width/.test(error.message),
  );
  await assert.rejects(read(join(root, "missing.npy")), (error) =>
    isAssayError(error, "data-unreadable"),
  );
});
