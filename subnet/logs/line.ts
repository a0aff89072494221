/** @file One line of a log: read from what a node wrote, kept or left out, and shown to people or to programs. */
import { z } from "zod";
import { printable } from "../../src/command/printable.ts";

/** Levels as they are written, by the numbers that pino gives them. */
const LEVELS: readonly (readonly [number, string])[] = [
  [60, "FATAL"],
  [50, "ERROR"],
  [40, "WARN"],
  [30, "INFO"],
  [20, "DEBUG"],
  [10, "TRACE"],
];
const INFO = 30;
/** What is shown apart, or says nothing that the line does not. */
const SHOWN_APART = new Set("level time pid hostname name msg run window uid".split(" "));
const MOST_VALUE = 160;

const lineSchema = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string().default(""),
  name: z.string().optional(),
  run: z.string().optional(),
  window: z.number().optional(),
  uid: z.number().optional(),
});

/** A line of the log of `node`. */
export type Line = z.output<typeof lineSchema> & { readonly node: string };

/**
 * A line as it was written. What is no JSON of ours was printed for people: it has the time of the line before it.
 * @param time milliseconds since 1970 of the line before it
 */
export function lineOf(written: string, node: string, time: number): Line | null {
  if (written.trim() === "") return null;
  if (written.startsWith("{")) {
    try {
      const value: unknown = JSON.parse(written);
      const parsed = lineSchema.safeParse(value);
      if (parsed.success) return { ...parsed.data, node };
    } catch {
      // Cut off, or somebody else's.
    }
  }
  return { level: INFO, time, msg: written.trimEnd(), node };
}

/** Which lines are wanted. */
export type Wanted = {
  readonly role: string | null;
  readonly fromMs: number;
  readonly leastLevel: number;
  readonly uid: number | null;
  readonly windows: readonly [first: number, last: number] | null;
  readonly run: string | null;
};

/** The number of a level by its name. */
export function levelOf(name: string): number {
  return LEVELS.find(([, one]) => one === name.toUpperCase())?.[0] ?? INFO;
}

/** Whether a line is of one of the windows; what people were told before a node was in its run belongs to none. */
function isOf({ window }: Line, windows: Wanted["windows"]): boolean {
  if (windows === null) return true;
  return window !== undefined && window >= windows[0] && window <= windows[1];
}

/** Whether it is about whom is asked for. */
function isAbout(line: Line, { role, uid, run }: Wanted): boolean {
  if (role !== null && line.node !== role && line.name !== role) return false;
  if (uid !== null && line.uid !== uid) return false;
  return run === null || (line.run ?? "").startsWith(run);
}

/** Whether a line is wanted. */
export function isWanted(line: Line, wanted: Wanted): boolean {
  const isLoud = line.level >= wanted.leastLevel;
  const isRecent = line.time >= wanted.fromMs;
  return isLoud && isRecent && isAbout(line, wanted) && isOf(line, wanted.windows);
}

function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= MOST_VALUE ? text : `${text.slice(0, MOST_VALUE)}…`;
}

/** A line for people: time of day, level, node, window, what happened, and the fields of it. */
export function shown(line: Line, width: number): string {
  const time = new Date(line.time).toISOString().slice(11, 23);
  const level = (LEVELS.find(([least]) => line.level >= least)?.[1] ?? "").padEnd(5);
  const place = line.window === undefined ? "" : `w${line.window}`;
  const fields = Object.entries(line).flatMap(([key, value]) =>
    SHOWN_APART.has(key) || key === "node" ? [] : [`${key}=${valueText(value)}`],
  );
  const text = [line.msg, ...fields].join("  ");
  return printable(
    `${time} ${level} ${line.node.padEnd(width)} ${place.padEnd(5)} ${text}`,
  ).trimEnd();
}
