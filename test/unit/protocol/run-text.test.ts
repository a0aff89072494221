/** @file What an identity's text says about runs: exactly one form is read, and nothing that anybody writes can throw. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Hex } from "../../../src/protocol/digest.ts";
import { rulesDigest, rulesOf } from "../../../src/protocol/rules.ts";
import {
  type Amendment,
  encodeRunText,
  otherWords,
  parseRunText,
} from "../../../src/protocol/run-text.ts";
import { EXAMPLE_MANIFEST } from "./example-manifest.ts";

const RUN: Hex = `0x${"ab".repeat(32)}`;
const OLD: Hex = `0x${"cd".repeat(32)}`;
const NOTHING = { runId: null, after: null, amendment: null };
const AMENDMENT: Amendment = {
  run: RUN,
  after: rulesDigest(EXAMPLE_MANIFEST),
  from: 12,
  rules: rulesOf(EXAMPLE_MANIFEST),
};

test("the run id stands among other people's words", () => {
  assert.equal(parseRunText(`assay:run=${RUN}`).runId, RUN);
  assert.equal(parseRunText(`site=x assay:run=${RUN} more`).runId, RUN);
});

test("no identity, no word, a short or an uppercase id is no run", () => {
  for (const text of [null, "", "assay:run=", `assay:run=${RUN.slice(0, 64)}`, `run=${RUN}`])
    assert.deepEqual(parseRunText(text), NOTHING, String(text));
  assert.equal(parseRunText(`assay:run=${RUN.toUpperCase()}`).runId, null);
  assert.equal(parseRunText(`assay:run=${RUN}00`).runId, null);
});

test("a successor names its predecessor and its window", () => {
  const text = `assay:run=${RUN} after=${OLD}@40`;
  assert.deepEqual(parseRunText(text).after, { runId: OLD, window: 40 });
  for (const bad of ["@-1", "@040", "@4.5", "@99999999999", "40", "@"])
    assert.equal(parseRunText(`assay:run=${RUN} after=${OLD}${bad}`).after, null, bad);
});

test("an amendment comes back as it was written, within its 800 bytes", () => {
  const text = encodeRunText({ runId: RUN, after: null, amendment: AMENDMENT });
  assert.deepEqual(parseRunText(text), { runId: RUN, after: null, amendment: AMENDMENT });
  assert.ok(new TextEncoder().encode(text).length <= 1024);
});

test("a document in any other form is no amendment: spaces, another order, more keys, wrong bounds", () => {
  const text = encodeRunText({ runId: RUN, after: null, amendment: AMENDMENT });
  const json = text.slice(text.indexOf("{"));
  const changed = [
    json.replace(",", ", "),
    json.replace('{"after"', '{"also":1,"after"'),
    json.replace('"from":12', '"from":0'),
    json.replace('"from":12', '"from":12.5'),
    json.replace('"power":2', '"power":-2'),
    json.replace('"power":2,', ""),
    `${json}x`,
    json.slice(0, -1),
  ];
  for (const one of changed) {
    assert.notEqual(one, json);
    assert.equal(parseRunText(`assay:run=${RUN} assay:rules=${one}`).amendment, null, one);
  }
});

test("any text is read without a throw, and what is read can be written and read again", () => {
  const words = fc.array(
    fc.oneof(
      fc.string(),
      fc.constant(`assay:run=${RUN}`),
      fc.constant(`after=${OLD}@3`),
      fc.constant(
        encodeRunText({ runId: RUN, after: null, amendment: AMENDMENT }).split(" ")[1] ?? "",
      ),
    ),
  );
  fc.assert(
    fc.property(words, (parts) => {
      const read = parseRunText(parts.join(" "));
      const { runId } = read;
      if (runId === null) return;
      assert.deepEqual(parseRunText(encodeRunText({ ...read, runId })), read);
    }),
  );
});

test("other people's words are told apart, and what is ours is never among them", () => {
  const ours = encodeRunText({
    runId: RUN,
    after: { runId: OLD, window: 4 },
    amendment: AMENDMENT,
  });
  assert.equal(otherWords(null), "");
  assert.equal(otherWords(ours), "");
  assert.equal(otherWords(`site=x ${ours} more  words`), "site=x more  words");
  assert.equal(otherWords("assay:rules={broken assay:run=short"), "assay:run=short");
  fc.assert(
    fc.property(fc.string(), (text) => {
      const kept = otherWords(`${text} ${ours}`);
      assert.deepEqual(parseRunText(kept), NOTHING);
      assert.equal(otherWords(kept), kept);
    }),
  );
});
