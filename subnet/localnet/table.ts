/** @file The table of uids in whatever room there is: fewer columns before shorter reasons, several blocks before hidden rows. */
import type { Row } from "./frame.ts";
import { kindTone, type Paint, verdictTone } from "./paint.ts";
import { fitted, tokensText } from "../../base/text.ts";

/** Characters of a line, and lines, that the table may take. */
export type Room = { readonly width: number; readonly lines: number };

type Cell = { readonly text: string; readonly tone: ReturnType<typeof kindTone> };
type Column = {
  readonly title: string;
  readonly align: "left" | "right";
  cell(row: Row): Cell;
};

const UID: Column = {
  title: "uid",
  align: "right",
  cell: ({ uid }) => ({ text: String(uid), tone: "plain" }),
};
const NAME: Column = {
  title: "name",
  align: "left",
  cell: ({ name, kind }) => ({ text: name, tone: kindTone(kind) }),
};
const KIND: Column = {
  title: "kind",
  align: "left",
  cell: ({ kind }) => ({ text: kind, tone: kindTone(kind) }),
};
const SCORE: Column = {
  title: "score",
  align: "right",
  cell: ({ score }) => ({
    text: score === null ? "-" : score.toFixed(3),
    tone: score !== null && score > 0 ? "good" : "plain",
  }),
};
const SHARE: Column = {
  title: "share",
  align: "right",
  cell: ({ incentive }) => ({ text: `${(100 * incentive).toFixed(1)} %`, tone: "plain" }),
};
const EARNED: Column = {
  title: "earned",
  align: "right",
  cell: ({ earnedRao }) => ({ text: tokensText(earnedRao), tone: "plain" }),
};
const WHY: Column = {
  title: "why",
  align: "left",
  cell: ({ verdict }) => ({ text: verdict, tone: verdictTone(verdict) }),
};
/** The code of the reason alone: two words of its sentence would tell nobody more. */
const CODE: Column = {
  title: "why",
  align: "left",
  cell: ({ verdict }) => ({ text: verdict.split(":", 1)[0] ?? "", tone: verdictTone(verdict) }),
};

/** From rich to bare, each with the least room that its reasons need. Uid, name and score are never left out. */
const LAYOUTS: readonly { readonly columns: readonly Column[]; readonly why: number }[] = [
  { columns: [UID, NAME, KIND, SCORE, SHARE, EARNED, WHY], why: 48 },
  { columns: [UID, NAME, SCORE, SHARE, EARNED, WHY], why: 30 },
  { columns: [UID, NAME, SCORE, EARNED, WHY], why: 26 },
  { columns: [UID, NAME, SCORE, EARNED, CODE], why: 16 },
  { columns: [UID, NAME, SCORE, CODE], why: 8 },
  { columns: [UID, NAME, SCORE], why: 0 },
];
const MARGIN = "  ";
/** A narrower block would hold no reasons. */
const LEAST_BLOCK = 34;
const MOST_BLOCKS = 4;

function columnWidths(columns: readonly Column[], rows: readonly Row[]): number[] {
  return columns.map((column) =>
    Math.max(column.title.length, ...rows.map((row) => column.cell(row).text.length)),
  );
}

/** The richest columns that fit into `width` with their gaps; the reasons may be cut. */
function columnsFor(rows: readonly Row[], width: number, gap: number): readonly Column[] {
  const found = LAYOUTS.find(({ columns, why }) => {
    const widths = columnWidths(columns, rows);
    const reasons = columns.at(-1)?.title === WHY.title ? (widths.pop() ?? 0) : 0;
    const fixed = widths.reduce((sum, one) => sum + one + gap, 0);
    return fixed + Math.min(reasons, why) <= width;
  });
  return found?.columns ?? [UID, NAME, SCORE];
}

/** A line of cells that fills `width` exactly; the last one is cut, never the ones before it while they fit. */
function lineOf(
  cells: readonly (Cell & { readonly width: number; readonly align: Column["align"] })[],
  at: { readonly width: number; readonly gap: number; readonly paint: Paint },
): string {
  let left = at.width;
  const parts: string[] = [];
  for (const [index, { text, tone, width, align }] of cells.entries()) {
    const gap = index === 0 ? "" : " ".repeat(Math.min(at.gap, left));
    left -= gap.length;
    const padded = align === "right" ? text.padStart(width) : text.padEnd(width);
    const shown = fitted(index === cells.length - 1 ? text : padded, left);
    left -= shown.length;
    parts.push(gap + at.paint(tone, shown));
  }
  return parts.join("") + " ".repeat(left);
}

/** Rows one below the other, `width` characters wide, with their head. */
function blockOf(
  rows: readonly Row[],
  all: readonly Row[],
  at: { readonly width: number; readonly gap: number; readonly paint: Paint },
): string[] {
  const columns = columnsFor(all, at.width, at.gap);
  const widths = columnWidths(columns, all);
  const withWidth = (cells: readonly Cell[]): Parameters<typeof lineOf>[0] =>
    cells.map((cell, index) => ({
      ...cell,
      width: widths[index] ?? 0,
      align: columns[index]?.align ?? "left",
    }));
  const head = columns.map(({ title }): Cell => ({ text: title, tone: "quiet" }));
  const bodies = rows.map((row) => columns.map((column) => column.cell(row)));
  return [head, ...bodies].map((cells) => lineOf(withWidth(cells), at));
}

/** Which rows matter most where not all fit: miners before validators, the more is earned or scored the earlier. */
function interest({ kind, score, earnedRao }: Row): number {
  const role = kind === "owner" ? 0 : kind === "validator" ? 1 : 2;
  return role * 1e12 + (score ?? 0) * 1e6 + Number(earnedRao) / 1e9;
}

/** How often each verdict stands in rows that are not shown: "9 accepted, 2 copied". */
function hiddenText(rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of rows) {
    const [code = ""] = verdict.split(":", 1);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const words = [...counts].map(([code, count]) => `${count} ${code}`).join(", ");
  return `… and ${rows.length} more: ${words}`;
}

/**
 * The table in the given room: no line is longer, and there are no more lines. Rows stand in the order of their uids; where
 * not all fit, the most interesting ones do, and a last line counts the others.
 */
export function tableLines(rows: readonly Row[], room: Room, paint: Paint): string[] {
  if (room.width <= MARGIN.length) return [];
  const width = room.width - MARGIN.length;
  const most = Math.min(MOST_BLOCKS, Math.max(1, Math.floor((width + 2) / (LEAST_BLOCK + 2))));
  const fits = Math.max(1, room.lines - 1);
  const needed = Math.ceil(rows.length / fits);
  const blocks = Math.min(most, Math.max(1, needed));
  const capacity = needed <= most ? rows.length : blocks * (fits - 1);
  const chosen = new Set(rows.toSorted((a, b) => interest(b) - interest(a)).slice(0, capacity));
  const shown = rows.filter((row) => chosen.has(row));
  const hidden = rows.filter((row) => !chosen.has(row));
  const perBlock = Math.ceil(shown.length / blocks);
  const blockWidth = Math.floor((width - 2 * (blocks - 1)) / blocks);
  const at = { width: blockWidth, gap: blocks === 1 ? 2 : 1, paint };
  const drawn = Array.from({ length: blocks }, (_, block) =>
    blockOf(shown.slice(block * perBlock, (block + 1) * perBlock), shown, at),
  );
  const lines = Array.from({ length: perBlock + 1 }, (_, line) =>
    (MARGIN + drawn.map((block) => block[line] ?? " ".repeat(blockWidth)).join("  ")).trimEnd(),
  );
  if (hidden.length > 0) lines.push(fitted(MARGIN + hiddenText(hidden), room.width));
  return lines;
}
