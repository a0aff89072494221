/** @file What is understood of a client's output: its JSON, its first error, its silence. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as assertProperty, constantFrom, jsonValue, property, string } from "fast-check";
import {
  ActFailure,
  answerOf,
  jsonIn,
  refusalIn,
  shortened,
  textOf,
} from "../../interop/clients/answer.ts";
import type { Outcome } from "../../interop/clients/program.ts";

const LIMIT_MS = 20_000;
const outcome = (made: Partial<Outcome>): Outcome => ({
  code: 0,
  out: "",
  err: "",
  isLate: false,
  ...made,
});
const failure = (made: Partial<Outcome>): string => {
  try {
    answerOf(outcome(made), LIMIT_MS);
  } catch (error) {
    assert.ok(error instanceof ActFailure);
    return error.message;
  }
  throw new Error("it did not fail");
};

test("JSON is found behind other lines, whatever it holds", () => {
  assertProperty(
    property(jsonValue(), constantFrom("", "Connecting…\n", "a\n[b\n"), (value, before) => {
      const holder = { value };
      const text = `${before}${JSON.stringify(holder, null, 2)}\n`;
      assert.deepEqual(jsonIn(text), JSON.parse(JSON.stringify(holder)));
    }),
  );
  assert.equal(jsonIn("no JSON at all"), undefined);
});

test("an answer is what a client printed", () => {
  assert.deepEqual(answerOf(outcome({ out: 'note\n{"success": true}\n' }), LIMIT_MS), {
    success: true,
  });
  assert.equal(answerOf(outcome({ out: "null\n" }), LIMIT_MS), null);
});

test("a refusal is a failure also with the exit code 0", () => {
  assert.equal(failure({ out: '{"success": false, "message": "too poor"}' }), "too poor");
  assert.equal(failure({ out: '{"success": false}' }), "success: false");
  assert.equal(failure({ out: '{"error": {"name": "A", "message": "b"}}' }), "A: b");
  assert.equal(refusalIn({ success: true, error: null }), null);
});

test("a failed command says its first error", () => {
  const trace = 'Traceback:\n  File "x"\nValueError: no such thing\nmore\n';
  assert.equal(failure({ code: 1, err: trace }), "ValueError: no such thing");
  const box = "Usage: x\n╭─ Error ─╮\n│ No such option: --a │\n╰─╯";
  assert.equal(failure({ code: 2, err: box }), "No such option: --a");
  assert.equal(
    failure({ code: 1, err: '{"message": "gone", "code": "unknown"}' }),
    "unknown: gone",
  );
});

test("silence and lateness are failures", () => {
  assert.equal(failure({}), "no JSON: it said nothing");
  assert.equal(failure({ isLate: true, code: null, out: "{}" }), "no answer in 20 s");
  assert.throws(() => textOf(outcome({ isLate: true, code: null }), LIMIT_MS), ActFailure);
  assert.throws(() => textOf(outcome({ out: "❌ Failed: a\n" }), LIMIT_MS), ActFailure);
  assert.equal(textOf(outcome({ out: "done\n" }), LIMIT_MS), "done\n");
});

test("an error fits into a table", () => {
  assertProperty(
    property(string({ maxLength: 700, unit: "binary" }), (text) => {
      const line = shortened(text);
      assert.ok(line.length <= 300 && !line.includes("\n"));
    }),
  );
});
