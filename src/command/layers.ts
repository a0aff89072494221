/** @file Where option values come from (default < preset < file < environment < flag), and refusals that name that place. */
import type { z } from "zod";
import { hidden } from "../../base/hidden.ts";
import { AssayError } from "../errors.ts";
import { flagOf, jsonOf, variableOf } from "./words.ts";

/** The kinds of places, weakest first. */
type Layer = "default" | "preset" | "file" | "environment" | "flag" | "argument";

/** A value as it was given, and where: `place` is a file with its line, a variable, a flag or an argument's name. */
export type Given = { readonly value: unknown; readonly layer: Layer; readonly place: string };

/** The strongest value of each key. Keys that have only their default are absent. */
export type GivenValues = ReadonlyMap<string, Given>;

/** Environment names of btcli's tools, by key; ours stand above them. */
const ENVIRONMENT_ALIASES: Readonly<Record<string, readonly string[]>> = {
  wallet: ["BT_WALLET_NAME"],
  hotkey: ["BT_WALLET_HOTKEY"],
  walletFolder: ["BT_WALLET_PATH"],
  endpoint: ["BT_SUBTENSOR_CHAIN_ENDPOINT", "BT_SUBTENSOR_NETWORK"],
};

/** Names that could hold a secret: such a value is never shown. */
const SECRET = /password|mnemonic|phrase|secret|privateKey|apiKey/i;

/** Variables that hold a key or its password (secrets.ts): no option's value, and never shown as one that is wrong. */
const OF_SECRETS: ReadonlySet<string> = new Set(["ASSAY_SEED", "ASSAY_MNEMONIC", "ASSAY_PASSWORD"]);

/** Values of the environment, each with the variable that it stands in. */
export function fromEnvironment(
  keys: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): GivenValues {
  const found = new Map<string, Given>();
  for (const key of keys)
    for (const place of [variableOf(key), ...(ENVIRONMENT_ALIASES[key] ?? [])]) {
      const value = OF_SECRETS.has(place) ? undefined : environment[place];
      if (value === undefined || found.has(key)) continue;
      found.set(key, { value, layer: "environment", place });
    }
  return found;
}

/** Layers one above the other, weakest first. */
export function stacked(layers: readonly GivenValues[]): GivenValues {
  return new Map(layers.flatMap((layer) => [...layer]));
}

/** A value as people may see it: no secrets, no line that fills the screen. */
function shown(key: string, value: unknown): string {
  if (SECRET.test(key)) return "(hidden)";
  const text = typeof value === "string" ? hidden(value) : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/** A value as it stands in a TOML file, which has numbers and dates that JSON lacks. */
function inToml(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value))
    return String(value).replace("Infinity", "inf").toLowerCase();
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

/** `--netuid 0`, `ASSAY_NETUID=0`, `x.toml, line 3: netuid = 0`: a value as it was written where it was written. */
function written(key: string, given: Given | undefined): string {
  if (given === undefined) return `--${flagOf(key)}`;
  const { layer, place, value } = given;
  if (layer === "environment") return `${place}=${shown(key, value)}`;
  if (layer === "file")
    return `${place}: ${key} = ${SECRET.test(key) ? "(hidden)" : inToml(value)}`;
  if (value === true) return place;
  return `${place} ${value === "" ? '""' : shown(key, value)}`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a table",
  record: "a table",
};

/** The rule that a value broke, as the end of a sentence. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code === "invalid_type" && issue.path.length === 1)
    return "is missing";
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input"))
    return `must be ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value" && issue.message.startsWith("Invalid"))
    return `must be one of ${issue.values.map(String).join(", ")}`;
  return issue.message;
}

function ruleWithPath(issue: z.core.$ZodIssue): string {
  const inner = issue.path.slice(1).join(".");
  return inner === "" ? ruleOf(issue) : `(${inner}) ${ruleOf(issue)}`;
}

/**
 * Parses values; a wrong one is named as it was written, with the rule it broke.
 * @throws AssayError bad-option
 */
export function validated<S extends z.ZodObject>(schema: S, given: GivenValues): z.output<S> {
  const values = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  const result = schema.safeParse(values, { reportInput: true });
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => {
    const key = String(issue.path[0] ?? "");
    return `${written(key, given.get(key))} ${ruleWithPath(issue)}`.replace(" : ", ": ");
  });
  throw new AssayError({ code: "bad-option", detail: `${details.join("; ")}.` });
}

/** Every value with its source, as TOML, for `--print-config`; no secret is shown. */
export function describeConfig(
  options: Readonly<Record<string, unknown>>,
  given: GivenValues,
): string {
  const lines = Object.entries(options).map(([key, value]) => {
    const place = given.get(key)?.place ?? "default";
    const text = SECRET.test(key)
      ? '"(hidden)"'
      : jsonOf(typeof value === "string" ? hidden(value) : value);
    return value === undefined ? `# ${key} has no value` : `${key} = ${text}  # ${place}`;
  });
  return `${lines.join("\n")}\n`;
}
