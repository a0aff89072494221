/** @file A stranger's tokenizer.json: measured before it is parsed, and ended when a text takes it too long. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { openTokenizer } from "../../../src/data/tokenizer.ts";
import {
  oversizedJson,
  oversizedSteps,
  TooLong,
  within,
} from "../../../src/data/tokenizer-limits.ts";
import { isAssayError } from "../../../src/errors.ts";

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const GOOD = {
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] },
};
const FOLDER = new URL("../../fixtures/tokenizers/", import.meta.url);

function refuses(bytes: Uint8Array, words: RegExp): void {
  assert.throws(
    () => openTokenizer(bytes, "x.json"),
    (error) => isAssayError(error, "tokenizer-invalid") && words.test(error.message),
    String(words),
  );
}

test("files that are real are within the limits", () => {
  for (const name of readdirSync(FOLDER))
    assert.equal(oversizedJson(readFileSync(new URL(name, FOLDER))), null, name);
});

test("what is nested, long, or has too many parts is refused before it is parsed", () => {
  const nested = `{"pre_tokenizer":${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}}`;
  refuses(Buffer.from(nested), /nested deeper than 32/);
  refuses(Buffer.from("[".repeat(1_000_000)), /nested deeper/);
  refuses(Buffer.from(`[${"[],".repeat(1_100_000)}[]]`), /lists and objects/);
  refuses(Buffer.from(`[${"1,".repeat(8_400_000)}1]`), /8388608 values/);
  const steps = Array.from({ length: 65 }, () => ({ type: "Lowercase" }));
  refuses(json({ ...GOOD, normalizer: { type: "Sequence", normalizers: steps } }), /64 steps/);
  const long = { type: "Replace", pattern: { String: "a" }, content: "b".repeat(9000) };
  refuses(json({ ...GOOD, normalizer: long }), /9000 characters/);
  const added = Array.from({ length: 70_000 }, (_, id) => ({ id, content: `<${id}>` }));
  refuses(json({ ...GOOD, added_tokens: added }), /added_tokens/);
});

test("brackets in texts are no brackets, and any JSON is measured as it is", () => {
  assert.equal(oversizedJson(json({ a: "[[[[".repeat(1000), b: '\\"{{{{'.repeat(1000) })), null);
  const depthOf = (value: unknown): number =>
    typeof value === "object" && value !== null
      ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
      : 0;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 40 }), (value) => {
      assert.equal(oversizedJson(json(value)) === null, depthOf(value) <= 32);
      assert.equal(typeof oversizedSteps([value]) === "object", true);
    }),
    { numRuns: 200 },
  );
});

test("work is ended in time, and what it throws or gives comes through", () => {
  assert.equal(
    within(1000, () => 7),
    7,
  );
  assert.throws(() => within(1000, () => assert.fail("mine")), /mine/);
  const began = performance.now();
  assert.throws(() => within(200, () => /^(a+)+$/.test(`${"a".repeat(40)}b`)), TooLong);
  assert.ok(performance.now() - began < 5000);
  assert.equal(
    within(1000, () => within(1000, () => 8)),
    8,
    "one within another",
  );
});

test(
  "a pattern that backtracks without end stops a text, by name, and not the process",
  { timeout: 60_000 },
  () => {
    const pattern = { Regex: "^(a+)+$" };
    const splits = { type: "Split", pattern, behavior: "Isolated", invert: false };
    const tokenizer = openTokenizer(json({ ...GOOD, pre_tokenizer: splits }), "x.json");
    assert.throws(
      () => tokenizer.encode(`${"a".repeat(60)}b`),
      (error) => isAssayError(error, "tokenizer-invalid") && /longer than/.test(error.message),
    );
  },
);

const replace = (content: unknown, pattern: object = { String: " " }) => ({
  type: "Replace",
  pattern,
  content,
});
const each = { type: "Split", pattern: { Regex: "[^a]" }, behavior: "Isolated", invert: false };
const sequence = (normalizers: readonly object[]) => ({ type: "Sequence", normalizers });

test("what is put into a text again and again is short, is text, and stands for nothing else", () => {
  const spaces = replace(" ".repeat(4000));
  refuses(
    json({ ...GOOD, normalizer: sequence([spaces, spaces]), pre_tokenizer: each }),
    /"content" is no text of at most 16/,
  );
  refuses(json({ ...GOOD, normalizer: replace(["a", "b"]) }), /"content"/);
  refuses(json({ ...GOOD, normalizer: replace("$`") }), /"content" has "\$"/);
  refuses(json({ ...GOOD, decoder: replace("a".repeat(17)) }), /"content"/);
  refuses(json({ ...GOOD, normalizer: { type: "Prepend", prepend: [" "] } }), /"prepend"/);
  refuses(
    json({ ...GOOD, pre_tokenizer: { type: "Metaspace", str_rep: " ".repeat(40) } }),
    /"str_rep"/,
  );
  refuses(json({ ...GOOD, pre_tokenizer: { type: "FixedLength", length: 0 } }), /no length/);
  const suffix = { ...GOOD.model, end_of_word_suffix: "a".repeat(1000) };
  refuses(json({ ...GOOD, model: suffix }), /"end_of_word_suffix"/);
  const long = { type: "BPE", vocab: { ["a".repeat(5000)]: 0 }, merges: [] };
  refuses(json({ ...GOOD, model: long }), /vocab/);
  const vocab = Array.from({ length: 1100 }, (_, at) => [`${at}`.padEnd(4096, "a"), -1]);
  refuses(json({ ...GOOD, model: { type: "Unigram", unk_id: 0, vocab } }), /4505600 characters/);
  const added = Array.from({ length: 600 }, (_, id) => ({ id, content: `${id}`.padEnd(4096) }));
  refuses(json({ ...GOOD, added_tokens: added }), /added tokens have 2457600 characters/);
});

const GROWING = Array<object>(6).fill(replace("b".repeat(16), { Regex: "." }));
/** A tokenizer.json that makes too much of one text, and of which. */
const GREEDY: readonly (readonly [string, object, string])[] = [
  ["longer, step by step", { normalizer: sequence(Array(10).fill(replace(" ".repeat(16)))) }, " "],
  [
    "into ever more pieces",
    {
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [...Array<object>(6).fill(replace("b".repeat(16), { Regex: "" })), each],
      },
    },
    "c",
  ],
  [
    "into words of every length",
    {
      model: {
        type: "Unigram",
        unk_id: 0,
        vocab: Array.from({ length: 200 }, (_, at) => ["a".repeat(at + 1), -1]),
      },
    },
    "a".repeat(40_000),
  ],
];

test(
  "a text that its steps make too much of is refused by name, in little memory",
  { timeout: 120_000 },
  () => {
    for (const [what, parts, text] of GREEDY)
      assert.throws(
        () => openTokenizer(json({ ...GOOD, ...parts }), "x.json").encode(text),
        (error) => isAssayError(error, "tokenizer-invalid") && /make more of/.test(error.message),
        what,
      );
    const bytes = json({ ...GOOD, decoder: { type: "Sequence", decoders: GROWING } });
    assert.throws(
      () => openTokenizer(bytes, "x.json").decode(Array<number>(1000).fill(0)),
      (error) => isAssayError(error, "tokenizer-invalid") && /make more of/.test(error.message),
    );
    const added = Array.from({ length: 4000 }, (_, id) => ({
      id,
      content: `<${id}>`.padEnd(400),
      normalized: true,
    }));
    refuses(
      json({ ...GOOD, added_tokens: added, normalizer: replace(" ".repeat(16)) }),
      /make more of its added tokens/,
    );
    const most = process.resourceUsage().maxRSS / 1024;
    assert.ok(most < 1500, `${most} MiB`);
  },
);

/** As XLM-R and ALBERT are made. */
const UNIGRAM = json({
  ...GOOD,
  normalizer: sequence([
    replace('"', { String: "``" }),
    { type: "NFKD" },
    { type: "StripAccents" },
    { type: "Lowercase" },
    { type: "Precompiled" },
    replace(" ", { Regex: " {2,}" }),
  ]),
  pre_tokenizer: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always" },
  model: {
    type: "Unigram",
    unk_id: 0,
    vocab: [
      "<unk>",
      "\u2581",
      "a",
      "the",
      "\u2581the",
      "quick",
      "qu",
      "1",
      "11",
      "111",
      "1111",
    ].map((one) => [one, -1]),
  },
});

test("real tokenizers make of a large text of any script what they may", () => {
  const scripts = ["a ", "1", " ", "日本語", "한국어", "é", "👩‍👩‍👧", ".!?", "\u0000", "the quick "];
  const names = ["bert", "gpt2", "llama", "llama3"];
  const files = names.map((name) => readFileSync(new URL(`${name}.json`, FOLDER)));
  for (const bytes of [...files, UNIGRAM]) {
    const tokenizer = openTokenizer(bytes, "x.json");
    for (const script of scripts) {
      const text = script.repeat(Math.floor(20_000 / Buffer.byteLength(script)));
      const tokens = tokenizer.encode(text);
      assert.equal(tokenizer.decode(tokens) === "", tokens.length === 0, script);
    }
  }
});
