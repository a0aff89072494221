/** @file Rows: what fails, what is not run, what is chosen, and how they are told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXCEPTIONS } from "../../interop/clients/exceptions.ts";
import {
  documentOf,
  excuseOf,
  lineOf,
  MOST_EXCEPTIONS,
  sumOf,
} from "../../interop/clients/report.ts";
import { type Act, chosenActs, type Row, rowsOf } from "../../interop/clients/row.ts";

const fails = async (): Promise<void> => Promise.reject(new Error("broken\nby design"));
const passes = async (): Promise<void> => Promise.resolve();
const ACTS: readonly Act<null>[] = [
  { act: "create", run: passes },
  { act: "start", needs: ["create"], run: fails },
  { act: "stake", needs: ["start"], run: passes },
  { act: "look", run: passes },
];

test("an act that throws fails alone; what needs it is not run and fails", async () => {
  const told: Row[] = [];
  const rows = await rowsOf("a client", ACTS, null, (row) => told.push(row));
  assert.deepEqual(
    rows.map(({ act, passed, error }) => [act, passed, error]),
    [
      ["create", true, ""],
      ["start", false, "broken by design"],
      ["stake", false, 'needs "start"'],
      ["look", true, ""],
    ],
  );
  assert.deepEqual(told, rows);
});

const names = (words: readonly string[]): readonly string[] =>
  chosenActs(ACTS, words).map(({ act }) => act);

test("acts are chosen by a part of their name, with what they need, in their order", () => {
  assert.deepEqual(names([]), ["create", "start", "stake", "look"]);
  assert.deepEqual(names(["stak"]), ["create", "start", "stake"]);
  assert.deepEqual(names(["look", "create"]), ["create", "look"]);
  assert.deepEqual(names(["none"]), []);
});

const row = (client: string, act: string, error: string): Row => ({
  client,
  act,
  passed: error === "",
  error,
  seconds: 1.5,
});
const ROWS = [row("A", "x", ""), row("B", "x", "a|b"), row("B", "y", "`c`")];

test("the document holds a column a client, says why, and names no time", () => {
  const exceptions = [{ client: "B", act: "y", reason: "upstream's" }];
  const text = documentOf(ROWS, exceptions);
  assert.match(text, /^\| x \| yes \| \*\*no\*\* \|$/m);
  assert.match(text, /^\| y \| {2}\| \*\*no\*\* \|$/m);
  assert.match(text, /^- B, x: a\\\|b$/m);
  assert.match(text, /^- B, y: upstream's$/m);
  assert.doesNotMatch(text, /1\.5/);
  assert.equal(sumOf(ROWS, exceptions), "3 rows, 1 passed, 2 failed, 1 of them for a known reason");
  assert.equal(lineOf(ROWS[0] ?? row("", "", "")), "ok   A  x  1.5 s");
});

test("few rows are excused, each by its client and act", () => {
  assert.ok(EXCEPTIONS.length <= MOST_EXCEPTIONS);
  assert.ok(EXCEPTIONS.every(({ reason }) => reason.length > 20));
  assert.equal(excuseOf(row("A", "y", "z"), [{ client: "B", act: "y", reason: "r" }]), null);
});
