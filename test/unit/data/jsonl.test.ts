/** @file JSON lines: documents as JSON.parse sees them; anything else is counted, never a crash. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { linesOf, readDocument } from "../../../src/data/jsonl.ts";

async function* inParts(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function collect(lines: AsyncIterable<Uint8Array | null>): Promise<(string | null)[]> {
  const found: (string | null)[] = [];
  for await (const line of lines) found.push(line === null ? null : Buffer.from(line).toString());
  return found;
}

test("lines are the same however the bytes arrive; longer ones than the limit are null", async () => {
  const line = fc.string({ unit: fc.constantFrom("a", "é", " "), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.array(fc.nat(9), { maxLength: 20 }),
      fc.integer({ min: 1, max: 14 }),
      async (lines, sizes, limit) => {
        const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(""));
        const expected = lines.map((one) => (Buffer.byteLength(one) > limit ? null : one));
        assert.deepEqual(await collect(linesOf(inParts(bytes, sizes), limit)), expected);
      },
    ),
  );
  assert.deepEqual(await collect(linesOf(inParts(Buffer.from("a\nlast"), [3]), 9)), ["a", "last"]);
});

const textOf = (line: string | Uint8Array, field = "text"): string | null => {
  const found = readDocument(Buffer.from(line), field);
  return "text" in found ? Buffer.from(found.text).toString() : `refused: ${found.refusal}`;
};

test("the field of any JSON object is its document", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }).filter((one) => one.trim() !== "" && !one.includes("\0")),
      fc.dictionary(fc.string(), fc.json()),
      (given, others) => {
        const line = JSON.stringify({ ...others, "my field": given });
        assert.equal(textOf(line, "my field"), given.endsWith("\n") ? given : `${given}\n`);
      },
    ),
  );
});

test("each way to have no document has its reason", () => {
  assert.equal(textOf("{"), "refused: not-json");
  assert.equal(textOf("[1]"), "refused: not-json");
  assert.equal(textOf('"text"'), "refused: not-json");
  assert.equal(textOf("null"), "refused: not-json");
  assert.equal(textOf('{"other":"x"}'), "refused: no-field");
  assert.equal(textOf('{"text":5}'), "refused: no-field");
  assert.equal(textOf("{}", "toString"), "refused: no-field");
  assert.equal(textOf("{}", "__proto__"), "refused: no-field");
  assert.equal(textOf('{"text":" \\n"}'), "refused: empty");
  assert.equal(textOf('{"text":"a\\u0000b"}'), "refused: binary");
  assert.equal(textOf(Uint8Array.of(0x7b, 0xff, 0x7d)), "refused: not-utf8");
});

test("any bytes give a document or a reason", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((one) => Buffer.from(one)),
      ),
      (line) => {
        assert.equal(typeof textOf(line), "string");
      },
    ),
  );
});
