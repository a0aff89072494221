/** @file A TOML file of options: the values that a command takes from it, and refusals that name line and what is right. */
import { AssayError } from "../errors.ts";
import { TABLE_NAMES, type TableName, TABLES, tablesWith } from "./tables.ts";
import { readTomlFile, type TomlDocument } from "./toml.ts";
import { nearestHint } from "./words.ts";

/** A value of a file with the place it stands at. */
export type Placed = { readonly value: unknown; readonly place: string };

/** Who reads a file: the keys of the command, the table that is its own, and what at the top is not for options. */
export type Reader = {
  readonly keys: readonly string[];
  readonly table?: TableName;
  readonly others?: readonly string[];
};

const refuse = (detail: string): AssayError => new AssayError({ code: "bad-option", detail });

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  // Arrays and dates have prototypes of their own; a parsed table has none.
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** `FILE:LINE` of a key; the file alone where the line is not found. */
function placeOf(document: TomlDocument, path: readonly string[]): string {
  const line = document.lineOf(path);
  return line === null ? document.name : `${document.name}:${line}`;
}

/** Why a key at the top of a file is refused. */
function unknownKey(key: string, place: string, { keys }: Reader): AssayError {
  const homes = tablesWith(key);
  if (homes.length === 0)
    return refuse(`${place}: unknown key "${key}"${nearestHint(key, keys, "valid key")}`);
  const tables = homes.map((name) => `[${name}]`).join(" or ");
  return refuse(`${place}: "${key}" is a key of ${homes.join(" and ")}: put it below ${tables}`);
}

/** Values of the table that belongs to the command. */
function fromTable(
  document: TomlDocument,
  table: TableName,
  { keys }: Reader,
): ReadonlyMap<string, Placed> {
  const found = new Map<string, Placed>();
  const own = document.values[table];
  if (!isTable(own)) return found;
  const known: readonly string[] = [...keys, ...TABLES[table]];
  for (const [key, value] of Object.entries(own)) {
    const place = placeOf(document, [table, key]);
    const hint = nearestHint(key, known, "valid key");
    if (keys.includes(key)) found.set(key, { value, place });
    else if (!known.includes(key))
      throw refuse(`${place}: unknown key "${key}" in [${table}]${hint}`);
  }
  return found;
}

/**
 * The values of a TOML file that `reader` takes: those at its top, then those of its own table. Tables of other commands
 * are left alone.
 * @throws AssayError bad-option: unreadable, not TOML, an unknown key or table
 */
export function readConfigFile(path: string, reader: Reader): ReadonlyMap<string, Placed> {
  const document = readTomlFile(path);
  const { table, others = [] } = reader;
  const found = new Map<string, Placed>();
  for (const [key, value] of Object.entries(document.values)) {
    const place = placeOf(document, [key]);
    // `data` is an option, and a table of a subnet.toml.
    if (others.includes(key) && (isTable(value) || !reader.keys.includes(key))) continue;
    if (reader.keys.includes(key)) found.set(key, { value, place });
    else if (!isTable(value)) throw unknownKey(key, place, reader);
    else if (!TABLE_NAMES.includes(key))
      throw refuse(`${place}: unknown table [${key}]${nearestHint(key, TABLE_NAMES, "table")}`);
  }
  if (table === undefined) return found;
  return new Map([...found, ...fromTable(document, table, reader)]);
}
