/** @file Changes one key of a TOML text on its own line: comments, order and everything else stay as they are. */
import { isDeepStrictEqual } from "node:util";
import { parseTomlText, tomlText } from "../../src/command/toml.ts";
import { AssayError } from "../../src/errors.ts";
import type { KeyInfo, KeyValue } from "./keys.ts";

/** Lines `from` up to, but not including, `to`. */
type Range = { readonly from: number; readonly to: number };

/** What TOML makes of some lines, or null when they are none; a line of a Windows file still ends with its return. */
function valuesOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return parseTomlText(text.replaceAll(/\r$/gm, ""), "").values;
  } catch {
    return null;
  }
}

const isHeader = (line: string): boolean => /^\s*\[/.test(line);

/** The lines of a table without its header, or of the top; null when the table has no header. */
function sectionOf(lines: readonly string[], table: string | null): Range | null {
  const header =
    table === null
      ? -1
      : lines.findIndex((line) => /^\s*\[\s*([\w-]+)\s*\]/.exec(line)?.[1] === table);
  if (table !== null && header === -1) return null;
  const next = lines.findIndex((line, index) => index > header && isHeader(line));
  return { from: header + 1, to: next === -1 ? lines.length : next };
}

/** The lines of an assignment that begins at `from`: more than one when its value is a list over several lines. */
function assignmentAt(lines: readonly string[], from: number, section: Range): Range | null {
  for (let to = from + 1; to <= section.to; to++)
    if (valuesOf(lines.slice(from, to).join("\n")) !== null) return { from, to };
  return null;
}

/** Where `key` is assigned in a section; `commented`: on a line "#key = value", as `subnet init` writes them. */
function findKey(
  lines: readonly string[],
  key: string,
  section: Range,
  commented: boolean,
): Range | null {
  const start = new RegExp(`^\\s*${commented ? "#\\s*" : ""}${key}\\s*=`);
  for (let line = section.from; line < section.to; line++) {
    if (!start.test(lines[line] ?? "")) continue;
    if (!commented) return assignmentAt(lines, line, section);
    // Prose may begin like an assignment: only what would be one counts.
    const bare = (lines[line] ?? "").replace(/#\s*/, "");
    if (valuesOf(bare) !== null) return { from: line, to: line + 1 };
  }
  return null;
}

/** The column of the comment behind an assignment, or null: the first "#" before which the value is already whole. */
function commentColumn(line: string, key: string): number | null {
  const whole = valuesOf(line)?.[key];
  for (let at = line.indexOf("#"); at !== -1; at = line.indexOf("#", at + 1))
    if (isDeepStrictEqual(valuesOf(line.slice(0, at))?.[key], whole)) return at;
  return null;
}

/** An assignment in place of another one, with the comment that stood behind it, at its column if there is room. */
function replaced(old: string, key: string, value: string): string {
  const line = old.replace(/^(\s*)#\s*/, "$1");
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const carriage = line.endsWith("\r") ? "\r" : "";
  const assignment = `${indent}${key} = ${value}`;
  const at = commentColumn(line, key);
  if (at === null) return `${assignment}${carriage}`;
  // A comment sign that was taken away stood before the value: the column counts from the old line.
  const column = at + (old.length - line.length);
  const comment = line.slice(at).replace(/\r$/, "");
  return `${`${assignment} `.padEnd(column)}${comment}${carriage}`;
}

/** The line of the last assignment of a section, or of its header: what is new stands below. */
function lastLine(lines: readonly string[], section: Range): number {
  for (let line = section.to - 1; line >= section.from; line--)
    if ((lines[line] ?? "").trim() !== "") return line;
  return section.from - 1;
}

/** The text with the key set, or null when it stands where a line cannot be changed (an inline table, a dotted key). */
function edited(text: string, { table, key }: KeyInfo, value: string): string {
  const lines = text.split("\n");
  const carriage = lines[0]?.endsWith("\r") === true ? "\r" : "";
  const section = sectionOf(lines, table);
  if (section === null) {
    const gap = text === "" || text.endsWith("\n") ? "" : `${carriage}\n`;
    return `${text}${gap}${carriage}\n[${table}]${carriage}\n${key} = ${value}${carriage}\n`;
  }
  const found = findKey(lines, key, section, false) ?? findKey(lines, key, section, true);
  if (found === null) {
    lines.splice(lastLine(lines, section) + 1, 0, `${key} = ${value}${carriage}`);
    return lines.join("\n");
  }
  const old = lines.slice(found.from, found.to);
  const line =
    old.length === 1 ? replaced(old[0] ?? "", key, value) : `${key} = ${value}${carriage}`;
  lines.splice(found.from, old.length, line);
  return lines.join("\n");
}

/** The values of a document without one key. */
function without(
  values: Readonly<Record<string, unknown>>,
  { table, key }: KeyInfo,
): Record<string, unknown> {
  const rest = ({ [key]: _taken, ...others }: Record<string, unknown>): Record<string, unknown> =>
    others;
  if (table === null) return rest({ ...values });
  const { [table]: inner, ...others } = values;
  const kept = typeof inner === "object" && inner !== null ? rest({ ...inner }) : {};
  return Object.keys(kept).length === 0 ? others : { ...others, [table]: kept };
}

/**
 * The text of a TOML file with `info` set to `value`.
 * @param name what errors call the file
 * @throws AssayError bad-option when the text is no TOML, or holds the key in a form that no line edit can change
 */
export function withValue(text: string, name: string, info: KeyInfo, value: KeyValue): string {
  const before = parseTomlText(text, name).values;
  const result = edited(text, info, tomlText(value));
  const after = valuesOf(result);
  const at = (values: Readonly<Record<string, unknown>> | null): unknown => {
    const table = info.table === null ? values : values?.[info.table];
    return new Map(Object.entries(table ?? {})).get(info.key);
  };
  const unchanged =
    after !== null && isDeepStrictEqual(without({ ...after }, info), without({ ...before }, info));
  if (!unchanged || !isDeepStrictEqual(at(after), value))
    throw new AssayError({
      code: "bad-option",
      detail: `${info.path} stands in ${name} in a form that cannot be changed by the line`,
      next: `Write it as a line of its own: ${info.table === null ? "" : `[${info.table}], then `}${info.key} = ${tomlText(value)}.`,
    });
  return result;
}
