/** @file Reads a configuration: default < file < environment < --set. What is wrong is told with file, line, key and a way out. */
import { lstatSync } from "node:fs";
import type { z } from "zod";
import { TABLE_NAMES, TABLES } from "../../src/command/tables.ts";
import { nearest } from "../../src/command/words.ts";
import { readTomlFile, type TomlDocument, tomlValueOf } from "../../src/command/toml.ts";
import { AssayError } from "../../src/errors.ts";
import { CONFIG_KEYS, CONFIG_TABLES, type KeyInfo, type KeyValue, valueAt } from "./keys.ts";
import { resolveConfig } from "./resolve.ts";
import { type SubnetConfig, subnetConfigSchema } from "./schema.ts";

/** Where a value came from. */
type ConfigSource = "default" | "derived" | "file" | "environment" | "flag";

/** What stands above the file. */
export type Overrides = {
  /** `key=value` or `table.key=value`, as after --set; a later one wins. */
  readonly set?: readonly string[];
  /** The environment (default: this process's). */
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

/** A value with its source; `label` is what messages call it, such as "subnet.toml:12". */
type ConfigEntry = {
  readonly info: KeyInfo;
  readonly value: KeyValue;
  readonly source: ConfigSource;
  readonly label: string;
};

/** A configuration and where each of its values came from. */
export type LoadedConfig = {
  readonly config: SubnetConfig;
  readonly entries: readonly ConfigEntry[];
};

type Given = { readonly value: unknown; readonly source: ConfigSource; readonly label: string };

const MOST_PROBLEMS = 6;
/** Keys are few and their names long: the nearest one is always worth naming. */
const ANY = 1;

const byPath: ReadonlyMap<string, KeyInfo> = new Map(CONFIG_KEYS.map((info) => [info.path, info]));
const tableNames = CONFIG_TABLES.flatMap(({ table }) => (table === null ? [] : [table]));
/** Tables of commands that may stand in the same file; `[chain]` is ours here. */
const commandTables = TABLE_NAMES.filter((name) => !tableNames.includes(name));

function refuse(problems: readonly string[]): never {
  const more = problems.length - MOST_PROBLEMS;
  const first = problems.slice(0, MOST_PROBLEMS).join("; ");
  const detail = more > 0 ? `${first}; and ${more} more` : first;
  throw new AssayError({
    code: "bad-option",
    detail,
    next: "Correct it; this prints every key with its range.",
    run: { ours: "subnet config", set: { markdown: true } },
  });
}

/** The key that was probably meant: of the same name elsewhere, else the nearest in the same table, else anywhere. */
function meant(table: string | null, key: string): string {
  const elsewhere = CONFIG_KEYS.find((info) => info.key === key);
  if (elsewhere !== undefined) return elsewhere.path;
  const siblings = CONFIG_KEYS.filter((info) => info.table === table);
  if (table !== null && siblings.length > 0) {
    const names = siblings.map((info) => info.key);
    return `${table}.${nearest(key, names, ANY) ?? ""}`;
  }
  const words = [...CONFIG_KEYS.map((info) => info.path), ...tableNames];
  return nearest(table === null ? key : `${table}.${key}`, words, ANY) ?? "";
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  // Arrays and dates have prototypes of their own; a parsed table has none.
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Where an option of localnet goes whose name a table of ours has, too. */
function ofLocalnet(name: string): string {
  if (!TABLES.localnet.includes(name)) return "";
  return `; the option ${name} of localnet goes below [localnet] (${name} = ...), or is its flag --${name}`;
}

/** What a file says, by path; unknown keys and wrong shapes become problems. */
function fromFile(document: TomlDocument, problems: string[]): Map<string, Given> {
  const given = new Map<string, Given>();
  const labelOf = (path: readonly string[]): string => {
    const line = document.lineOf(path);
    return line === null ? document.name : `${document.name}:${line}`;
  };
  const unknown = (table: string | null, key: string): void => {
    const path = table === null ? [key] : [table, key];
    const hint =
      table === null && TABLES.localnet.includes(key)
        ? "it is an option of localnet: put it below [localnet]"
        : `nearest valid key: "${meant(table, key)}"`;
    problems.push(`${labelOf(path)}: unknown key "${path.join(".")}"; ${hint}`);
  };
  const take = (table: string | null, key: string, value: unknown): void => {
    const path = table === null ? [key] : [table, key];
    if (!byPath.has(path.join("."))) return unknown(table, key);
    given.set(path.join("."), { value, source: "file", label: labelOf(path) });
  };
  for (const [name, value] of Object.entries(document.values)) {
    if (commandTables.includes(name) && isTable(value)) continue;
    if (!tableNames.includes(name)) {
      if (!isTable(value) || byPath.has(name)) take(null, name, value);
      else
        problems.push(
          `${labelOf([name])}: unknown table [${name}]; nearest valid table: [${nearest(name, tableNames, ANY) ?? ""}]`,
        );
    } else if (isTable(value))
      for (const [key, inner] of Object.entries(value)) take(name, key, inner);
    else
      problems.push(
        `${labelOf([name])}: ${name} is a table: write [${name}] on a line first${ofLocalnet(name)}`,
      );
  }
  return given;
}

/** The value that a flag or a variable means: text for texts, else whatever TOML reads. */
function valueOf(info: KeyInfo, written: string): unknown {
  if (info.kind === "text" || info.kind === "one of") return written;
  return tomlValueOf(written) ?? written;
}

function fromEnvironment(environment: NonNullable<Overrides["environment"]>): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const info of CONFIG_KEYS) {
    const written = environment[info.variable];
    if (written !== undefined)
      given.set(info.path, {
        value: valueOf(info, written),
        source: "environment",
        label: info.variable,
      });
  }
  return given;
}

function fromFlags(flags: readonly string[], problems: string[]): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const flag of flags) {
    const at = flag.indexOf("=");
    const path = (at === -1 ? flag : flag.slice(0, at)).trim();
    const info = byPath.get(path);
    const [first = "", second] = path.split(".");
    if (info === undefined) {
      if (tableNames.includes(path)) {
        const keys = CONFIG_KEYS.filter(({ table }) => table === path).map((one) => one.path);
        problems.push(`--set ${flag}: ${path} is a table; its keys are ${keys.join(", ")}`);
        continue;
      }
      const word = second === undefined ? meant(null, first) : meant(first, second);
      problems.push(`--set ${flag}: unknown key "${path}"; nearest valid key: "${word}"`);
    } else if (at === -1) problems.push(`--set ${flag}: write --set ${path}=value`);
    else {
      const value = valueOf(info, flag.slice(at + 1));
      given.set(path, { value, source: "flag", label: "--set" });
    }
  }
  return given;
}

/** The given values as the schema takes them. */
function nested(given: ReadonlyMap<string, Given>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { table, keys } of CONFIG_TABLES) {
    const found = keys.flatMap(({ key, path }): [string, unknown][] => {
      const one = given.get(path);
      return one === undefined ? [] : [[key, one.value]];
    });
    if (table === null) Object.assign(root, Object.fromEntries(found));
    else root[table] = Object.fromEntries(found);
  }
  return root;
}

function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** What is wrong with a value, and what would be right. */
function wrongValue(issue: z.core.$ZodIssue, given: ReadonlyMap<string, Given>): string {
  const path = issue.path.slice(0, 2).join(".");
  const info = byPath.get(path);
  const one = given.get(path);
  if (info === undefined || one === undefined) return `${path}: ${issue.message}`;
  const near =
    info.kind === "one of" && typeof one.value === "string"
      ? `; nearest: "${nearest(one.value, info.range.split(", "), ANY) ?? ""}"`
      : "";
  const rule = `must be ${info.kind}: ${info.range}${near} (${info.unit})`;
  return `${one.label}: ${path} = ${shown(one.value)}: ${rule}`;
}

/**
 * Reads a configuration with the source of every value.
 * @param document the file, or null for defaults alone
 * @throws AssayError bad-option naming every wrong value with its place
 */
export function loadConfig(document: TomlDocument | null, overrides: Overrides): LoadedConfig {
  const problems: string[] = [];
  const given = new Map<string, Given>([
    ...(document === null ? [] : fromFile(document, problems)),
    ...fromEnvironment(overrides.environment ?? process.env),
    ...fromFlags(overrides.set ?? [], problems),
  ]);
  const checked = subnetConfigSchema.safeParse(nested(given));
  if (!checked.success) {
    const texts = checked.error.issues.map((issue) => wrongValue(issue, given));
    problems.push(...new Set(texts));
  }
  if (problems.length > 0 || !checked.success) return refuse(problems);
  const config = resolveConfig(checked.data);
  const entries = CONFIG_KEYS.map((info): ConfigEntry => {
    const value = valueAt(config, info);
    const { source, label } = given.get(info.path) ?? {
      source: info.derived === undefined ? ("default" as const) : ("derived" as const),
      label: info.derived === undefined ? "default" : `derived: ${info.derived}`,
    };
    return { info, value, source, label };
  });
  return { config, entries };
}

/**
 * The configuration in the file at `path` with the source of every value.
 * @throws AssayError bad-option
 */
export function loadConfigFile(path: string, overrides: Overrides = {}): LoadedConfig {
  // A link that leads nowhere is there, and is named for what it is.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined)
    throw new AssayError({
      code: "bad-option",
      detail: `there is no file ${path}`,
      next: "Make one.",
      run: { ours: "subnet init", args: [path] },
    });
  return loadConfig(readTomlFile(path), overrides);
}

/**
 * The configuration in the file at `path`, under the environment and `overrides.set`.
 * @throws AssayError bad-option
 */
export function readSubnetConfig(path: string, overrides: Overrides = {}): SubnetConfig {
  return loadConfigFile(path, overrides).config;
}
