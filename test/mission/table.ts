/** @file The table of the rows: what was asked for, what was seen. */
import type { Report } from "./report.ts";

const TITLES = ["row", "what", "goal", "seen", "passed", "seconds"] as const;
const GAP = "  ";

type Line = readonly [string, string, string, string, string, string];

/** A line for each number of a row; the row itself stands on its first. */
function linesOf({ row, what, passed, seconds, goals }: Report): readonly Line[] {
  const end = [passed ? "yes" : "NO", String(Math.round(seconds))] as const;
  if (goals.length === 0) return [[row, what, "a line of numbers", "none", ...end]];
  return goals.map(({ name, goal, seen, holds }, index) => {
    const text = `${name}: ${goal}`;
    // What misses its goal says so on its own line.
    const found = `${seen === null ? "nothing" : String(seen)}${holds ? "" : " !"}`;
    return index === 0 ? [row, what, text, found, ...end] : ["", "", text, found, "", ""];
  });
}

/** The table as text. */
export function tableOf(reports: readonly Report[]): string {
  const lines: readonly (readonly string[])[] = [TITLES, ...reports.flatMap(linesOf)];
  const widths = TITLES.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}
