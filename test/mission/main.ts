#!/usr/bin/env node
/** @file `npm run mission`: runs the rows and says of each what was asked for and what was seen. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reasonOf } from "../../base/fault.ts";
import { type Report, reportSchema } from "./report.ts";
import { fileOf, type Row, ROWS } from "./rows.ts";
import { SIZE } from "./size.ts";
import { tableOf } from "./table.ts";

const HELP = `npm run mission -- [rows] [options]

Runs the test of each row on real processes, one after the other, and prints a table. Without rows: all of them.
A row needs two free cores and at most two minutes. The exit code is 1 when a number misses its goal.

  --json             ends with one line {"rows":[{"row","what","passed","seconds","goals","numbers"}]}
  --list             the rows
  --processes N      R5 and R6: a local network of so many processes (itself, its chain, two validators, miners), 8 to 64
  --workers N        R5 and R6: so many workers of the first validator beside it, 1 to 8
  --help

npm run mission -- R5 runs one row; npm run mission -- R5 R6 --processes 24 --workers 2 both at a size.
`;

const OPTIONS = {
  json: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  processes: { type: "string" },
  workers: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** What a test prints is kept so far, for when it fails. */
const KEPT_CHARACTERS = 20_000;
const ALL: readonly Row[] = Object.values(ROWS);
const names = ALL.map(({ id }) => id).join(", ");

class UsageError extends Error {}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The rows of these words, all without any. @throws UsageError */
function chosen(words: readonly string[]): readonly Row[] {
  const unknown = words.find((word) => !ALL.some(({ id }) => id === word.toUpperCase()));
  if (unknown !== undefined)
    throw new UsageError(`there is no row "${unknown}"; there are ${names}`);
  const wanted = words.map((word) => word.toUpperCase());
  return ALL.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
}

/** Rows that can be played at another size, and the sizes that there are. */
const SIZED: readonly string[] = [ROWS.R5.id, ROWS.R6.id];
const RANGES = { processes: [8, 64], workers: [1, 8] } as const;

/** What the tests are told of the size. @throws UsageError */
function sizesOf(
  values: Readonly<Partial<Record<keyof typeof RANGES, string>>>,
  rows: readonly Row[],
): NodeJS.ProcessEnv {
  const sizes: NodeJS.ProcessEnv = {};
  for (const name of ["processes", "workers"] as const) {
    const text = values[name];
    if (text === undefined) continue;
    const other = rows.find(({ id }) => !SIZED.includes(id));
    if (other !== undefined)
      throw new UsageError(`--${name} is for ${SIZED.join(" and ")}, not for ${other.id}`);
    const [least, most] = RANGES[name];
    const isInside = /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
    if (!isInside) throw new UsageError(`--${name} takes ${least} to ${most}, not "${text}"`);
    sizes[SIZE[name]] = text;
  }
  return sizes;
}

/** The line of a row in what its test printed; null: it printed none. */
function reportIn(text: string): Report | null {
  const lines = text.split("\n").filter((line) => line.startsWith('{"row":'));
  const last = lines.at(-1);
  return last === undefined ? null : reportSchema.parse(JSON.parse(last));
}

/** Runs the test of a row to its end. */
async function run(
  row: Row,
  sizes: NodeJS.ProcessEnv,
): Promise<{ readonly report: Report; readonly text: string }> {
  const began = performance.now();
  const path = fileURLToPath(new URL(fileOf(row), import.meta.url));
  // A client that still seeks a chain which a failed test has ended must not keep the test from ending.
  const words = ["--test-force-exit", path];
  const child = spawn(process.execPath, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...sizes },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (text = (text + part.toString()).slice(-KEPT_CHARACTERS)));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const found = reportIn(text);
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
  const nothing = { row: row.id, what: row.what, seconds, goals: [], numbers: {} };
  // A test that ended without its line, or badly after it, did not pass.
  const report = { ...(found ?? nothing), passed: found?.passed === true && code === 0 };
  return { report, text };
}

async function mission(
  rows: readonly Row[],
  sizes: NodeJS.ProcessEnv,
  isForScripts: boolean,
): Promise<void> {
  const reports: Report[] = [];
  for (const row of rows) {
    say(`${row.id}: ${row.what}`);
    const { report, text } = await run(row, sizes);
    reports.push(report);
    if (report.goals.length === 0) say(text);
    say(`${row.id}: ${report.passed ? "passed" : "FAILED"} in ${report.seconds} s`);
  }
  const table = tableOf(reports);
  if (isForScripts) say(table);
  else process.stdout.write(`${table}\n`);
  if (isForScripts) process.stdout.write(`${JSON.stringify({ rows: reports })}\n`);
  if (reports.some(({ passed }) => !passed)) process.exitCode = 1;
}

try {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const rows = chosen(positionals);
  if (values.help) process.stdout.write(HELP);
  else if (values.list) for (const { id, what } of rows) process.stdout.write(`${id}  ${what}\n`);
  else await mission(rows, sizesOf(values, rows), values.json);
} catch (error) {
  const isUsage = error instanceof UsageError || error instanceof TypeError;
  const hint = error instanceof TypeError ? "; npm run mission -- --help lists the options" : "";
  process.stderr.write(`error: ${reasonOf(error)}${hint}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
