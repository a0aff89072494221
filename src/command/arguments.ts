/** @file A command line's words: flags of btcli replaced, switches with a word, positional arguments; commander does the parsing. */
import { Command, CommanderError, Option } from "commander";
import { z } from "zod";
import { AssayError } from "../errors.ts";
import type { Given, GivenValues } from "./layers.ts";
import { flagOf, jsonOf, nearestHint } from "./words.ts";

/** What the words of a command line may be: options by key, and keys that are given by their place. */
export type ArgumentShape = {
  readonly name: string;
  readonly description: string;
  readonly schema: z.ZodObject;
  /** Keys of the schema that may stand without a flag, in this order. */
  readonly positionals?: readonly string[];
};

/** What was typed. */
export type Typed = {
  readonly given: GivenValues;
  readonly configPath: string | null;
  readonly printConfig: boolean;
};

/** Flags that hands trained on btcli type, and what they are called here. */
const ALIASES: Readonly<Record<string, string>> = {
  "--wallet.name": "--wallet",
  "--wallet.hotkey": "--hotkey",
  "--wallet.path": "--wallet-folder",
  "--subtensor.chain_endpoint": "--endpoint",
  "--subtensor.network": "--endpoint",
  "--logging.level": "--log-level",
  "--axon.ip": "--axon-host",
  "--axon.port": "--axon-port",
  "--axon.external_ip": "--axon-external-ip",
  "--axon.external_port": "--axon-external-port",
};

const SWITCH_WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

const refuse = (detail: string): AssayError => new AssayError({ code: "bad-option", detail });

/** A network's name, and an address that stands above it. */
const [NETWORK, ADDRESS] = ["--subtensor.network", "--subtensor.chain_endpoint"];

const nameOf = (arg: string): string => arg.split("=", 1)[0] ?? "";

/** The words without `--subtensor.network` where an address is given as well: btcli's tools follow the address. */
function withoutNetwork(args: readonly string[]): readonly string[] {
  if (!args.some((arg) => nameOf(arg) === ADDRESS)) return args;
  return args.filter((arg, at) => nameOf(arg) !== NETWORK && args[at - 1] !== NETWORK);
}

/** Replaces the flags of btcli by ours, `--flag value` and `--flag=value` alike. */
function withAliases(args: readonly string[]): string[] {
  return withoutNetwork(args).map((arg) => {
    const [flag, ...rest] = arg.split("=");
    const ours = ALIASES[flag ?? ""];
    return ours === undefined ? arg : [ours, ...rest].join("=");
  });
}

/** Facts that a field was given with `.meta`. */
function aboutOf(
  schema: z.ZodObject,
  key: string,
): { description: string; type?: unknown; joined?: unknown } {
  const field = schema.shape[key];
  const about = field === undefined ? undefined : z.globalRegistry.get(field);
  return {
    description: about?.description ?? "",
    type: about?.["type"],
    joined: about?.["joined"],
  };
}

/** Whether an option is a switch: it needs no value. */
function isSwitch(schema: z.ZodObject, key: string): boolean {
  return aboutOf(schema, key).type === "boolean";
}

/** Whether an option may be given several times. */
function isList(schema: z.ZodObject, key: string): boolean {
  return aboutOf(schema, key).type === "array";
}

/** Flags of a schema: switches, and options that take a value. */
type Flags = { readonly switches: ReadonlySet<string>; readonly valued: ReadonlySet<string> };

const asFlags = (keys: readonly string[]): string[] => keys.map((key) => `--${flagOf(key)}`);

function flagsOf(schema: z.ZodObject): Flags {
  const keys = Object.keys(schema.shape);
  return {
    switches: new Set([
      ...asFlags(keys.filter((key) => isSwitch(schema, key))),
      "--print-config",
      "--help",
    ]),
    valued: new Set([...asFlags(keys.filter((key) => !isSwitch(schema, key))), "--config"]),
  };
}

/** Switches that every command has; they are on or absent. */
const OWN_SWITCHES: ReadonlySet<string> = new Set(["--print-config", "--help"]);

/** Whether the word after a bare switch is its value. Digits are not: they may be an argument of their own. */
function isSwitchWord(word: string | undefined): word is string {
  return word !== undefined && word.toLowerCase() in SWITCH_WORDS && !/^\d$/.test(word);
}

/** Words in commander's form, and how many of the given ones they stand for. */
type Taken = { readonly words: readonly string[]; readonly count: 1 | 2 };

/** A switch as commander understands it: `--key` or `--no-key`. */
function takenSwitch(flag: string, value: string | undefined, next: string | undefined): Taken {
  if (OWN_SWITCHES.has(flag)) {
    if (value !== undefined) throw refuse(`${flag} takes no value.`);
    return { words: [flag], count: 1 };
  }
  const follows = value === undefined && isSwitchWord(next);
  const word = value ?? (follows ? next : "yes");
  const on = SWITCH_WORDS[word.toLowerCase()];
  if (on === undefined)
    throw refuse(`${flag}=${word} must be yes or no (or ${flag} alone, or --no-${flag.slice(2)}).`);
  return { words: [on ? flag : `--no-${flag.slice(2)}`], count: follows ? 2 : 1 };
}

/** An option with its value, as one word or as two. */
function takenOption(flag: string, value: string | undefined, next: string | undefined): Taken {
  if (value !== undefined) return { words: [`${flag}=${value}`], count: 1 };
  if (next === undefined || next.startsWith("--")) throw refuse(`${flag} needs a value.`);
  return { words: [flag, next], count: 2 };
}

/** The first word of a command line, with the next one where it belongs to it. */
function taken({ switches, valued }: Flags, arg: string, next: string | undefined): Taken {
  const [flag = "", value] = /^(--[^=]+)(?:=([\s\S]*))?$/.exec(arg)?.slice(1) ?? [];
  if (flag === "") return { words: [arg], count: 1 };
  if (switches.has(flag)) return takenSwitch(flag, value, next);
  const negated = /^--no-(.+)$/.exec(flag)?.[1];
  if (negated !== undefined && switches.has(`--${negated}`)) {
    if (value === undefined) return { words: [flag], count: 1 };
    throw refuse(`${flag} takes no value; write --${negated}=${value}.`);
  }
  if (valued.has(flag)) return takenOption(flag, value, next);
  const hint = nearestHint(flag, [...switches, ...valued], "valid option");
  throw refuse(`There is no option ${flag}${hint}.`);
}

/**
 * The words with every switch in commander's form. Refuses what commander would misread: an unknown flag, a value that
 * is missing before the next flag, a switch with a word that is neither yes nor no.
 */
function prepared(schema: z.ZodObject, args: readonly string[]): string[] {
  const flags = flagsOf(schema);
  const words: string[] = [];
  for (let at = 0; at < args.length;) {
    if (args[at] === "--") return [...words, ...args.slice(at)];
    const { words: some, count } = taken(flags, args[at] ?? "", args[at + 1]);
    words.push(...some);
    at += count;
  }
  return words;
}

/** The default of an option as the help shows it, or undefined where there is none. */
function standardOf(schema: z.ZodObject, key: string): unknown {
  const field = schema.shape[key];
  const parsed = field === undefined ? undefined : z.safeParse(field, undefined);
  return parsed?.success === true ? parsed.data : undefined;
}

/** An option as a reference lists it. */
export type OptionInfo = {
  readonly key: string;
  /** As it is typed: `--count <value>`, `--json`. */
  readonly flag: string;
  readonly description: string;
  /** The value that holds without it as JSON, or null where there is none. */
  readonly standard: string | null;
};

/** The options of a schema, in its order. */
export function optionsOf(schema: z.ZodObject): readonly OptionInfo[] {
  return Object.keys(schema.shape).map((key) => {
    const standard = standardOf(schema, key);
    const isShown = standard !== undefined && !isList(schema, key);
    return {
      key,
      flag: `--${flagOf(key)}${isSwitch(schema, key) ? "" : " <value>"}`,
      description: aboutOf(schema, key).description,
      standard: isShown ? jsonOf(standard) : null,
    };
  });
}

function addOption(command: Command, schema: z.ZodObject, key: string): void {
  const standard = standardOf(schema, key);
  const bare = isSwitch(schema, key);
  const negation = bare && standard === true ? `; --no-${flagOf(key)} turns it off` : "";
  const note =
    standard === undefined || isList(schema, key)
      ? ""
      : ` (default: ${jsonOf(standard)}${negation})`;
  const description = `${aboutOf(schema, key).description}${note}`;
  const option = new Option(`--${flagOf(key)}${bare ? "" : " <value>"}`, description);
  if (isList(schema, key))
    option.argParser((value: string, before: unknown) => [
      ...(Array.isArray(before) ? before : []),
      value,
    ]);
  // An option whose value is a list with commas may also be given for each of its parts.
  if (aboutOf(schema, key).joined === true)
    option.argParser((value: string, before: unknown) =>
      typeof before === "string" ? `${before},${value}` : value,
    );
  command.addOption(option);
  if (bare) command.addOption(new Option(`--no-${flagOf(key)}`).hideHelp());
}

/** Commander's command for a shape: parses, and writes the help. */
function commanderOf(shape: ArgumentShape): Command {
  const command = new Command(shape.name).description(shape.description).exitOverride();
  command.allowExcessArguments(true);
  command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  for (const key of shape.positionals ?? []) {
    command.argument(`[${flagOf(key)}]`, aboutOf(shape.schema, key).description);
  }
  for (const key of Object.keys(shape.schema.shape)) addOption(command, shape.schema, key);
  command.option(
    "--config <file>",
    "TOML file with the same keys in camelCase, or in a table of this command",
  );
  command.option("--print-config", "print every value with its source, and stop");
  return command;
}

/** The help of a command; `more` stands below the options. */
export function helpOf(shape: ArgumentShape, more = ""): string {
  return `${commanderOf(shape).helpInformation()}${more}`;
}

/** What commander refused, in the words of this file. */
function refusal(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const detail = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return new AssayError({ code: "bad-option", detail: `${detail}.` }, { cause: error });
}

/** Whether help is asked for: before a lone `--`, and not as the value of another option. */
export function wantsHelp(schema: z.ZodObject, args: readonly string[]): boolean {
  const { valued } = flagsOf(schema);
  for (let at = 0; at < args.length && args[at] !== "--"; at++) {
    if (args[at] === "--help" || args[at] === "-h") return true;
    if (valued.has(args[at] ?? "") && args[at + 1]?.startsWith("-") === false) at++;
  }
  return false;
}

/** Reads the words of a command line. @throws AssayError bad-option */
export function parseArguments(shape: ArgumentShape, args: readonly string[]): Typed {
  const { schema, positionals = [] } = shape;
  const command = commanderOf(shape);
  try {
    command.parse(prepared(schema, withAliases(args)), { from: "user" });
  } catch (error) {
    throw refusal(error);
  }
  const surplus = command.args.slice(positionals.length);
  if (surplus.length > 0)
    throw refuse(
      `${shape.name} takes ${positionals.length === 0 ? "no argument" : `${positionals.length} at most`}, but got ${surplus.join(" ")}.`,
    );
  const { config, printConfig, ...flags } = command.opts<Record<string, unknown>>();
  const given = new Map<string, Given>();
  for (const [key, value] of Object.entries(flags)) {
    const flag =
      value === false && isSwitch(schema, key) ? `--no-${flagOf(key)}` : `--${flagOf(key)}`;
    given.set(key, { value, layer: "flag", place: flag });
  }
  for (const [index, key] of positionals.entries()) {
    const value = command.args[index];
    if (value === undefined) break;
    if (given.has(key))
      throw refuse(`${flagOf(key)} is given twice: as ${value} and as --${flagOf(key)}.`);
    given.set(key, { value, layer: "argument", place: `<${flagOf(key)}>` });
  }
  return {
    given,
    configPath: typeof config === "string" ? config : null,
    printConfig: printConfig === true,
  };
}
