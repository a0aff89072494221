/** @file The base of all errors: explained once, one line each, the fault and what lies under it kept. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  after,
  explain,
  FaultError,
  inLine,
  reasonOf,
  systemCodeOf,
  type Texts,
} from "../../../base/fault.ts";

type Example =
  | { readonly code: "burnt"; readonly what: string }
  | { readonly code: "cold"; readonly degrees: number };
const TEXTS: Texts<Example> = {
  burnt: ({ what }) => ({ cause: `The ${inLine(what)} is burnt.`, next: "Make another." }),
  cold: ({ degrees }) => ({ cause: `It has ${degrees} degrees.`, next: "Warm it." }),
};
const errorOf = (fault: Example, options?: ErrorOptions): FaultError<Example> =>
  new FaultError(fault, explain(TEXTS, fault.code, fault), options);

test("code, fields, words and the error underneath are kept apart", () => {
  const under = new Error("fire");
  const error = errorOf({ code: "burnt", what: "bread" }, { cause: under });
  assert.equal(error.code, "burnt");
  assert.deepEqual(error.fault, { code: "burnt", what: "bread" });
  assert.deepEqual(error.explanation, { cause: "The bread is burnt.", next: "Make another." });
  assert.equal(error.message, "burnt: The bread is burnt. Make another.");
  assert.equal(error.summary, "burnt: The bread is burnt.");
  assert.equal(error.cause, under);
});

test("a summary never cuts the cause off and never spans lines, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (what) => {
      const { summary } = errorOf({ code: "burnt", what: `${what}\nx` });
      assert.ok(summary.endsWith("x is burnt."), summary);
      assert.doesNotMatch(summary, /\n/);
    }),
  );
});

test("foreign text loses its line breaks and its full stop, and an empty one leaves no colon", () => {
  assert.equal(inLine(" two\n  lines. "), "two lines");
  assert.equal(after(""), "");
  assert.equal(after("why."), ": why");
});

test("the text of anything that was thrown", () => {
  const error = errorOf({ code: "cold", degrees: 3 });
  assert.equal(reasonOf(error), "It has 3 degrees");
  assert.equal(reasonOf(new Error("other")), "other");
  assert.equal(reasonOf("thrown text"), "thrown text");
  assert.equal(systemCodeOf(Object.assign(new Error("x"), { code: "ENOENT" })), "ENOENT");
  assert.equal(systemCodeOf(new Error("x")), "");
});
