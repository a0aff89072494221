/** @file Generated text: the same for the same seed, as JSON or as it comes, and nothing in it acts on a terminal. */
import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { runGenerate } from "../../../../subnet/generate/generate.ts";
import { generateOptions, type GenerateOptions } from "../../../../subnet/generate/options.ts";
import { BYTE_TOKENIZER, TokenStream } from "../../../../src/data/tokenizer.ts";
import { printable } from "../../../../subnet/generate/printable.ts";
import { parametersOf, recordOf, RUN_ID } from "../export/small-run.ts";

/** Whether a terminal would act on a text: control characters, or those that turn its direction around. */
function isHarmful(text: string): boolean {
  return Array.from(text).some((character) => {
    const code = character.codePointAt(0) ?? 0;
    const controls = (code < 0x20 && code !== 9 && code !== 10) || (code >= 0x7f && code < 0xa0);
    return controls || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  });
}

test("whatever tokens come in whatever parts: harmless text, the same as in one part", () => {
  const token = fc.oneof(fc.nat(255), fc.nat(400));
  fc.assert(
    fc.property(fc.array(token, { maxLength: 80 }), fc.array(fc.nat(9)), (tokens, sizes) => {
      const whole = new TokenStream(BYTE_TOKENIZER);
      const expected = printable(whole.push(Int32Array.from(tokens)) + whole.end());
      const stream = new TokenStream(BYTE_TOKENIZER);
      let text = "";
      let at = 0;
      for (const size of sizes) {
        text += stream.push(Int32Array.from(tokens.slice(at, at + size)));
        at += size;
      }
      text += stream.push(Int32Array.from(tokens.slice(at))) + stream.end();
      assert.equal(printable(text), expected);
      assert.ok(!isHarmful(expected));
    }),
  );
});

test("text that is harmless stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      if (!isHarmful(text)) assert.equal(printable(text), text);
    }),
  );
  assert.equal(printable("a\n\tb\u001b[2J\u202Ec"), "a\n\tb [2J c");
});

async function generated(more: Partial<GenerateOptions>): Promise<string> {
  const run = await recordOf({ a: { window: 10, seed: 1 } });
  let text = "";
  const print = (part: string): void => void (text += part);
  try {
    const options = { ...generateOptions.parse({ run, prompt: "Hé", count: 40 }), ...more };
    await runGenerate(options, { print, step: () => undefined });
  } finally {
    rmSync(run, { recursive: true });
  }
  return text;
}

const reportSchema = z.strictObject({
  runId: z.literal(RUN_ID),
  window: z.literal(10),
  thetaDigest: z.literal(parametersOf(1).thetaDigest),
  prompt: z.literal("Hé"),
  count: z.literal(40),
  temperature: z.number(),
  topK: z.number(),
  seed: z.number(),
  text: z.string(),
});

test("the same seed writes the same text, another one another; JSON says what it came from", async () => {
  const text = await generated({});
  assert.match(text, /^Hé[^]+\n$/);
  assert.equal(await generated({}), text);
  assert.notEqual(await generated({ seed: 2 }), text);
  const report = reportSchema.parse(JSON.parse(await generated({ json: true })));
  assert.equal(`${report.text}\n`, text);
});

test("temperature 0 and one candidate are the same choice, more text begins with less", async () => {
  const likeliest = await generated({ temperature: 0 });
  assert.equal(await generated({ temperature: 1, topK: 1 }), likeliest);
  const longer = await generated({ temperature: 0, count: 90 });
  assert.ok(longer.startsWith(likeliest.slice(0, -8)));
});
