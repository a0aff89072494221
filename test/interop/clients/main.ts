#!/usr/bin/env node
/** @file `npm run interop`: unmodified Bittensor clients act on our chain; says of every act whether it passed, and why not. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { reasonOf } from "../../../base/fault.ts";
import { type Client, CLIENTS } from "./clients.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { documentOf, excuseOf, lineOf, sumOf } from "./report.ts";
import type { Row } from "./row.ts";

const HELP = `npm run interop -- [options]

Runs unmodified Bittensor clients against our chain, each on a chain of its own, and prints a row for every act.
Needs python3 (3.11 or newer) with venv, and PyPI at first use. All of them take about 15 minutes.
The exit code is 1 when a row fails that is not on the list of exceptions.

  --only TEXT    clients whose name holds it; again for more
  --act TEXT     acts whose name holds it, and what those need; again for more
  --json         ends with one line {"rows":[{"client","act","passed","error","seconds"}]}
  --list         the clients and their acts
  --help

A run of everything writes docs/interop.md.
`;

const OPTIONS = {
  only: { type: "string", multiple: true },
  act: { type: "string", multiple: true },
  json: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const DOCUMENT = new URL("../../../docs/interop.md", import.meta.url);

class UsageError extends Error {}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const matching = (word: string): readonly Client[] =>
  CLIENTS.filter(({ name }) => name.toLowerCase().includes(word.toLowerCase()));

/** @throws UsageError no client has such a name */
function chosen(words: readonly string[]): readonly Client[] {
  const unknown = words.find((word) => matching(word).length === 0);
  if (unknown !== undefined) {
    const names = CLIENTS.map(({ name }) => name).join(", ");
    throw new UsageError(`no client's name holds "${unknown}"; there are ${names}`);
  }
  return words.length === 0 ? CLIENTS : [...new Set(words.flatMap(matching))];
}

/** A client that cannot even begin is one failed row, not the end of the others. */
async function rowsOfClient(client: Client, words: readonly string[]): Promise<readonly Row[]> {
  say(`${client.name}: ${client.acts.length} acts`);
  const told = { words, line: say, row: (row: Row) => say(lineOf(row)) };
  try {
    return await client.run(told);
  } catch (error) {
    const row = {
      client: client.name,
      act: "begin",
      passed: false,
      error: reasonOf(error),
      seconds: 0,
    };
    say(lineOf(row));
    return [row];
  }
}

async function interop(
  clients: readonly Client[],
  words: readonly string[],
  isForScripts: boolean,
): Promise<void> {
  const rows: Row[] = [];
  for (const client of clients) rows.push(...(await rowsOfClient(client, words)));
  if (rows.length === 0) throw new UsageError("no act's name holds that");
  if (clients.length === CLIENTS.length && words.length === 0)
    writeFileSync(DOCUMENT, documentOf(rows, EXCEPTIONS));
  process.stdout.write(`${sumOf(rows, EXCEPTIONS)}\n`);
  if (isForScripts) process.stdout.write(`${JSON.stringify({ rows })}\n`);
  const unexcused = rows.filter((row) => !row.passed && excuseOf(row, EXCEPTIONS) === null);
  process.exitCode = unexcused.length === 0 ? 0 : 1;
}

try {
  const { values } = parseArgs({ options: OPTIONS });
  const clients = chosen(values.only ?? []);
  if (values.help) process.stdout.write(HELP);
  else if (values.list) {
    for (const { name, acts } of clients)
      process.stdout.write(`${name}\n${acts.map((act) => `  ${act}\n`).join("")}`);
  } else await interop(clients, values.act ?? [], values.json);
} catch (error) {
  say(`interop: ${reasonOf(error)}`);
  process.exitCode = 1;
}
