/** @file A scorer's file: whatever is wrong with it is said with its name, never paid by. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isAssayError } from "../../../src/errors.ts";
import type { Score } from "../../../src/gauntlet/scorebook.ts";
import { openScorer } from "../../../src/run/scorer-file.ts";
import { stub } from "../stub.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-scorer-"));
after(() => rmSync(folder, { recursive: true }));
let count = 0;

function fileWith(text: string): string {
  const path = join(folder, `scorer-${count++}.mjs`);
  writeFileSync(path, text);
  return path;
}

const isInvalid = (error: unknown): boolean => isAssayError(error, "scorer-invalid");
const SCORES = [stub<Score>({ final: 2 }), stub<Score>({ final: 1 })];

test("a rule is used as it is, and none is none", async () => {
  const path = fileWith(
    "export const weigh = (scores, window) => scores.map(({ final }) => final * 10 + window)",
  );
  assert.deepEqual((await openScorer(path))?.(SCORES, 3), [23, 13]);
  assert.equal(await openScorer(undefined), null);
});

test("a file that is not there, does not parse, throws or exports no function", async () => {
  for (const path of [
    join(folder, "nowhere.mjs"),
    fileWith("export const weigh = ("),
    fileWith("throw new Error('at once')"),
    fileWith("export const weigh = 7"),
    fileWith("export default () => []"),
  ])
    await assert.rejects(openScorer(path), isInvalid, path);
});

test("a rule that throws, or gives what is no weight, stops whoever asks it", async () => {
  for (const body of [
    "() => { throw new Error('no') }",
    "() => null",
    "() => [1]",
    "() => [1, -1]",
    "() => [1, '2']",
    "async () => [1, 2]",
  ]) {
    const rule = await openScorer(fileWith(`export const weigh = ${body}`));
    assert.throws(() => rule?.(SCORES, 0), isInvalid, body);
  }
});
