/** @file The rows of the mission: each has its test and its text, and the command names them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fileOf, ROWS } from "../mission/rows.ts";
import { tableOf } from "../mission/table.ts";

const FOLDER = fileURLToPath(new URL("../mission/", import.meta.url));
const rows = Object.values(ROWS);

function mission(...words: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${FOLDER}main.ts`, ...words], {
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

test("each row has a test, each test a row, and each row says what it asks for", () => {
  const tests = readdirSync(FOLDER).filter((name) => name.endsWith(".test.ts"));
  assert.deepEqual(tests.toSorted(), rows.map(fileOf).toSorted());
  const text = readFileSync(`${FOLDER}README.md`, "utf8");
  for (const { id, what } of rows) assert.ok(text.includes(`**${id}, ${what}.**`), id);
});

test("an unknown row is one clear error, and the list names those there are", () => {
  const { code, err, out } = mission("R5", "R99");
  assert.equal(code, 2);
  const ids = rows.map(({ id }) => id);
  assert.equal(err, `error: there is no row "R99"; there are ${ids.join(", ")}\n`);
  assert.equal(out, "");
  assert.equal(mission("--bogus").code, 2);
  const listed = rows.map(({ id, what }) => `${id}  ${what}\n`).join("");
  assert.equal(mission("--list").out, listed);
});

test("a number that misses its goal stands in the table with a mark", () => {
  const goal = { name: "loss", goal: "at most 1", holds: true };
  const text = tableOf([
    {
      row: "R1",
      what: "works",
      passed: false,
      seconds: 61.2,
      goals: [
        { ...goal, seen: 0.9 },
        { ...goal, seen: 1.2, holds: false },
      ],
      numbers: {},
    },
    { row: "R2", what: "dies", passed: false, seconds: 1, goals: [], numbers: {} },
  ]);
  assert.deepEqual(
    text.split("\n").map((line) => line.split(/ {2,}/)),
    [
      ["row", "what", "goal", "seen", "passed", "seconds"],
      ["R1", "works", "loss: at most 1", "0.9", "NO", "61"],
      ["", "loss: at most 1", "1.2 !"],
      ["R2", "dies", "a line of numbers", "none", "NO", "1"],
    ],
  );
});
