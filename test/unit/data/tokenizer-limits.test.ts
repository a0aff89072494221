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
