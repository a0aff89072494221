/** @file The mode of a run: a document without one means `published`, and no amendment changes it. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { canonicalJson } from "../../../src/protocol/canonical-json.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import type { RunManifest } from "../../../src/protocol/manifest.ts";
import { encodeManifest, parseManifest } from "../../../src/protocol/manifest-file.ts";
import { manifestConflicts } from "../../../src/protocol/manifest-conflicts.ts";
import { amendmentConflicts, rulesDigest, rulesOf } from "../../../src/protocol/rules.ts";
import { encodeRunText, parseRunText } from "../../../src/protocol/run-text.ts";
import { type CreditScoring, modeOf } from "../../../src/protocol/scoring.ts";
import { firstStanding, nextStanding } from "../../../src/protocol/standing.ts";
import { CREDIT_SCORING, EXAMPLE_MANIFEST } from "./example-manifest.ts";

const credit: RunManifest = { ...EXAMPLE_MANIFEST, scoring: CREDIT_SCORING };
const withCredit = (change: Partial<CreditScoring["credit"]>): RunManifest => ({
  ...credit,
  scoring: { ...CREDIT_SCORING, credit: { ...CREDIT_SCORING.credit, ...change } },
});

test("a manifest that names no mode is of mode published, and its bytes are the same", () => {
  const { mode: _mode, ...scoring } = EXAMPLE_MANIFEST.scoring;
  const { manifest, runId } = parseManifest(encodeManifest({ ...EXAMPLE_MANIFEST, scoring }));
  assert.equal(modeOf(manifest.scoring), "published");
  assert.equal(blake2b256(encodeManifest(manifest)), runId);
});

test("a manifest of mode credit reads back, holds the keys of its mode alone, and its numbers have bounds", () => {
  assert.deepEqual(parseManifest(encodeManifest(credit)).manifest, credit);
  assert.equal(modeOf(credit.scoring), "credit");
  const text = canonicalJson(credit);
  for (const [from, to, told] of [
    ['"mode":"credit"', '"mode":"other"', /scoring\.mode/],
    ['"mode":"credit"', '"mode":"credit","power":2', /power/],
    ['"mode":"credit",', "", /scoring/],
    ['"floor":0.35', '"floor":1', /scoring\.credit\.floor/],
    ['"floor":0.35', '"floor":0.35,"extra":1', /extra/],
  ] as const) {
    assert.ok(text.includes(from));
    const bytes = new TextEncoder().encode(text.replace(from, to));
    assert.throws(() => parseManifest(bytes), told);
  }
});

const paths = (manifest: RunManifest): string[] =>
  manifestConflicts(manifest).map(({ path }) => path.join("."));

test("a new hotkey is voted for, or nothing would ever move", () => {
  assert.deepEqual(manifestConflicts(credit), []);
  assert.deepEqual(paths(withCredit({ voteTrust: 0.12 })), ["scoring.credit.voteTrust"]);
  assert.deepEqual(paths(withCredit({ oddsStart: -3.5 })), ["scoring.credit.oddsStart"]);
});

test("an amendment of mode credit fits its 800 bytes with every key, beside the run that it follows,, and holds", () => {
  const { scoring } = withCredit({ floor: 0.35, shortfall: 1.25, oddsVariance: 1.728 });
  const evaluation = { ...credit.evaluation, usualShare: 0.75, usualGrowth: true };
  const rules = rulesOf({ scoring, evaluation });
  const runId = blake2b256(encodeManifest(credit));
  const amendment = { run: runId, after: rulesDigest(credit), from: 4_294_967_295, rules };
  const text = encodeRunText({ runId, after: null, amendment });
  assert.deepEqual(parseRunText(text).amendment, amendment);
  const after = { runId, window: 4_294_967_295 };
  assert.ok(encodeRunText({ runId, after, amendment }).length <= 1024);
  const seen = { window: amendment.from, text: parseRunText(text) };
  const next = nextStanding(firstStanding(credit), { runId, manifest: credit }, seen);
  assert.equal(rulesDigest(next.rules), rulesDigest(rules));
});

test("an amendment that names another mode changes nothing, for every reader", () => {
  for (const [manifest, other] of [
    [credit, EXAMPLE_MANIFEST],
    [EXAMPLE_MANIFEST, credit],
  ] as const) {
    const runId = blake2b256(encodeManifest(manifest));
    const rules = rulesOf(other);
    const amendment = { run: runId, after: rulesDigest(manifest), from: 3, rules };
    const text = parseRunText(encodeRunText({ runId, after: null, amendment }));
    assert.ok(text.amendment !== null);
    const next = nextStanding(firstStanding(manifest), { runId, manifest }, { window: 5, text });
    assert.equal(rulesDigest(next.rules), rulesDigest(manifest));
    const [conflict] = amendmentConflicts(manifest, rules);
    assert.deepEqual(conflict?.path, ["scoring", "mode"]);
  }
});
