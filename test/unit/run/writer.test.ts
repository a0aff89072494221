/** @file What a model writes for the page: one text at a time, bounded in length, time and rate, each sample once a window. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { SampleRequest } from "../../../kernels/engine/calls.ts";
import { BYTE_TOKENIZER, numberTokenizer } from "../../../src/data/tokenizer.ts";
import { type Model, MOST_PROMPT, Writer } from "../../../src/run/writer.ts";

const bytesOf = (text: string): Int32Array => Int32Array.from(new TextEncoder().encode(text));

/** A writer whose model answers with one letter, each token taking so many milliseconds. */
function written(tokenMs: number, more: Partial<Model> = {}) {
  const asked: SampleRequest[] = [];
  const at = { ms: 0, window: 3 };
  const engine: Model["engine"] = {
    sample: async (request) => {
      asked.push(request);
      at.ms += tokenMs * request.count;
      return bytesOf("a".repeat(request.count));
    },
  };
  const model = (): Model => ({
    runId: "0x01",
    window: at.window,
    parameters: 1000,
    context: 16,
    tokenizer: () => BYTE_TOKENIZER,
    engine,
    ...more,
  });
  return { asked, at, writer: new Writer(model, () => at.ms) };
}

test("a text has two hundred tokens, and the model sees no more than its context", async () => {
  const { asked, writer } = written(1);
  const found = await writer.write("The whole of it is long");
  assert.deepEqual(found, { window: 3, prompt: "The whole of it is long", text: "a".repeat(200) });
  assert.ok(asked.every(({ prompt }) => prompt.length <= 16));
  assert.ok(new Set(asked.map(({ seed }) => seed)).size > 1, "each part has draws of its own");
});

test("a slow model ends after two seconds, at the next part", async () => {
  const { asked, at, writer } = written(100);
  const found = await writer.write("a");
  assert.ok("text" in found && found.text.length === 24);
  assert.equal(asked.length, 3);
  assert.ok(at.ms < 3000);
});

test("one text at a time, and a second of rest after it", async () => {
  const { at, writer } = written(1);
  const [first, second] = await Promise.all([writer.write("a"), writer.write("b")]);
  assert.ok("text" in first);
  assert.ok("refused" in second && second.refused === "busy");
  const third = await writer.write("c");
  assert.ok("refused" in third && third.refused === "busy", "it rests");
  at.ms += 1000;
  assert.ok("text" in (await writer.write("c")));
});

test("prompts that are none, and models that cannot write, are refused with a reason", async () => {
  const { writer } = written(1);
  for (const prompt of ["", "x".repeat(MOST_PROMPT + 1)]) {
    const found = await writer.write(prompt);
    assert.ok("refused" in found && found.refused === "bad");
  }
  const large = await written(1, { parameters: 1e9 }).writer.write("a");
  assert.ok("refused" in large && large.refused === "none");
  const none = await new Writer(() => null).samples();
  assert.ok("refused" in none && none.refused === "none");
  const numbers = await written(1, { tokenizer: () => numberTokenizer(50) }).writer.write("words");
  assert.ok("refused" in numbers && numbers.refused === "bad");
});

test("a sample a window, from the same draws, however often one looks", async () => {
  const { asked, at, writer } = written(1);
  const first = await writer.samples();
  assert.ok(Array.isArray(first) && first.length === 1);
  const before = asked.length;
  at.ms += 5000;
  assert.equal(await writer.samples(), first);
  assert.equal(asked.length, before);
  at.window = 4;
  const second = await writer.samples();
  assert.ok(Array.isArray(second) && second.map(({ window }) => window).join() === "3,4");
  assert.deepEqual(asked[before]?.seed, asked[0]?.seed);
});

test("of many samples the first and the newest stay", async () => {
  const { at, writer } = written(0);
  for (at.window = 0; at.window < 300; at.window++) {
    at.ms += 1000;
    await writer.samples();
  }
  at.window = 299;
  const samples = await writer.samples();
  assert.ok(Array.isArray(samples) && samples.length <= 65);
  assert.equal(samples[0]?.window, 0);
  assert.equal(samples.at(-1)?.window, 299);
});
