/** @file A TOML file of options: its values, the line of each, and refusals that name file, line and what would be right. */
import { readFileSync } from "node:fs";
import { parse as parseToml, TomlError } from "smol-toml";
import { fileRefusal } from "../../base/files.ts";
import { AssayError } from "../errors.ts";
import { TABLE_NAMES, type TableName, TABLES, tablesWith } from "./tables.ts";
import { nearestHint } from "./words.ts";

/** A value of a file with the place it stands at. */
export type Placed = { readonly value: unknown; readonly place: string };

/** Who reads a file: the keys of the command, and the table that is its own. */
export type Reader = { readonly keys: readonly string[]; readonly table?: TableName };

const MAX_BYTES = 1 << 20;

const refuse = (detail: string, cause?: unknown): AssayError =>
  new AssayError({ code: "bad-option", detail }, { cause });

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = fileRefusal(cause);
    if (reason === null) throw cause;
    throw refuse(`The config file ${path} cannot be read: ${reason}.`, cause);
  }
  if (bytes.length > MAX_BYTES)
    throw refuse(`The config file ${path} is larger than ${MAX_BYTES} bytes.`);
  return bytes.toString("utf8");
}

/** The message of a syntax error without its quotation of the file, which spans lines. */
function syntaxFault(path: string, error: TomlError): AssayError {
  const [first = ""] = error.message.split("\n");
  const reason = first.replace(/^Invalid TOML document: /, "");
  return refuse(`${path}, line ${error.line}, column ${error.column}: ${reason}.`, error);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

/** The name inside `[name]` or `[[name]]`, or null for another line. */
function headerOf(line: string): string | null {
  const name = /^\s*\[\[?\s*("[^"]*"|'[^']*'|[^\]#]+?)\s*\]/.exec(line)?.[1];
  return name === undefined ? null : name.replaceAll(/["']/g, "");
}

/** `PATH, line N` of a key, `table` null for the top of the file; the path alone where the line is not found. */
function placeOf(path: string, source: string, key: string, table: string | null): string {
  let current: string | null = null;
  for (const [index, line] of source.split("\n").entries()) {
    const header = headerOf(line);
    const name = /^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*[.=]/.exec(line)?.[1];
    if (header !== null) current = header;
    const found =
      table === null && header === key
        ? true
        : current === table && name?.replaceAll(/["']/g, "") === key;
    if (found) return `${path}, line ${index + 1}`;
  }
  return path;
}

/** Why a key at the top of a file is refused. */
function unknownKey(key: string, place: string, { keys }: Reader): AssayError {
  const homes = tablesWith(key);
  if (homes.length === 0)
    return refuse(`${place}: unknown key "${key}"${nearestHint(key, keys, "valid key")}.`);
  const tables = homes.map((name) => `[${name}]`).join(" or ");
  return refuse(`${place}: "${key}" is a key of ${homes.join(" and ")}: put it below ${tables}.`);
}

/** Parses a file. @throws AssayError bad-option with line and column */
function documentOf(path: string, source: string): Readonly<Record<string, unknown>> {
  try {
    return parseToml(source);
  } catch (error) {
    throw error instanceof TomlError ? syntaxFault(path, error) : error;
  }
}

/**
 * The values of a TOML file that `reader` takes: those at its top, then those of its own table. Tables of other commands
 * are left alone.
 * @throws AssayError bad-option: unreadable, not TOML, an unknown key or table
 */
export function readConfigFile(path: string, reader: Reader): ReadonlyMap<string, Placed> {
  const source = readText(path);
  const document = documentOf(path, source);
  const found = new Map<string, Placed>();
  for (const [key, value] of Object.entries(document)) {
    const place = placeOf(path, source, key, null);
    if (reader.keys.includes(key)) found.set(key, { value, place });
    else if (!isTable(value)) throw unknownKey(key, place, reader);
    else if (!TABLE_NAMES.includes(key))
      throw refuse(`${place}: unknown table [${key}]${nearestHint(key, TABLE_NAMES, "table")}.`);
  }
  const { table } = reader;
  const own = table === undefined ? undefined : document[table];
  if (table === undefined || !isTable(own)) return found;
  const known: readonly string[] = [...reader.keys, ...TABLES[table]];
  for (const [key, value] of Object.entries(own)) {
    const place = placeOf(path, source, key, table);
    const hint = nearestHint(key, known, "valid key");
    if (reader.keys.includes(key)) found.set(key, { value, place });
    else if (!known.includes(key))
      throw refuse(`${place}: unknown key "${key}" in [${table}]${hint}.`);
  }
  return found;
}
