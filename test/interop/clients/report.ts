/** @file The rows as a table for people, as a document, and as one line for scripts. */
import type { Row } from "./row.ts";

/** A row that may fail, and whose fault that is. */
export type Exception = { readonly client: string; readonly act: string; readonly reason: string };

/** More than this nobody may excuse. */
export const MOST_EXCEPTIONS = 3;

/** Why a row that failed does not fail the run; null: it does. */
export function excuseOf(row: Row, exceptions: readonly Exception[]): string | null {
  const found = exceptions.find(({ client, act }) => client === row.client && act === row.act);
  return found?.reason ?? null;
}

/** A row as it is printed when it is known. */
export function lineOf({ client, act, passed, error, seconds }: Row): string {
  const end = error === "" ? "" : `: ${error}`;
  return `${passed ? "ok  " : "FAIL"} ${client}  ${act}  ${seconds} s${end}`;
}

/** What it came to. */
export function sumOf(rows: readonly Row[], exceptions: readonly Exception[]): string {
  const failed = rows.filter(({ passed }) => !passed);
  const excused = failed.filter((row) => excuseOf(row, exceptions) !== null);
  const ending = excused.length === 0 ? "" : `, ${excused.length} of them for a known reason`;
  return `${rows.length} rows, ${rows.length - failed.length} passed, ${failed.length} failed${ending}`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("`", "'");
const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function markOf(row: Row | undefined): string {
  if (row === undefined) return "";
  return row.passed ? "yes" : "**no**";
}

/** An act a line, a client a column. */
function tableOf(rows: readonly Row[]): readonly string[] {
  const clients = [...new Set(rows.map(({ client }) => client))];
  const acts = [...new Set(rows.map(({ act }) => act))];
  const rowOf = (act: string, client: string): Row | undefined =>
    rows.find((row) => row.act === act && row.client === client);
  return [
    line(["act", ...clients]),
    line(["---", ...clients.map(() => "---")]),
    ...acts.map((act) => line([cell(act), ...clients.map((one) => markOf(rowOf(act, one)))])),
  ];
}

/** The text of docs/interop.md. Without times and dates: equal runs write equal files. */
export function documentOf(rows: readonly Row[], exceptions: readonly Exception[]): string {
  const failed = rows
    .filter(({ passed }) => !passed)
    .map((row) => {
      const why = excuseOf(row, exceptions) ?? row.error;
      return `- ${row.client}, ${cell(row.act)}: ${cell(why)}`;
    });
  return [
    "# Bittensor's own clients on our chain",
    "",
    "Written by `npm run interop`: unmodified clients from PyPI and npm, each on a fresh chain of its own with one-second blocks;",
    "every command has 20 seconds, and running into them is a failure. What an act is held to stands in",
    "[test/interop/clients](../test/interop/clients/README.md). An empty cell: that client has no such act.",
    "",
    `${sumOf(rows, exceptions)}.`,
    "",
    ...tableOf(rows),
    "",
    ...(failed.length === 0 ? [] : ["## What does not pass", "", ...failed, ""]),
  ].join("\n");
}
