/** @file Any tokenizer.json gives the tokens of the library it was written for; what is none is refused by name. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import {
  BYTE_TOKENIZER,
  numberTokenizer,
  openTokenizer,
  readTokenizerFile,
  type Tokenizer,
  tokenizerOf,
  TokenStream,
  vocabularyOfFile,
} from "../../../src/data/tokenizer.ts";
import { decodeTokens, encodeTokens, firstOutside } from "../../../src/data/tokens.ts";
import { isAssayError } from "../../../src/errors.ts";

const FOLDER = new URL("../../fixtures/tokenizers/", import.meta.url);
const pathOf = (name: string): string => new URL(`${name}.json`, FOLDER).pathname;
const opened = (name: string): Tokenizer =>
  openTokenizer(readFileSync(new URL(`${name}.json`, FOLDER)), name);

const cases = z
  .record(
    z.string(),
    z.object({
      vocabulary: z.number(),
      cases: z.array(z.object({ text: z.string(), ids: z.array(z.number()), decoded: z.string() })),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL("expected.json", FOLDER), "utf8")));

for (const [name, { vocabulary, cases: texts }] of Object.entries(cases))
  test(`${name}: tokens and text are those of the Rust library, for ${texts.length} texts`, () => {
    const tokenizer = opened(name);
    assert.equal(tokenizer.vocabulary, vocabulary);
    assert.equal(vocabularyOfFile(pathOf(name)), vocabulary);
    assert.ok(texts.length >= 20);
    for (const { text, ids, decoded } of texts) {
      assert.deepEqual([...tokenizer.encode(text)], ids, JSON.stringify(text));
      // Of bytes that a vocabulary spells out, the library in JavaScript drops a byte order mark when it shows them.
      const shown = name === "llama" ? decoded.replaceAll("\uFEFF", "") : decoded;
      assert.equal(tokenizer.decode(ids), shown, JSON.stringify(text));
    }
  });

test("what is shown piece by piece is what is shown at once, for every kind", () => {
  const kinds = [
    BYTE_TOKENIZER,
    numberTokenizer(700),
    ...["gpt2", "llama3", "bert", "llama"].map(opened),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }),
      (tokenizer, text, sizes) => {
        const tokens = tokenizer === kinds[1] ? Int32Array.of(1, 22, 699) : tokenizer.encode(text);
        const stream = new TokenStream(tokenizer);
        let shown = "";
        let at = 0;
        for (const size of sizes) {
          shown += stream.push(tokens.slice(at, at + size));
          at += size;
        }
        shown += stream.push(tokens.slice(at)) + stream.end();
        assert.equal(shown, tokenizer.decode(tokens));
      },
    ),
    { numRuns: 300 },
  );
});

test("tokens without a tokenizer are written as numbers, and nothing else is taken", () => {
  const tokenizer = numberTokenizer(10);
  assert.deepEqual([...tokenizer.encode(" 1, 2 9\n")], [1, 2, 9]);
  assert.equal(tokenizer.decode([1, 2, 9]), "1 2 9 ");
  for (const wrong of ["10", "-1", "a", "1.5"])
    assert.throws(
      () => tokenizer.encode(wrong),
      (error) => isAssayError(error, "bad-option"),
    );
});

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

test("what is no tokenizer.json, or splits as nobody here can, is refused by name and reason", () => {
  const good: Record<string, unknown> = JSON.parse(readFileSync(pathOf("gpt2"), "utf8"));
  const wrong: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(), /no JSON/],
    [Uint8Array.of(0xff, 0xfe, 0), /no JSON/],
    [json([]), /no tokenizer\.json/],
    [json({ ...good, model: { type: "BPE", vocab: { a: -1 } } }), /vocab/],
    [json({ ...good, model: { type: "BPE", vocab: {}, merges: [] }, added_tokens: [] }), /empty/],
    [json({ ...good, model: { type: "Odd", vocab: { a: 0 } } }), /model\.type/],
    [json({ ...good, pre_tokenizer: { type: "Odd" } }), /not known here/],
    [
      json({
        ...good,
        pre_tokenizer: {
          type: "Sequence",
          pretokenizers: [
            { type: "Split", pattern: { Regex: "a" }, behavior: "MergedWithNext", invert: false },
          ],
        },
      }),
      /MergedWithNext/,
    ],
  ];
  for (const [bytes, reason] of wrong)
    assert.throws(
      () => openTokenizer(bytes, "x.json"),
      (error) => isAssayError(error, "tokenizer-invalid") && reason.test(error.message),
      String(reason),
    );
  assert.throws(
    () => readTokenizerFile(pathOf("missing")),
    (error) => isAssayError(error, "tokenizer-invalid") && /no such file/.test(error.message),
  );
  const lost = { kind: "huggingface", vocabulary: 1, file: null } as const;
  assert.throws(
    () => tokenizerOf(lost),
    (error) => isAssayError(error, "bad-option") && /--tokenizer/.test(error.message),
  );
});

test("tokens of every width come back from their bytes, wherever those lie", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4),
      fc.array(fc.nat(2 ** 31 - 1), { maxLength: 40 }),
      fc.nat(3),
      (tokenBytes, values, shift) => {
        const width = tokenBytes === 1 ? 1 : tokenBytes === 2 ? 2 : 4;
        const tokens = values.map((value) => value % 2 ** Math.min(8 * width, 31));
        const bytes = Buffer.concat([Buffer.alloc(shift), encodeTokens(tokens, width)]);
        assert.deepEqual([...decodeTokens(bytes.subarray(shift), width)], tokens);
        const buffer = Buffer.alloc(4 * tokens.length);
        for (const [index, token] of tokens.entries())
          buffer.writeUIntLE(token, width * index, width);
        assert.deepEqual(bytes.subarray(shift), buffer.subarray(0, width * tokens.length));
      },
    ),
  );
  assert.equal(firstOutside(decodeTokens(Buffer.from("00000000ffffffff", "hex"), 4), 10), 1);
  assert.equal(firstOutside(Int32Array.of(0, 9), 10), -1);
});
