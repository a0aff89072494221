/** @file TOML in and out: files with the line of every key, single values for flags, values for files that are written. */
import { parse, stringify, TomlError } from "smol-toml";
import { fileReason, readWholeFileSync } from "../../base/files.ts";
import { AssayError } from "../errors.ts";

/** A parsed TOML document that still knows where its keys stand. */
export type TomlDocument = {
  /** The name that errors use: a path as the person gave it. */
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The line (from 1) on which a key or table was written, or its table's line; null if neither is found. */
  lineOf(path: readonly string[]): number | null;
};

/** A settings file is small; more than this was named by mistake. */
const MAXIMUM_BYTES = 1 << 20;

const SEGMENT = String.raw`(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')`;
const PATH = String.raw`${SEGMENT}(?:\s*\.\s*${SEGMENT})*`;
const HEADER = new RegExp(String.raw`^\s*\[{1,2}\s*(${PATH})\s*\]`);
const ASSIGNMENT = new RegExp(String.raw`^\s*(${PATH})\s*=`);

function segmentsOf(path: string): string[] {
  const found = path.match(new RegExp(SEGMENT, "g")) ?? [];
  return found.map((segment) => segment.replace(/^["']|["']$/g, ""));
}

/** Lines of keys and tables, joined with a character that no bare key holds; the first place wins. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table: readonly string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) table = segmentsOf(header);
    const key = header === undefined ? ASSIGNMENT.exec(line)?.[1] : undefined;
    if (header === undefined && key === undefined) continue;
    const path = key === undefined ? table : [...table, ...segmentsOf(key)];
    const name = path.join("\n");
    if (!lines.has(name)) lines.set(name, index + 1);
  }
  return lines;
}

/**
 * Parses TOML.
 * @param name what errors call the text
 * @throws AssayError bad-option with line and column
 */
export function parseTomlText(text: string, name: string): TomlDocument {
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parse(text);
  } catch (cause) {
    throw new AssayError({ code: "bad-option", detail: describeSyntax(cause, name) }, { cause });
  }
  const lines = linesOf(text);
  return {
    name,
    values,
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(path.slice(0, length).join("\n"));
        if (line !== undefined) return line;
      }
      return null;
    },
  };
}

function describeSyntax(cause: unknown, name: string): string {
  if (!(cause instanceof TomlError)) return `${name} is not TOML: ${String(cause)}`;
  const reason = (cause.message.split("\n", 1)[0] ?? "").replace(/^Invalid TOML document: /, "");
  return `${name}, line ${cause.line}, column ${cause.column}: not TOML: ${reason}`;
}

/**
 * Reads a TOML file.
 * @throws AssayError bad-option if it cannot be read (which is said in words) or is not TOML
 */
export function readTomlFile(path: string): TomlDocument {
  let bytes: Buffer;
  try {
    bytes = readWholeFileSync(path, MAXIMUM_BYTES);
  } catch (cause) {
    const detail = `${path} cannot be read: ${fileReason(cause)}`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
  return parseTomlText(decoded(bytes, path), path);
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AssayError({ code: "bad-option", detail: `${path} is not UTF-8 text` }, { cause });
  }
}

/** One value as TOML reads it (`128`, `true`, `["a"]`); undefined if it is none. */
export function tomlValueOf(text: string): unknown {
  // A second line would be a second key.
  if (text.includes("\n")) return undefined;
  try {
    return parse(`value = ${text}`)["value"];
  } catch {
    return undefined;
  }
}

/** A value as TOML text on one line. */
export function tomlText(value: string | number | boolean | readonly string[]): string {
  return stringify({ value }).trimEnd().slice("value = ".length);
}
