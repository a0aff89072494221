/** @file docs/metrics.md, made from the list of metrics and rules. */
import { ALERTS } from "./alerts.ts";
import type { Group } from "./metric-list.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function table({ title, about, metrics }: Group): string {
  const rows = metrics.map(
    ({ name, kind, labels = [], help }) =>
      `| \`${name}\` | ${kind} | ${labels.join(", ")} | ${cell(help)} |`,
  );
  return `## ${title}\n\n${about}\n\n| Metric | Kind | Labels | What |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

function alertTable(): string {
  const rows = ALERTS.map(
    ({ name, expr, for: held, severity, next }) =>
      `| \`${name}\` | ${severity} | \`${cell(expr)}\` | ${held} | ${cell(next)} |`,
  );
  return `| Alert | Severity | When | For | What to do |\n|---|---|---|---|---|\n${rows.join("\n")}\n`;
}

/** The whole document around what is written by hand. @param words a text with the places for tables */
export function referenceText(words: string, groups: readonly Group[]): string {
  return words
    .replace("<!-- metrics -->\n", () => groups.map(table).join("\n"))
    .replace("<!-- alerts -->\n", alertTable);
}
