/** @file What a replay may try: scoring and credit, and everything else refused by name. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isAssayError } from "../../../../src/errors.ts";
import { rulesOf } from "../../../../src/protocol/rules.ts";
import { sweepOf, triedRules } from "../../../../subnet/replay/tried-rules.ts";
import { CREDIT_SCORING, EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";

const manifest = { ...EXAMPLE_MANIFEST, scoring: CREDIT_SCORING };
const folder = mkdtempSync(join(tmpdir(), "assay-tried-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const tried = (set: readonly string[], path: string | null = null): ReturnType<typeof triedRules> =>
  triedRules(manifest, rulesOf(manifest), { path, set });

const refusal = (set: readonly string[]): string => {
  try {
    tried(set);
  } catch (error) {
    assert.ok(isAssayError(error, "bad-option"));
    return error.explanation.cause;
  }
  return assert.fail(`${set.join(" ")} was not refused`);
};

test("without a change the run's own rules are tried", () => {
  assert.deepEqual(tried([]), { scoring: CREDIT_SCORING, changed: [] });
  assert.deepEqual(tried([`credit.floor=${CREDIT_SCORING.credit.floor}`]).changed, []);
});

test("a key of [credit] is tried over the run's others", () => {
  const { scoring, changed } = tried(["credit.floor=0.45"]);
  const credit = { ...CREDIT_SCORING.credit, floor: 0.45 };
  assert.deepEqual(scoring, { ...CREDIT_SCORING, credit });
  assert.deepEqual(changed, [{ key: "credit.floor", was: "0.35", is: "0.45" }]);
});

test("a file says what is tried, and only what it says", () => {
  const path = join(folder, "other.toml");
  writeFileSync(path, 'windows = 60\n[scoring]\nmode = "published"\npower = 3\n');
  const { scoring, changed } = tried([], path);
  assert.equal(scoring.mode, undefined);
  assert.ok(scoring.mode !== "credit" && scoring.power === 3);
  assert.ok(changed.some(({ key }) => key === "scoring.mode"));
});

test("what recorded losses cannot answer is refused by name", () => {
  assert.match(refusal(["evaluation.ownSequences=16"]), /evaluation\.ownSequences/);
  assert.match(refusal(["scoring.maximumOverlap=0.9"]), /scoring\.maximumOverlap/);
  assert.match(refusal(["outer.alpha=0.5", "credit.floor=0.1"]), /outer\.alpha/);
});

test("a sweep is one setting a value; one that is none is refused", () => {
  assert.deepEqual(sweepOf("credit.floor=0.2, 0.3"), ["credit.floor=0.2", "credit.floor=0.3"]);
  for (const text of ["credit.floor", "=1", "credit.floor=", "credit.floor=,"])
    assert.throws(
      () => sweepOf(text),
      (error) => isAssayError(error, "bad-option"),
    );
});
