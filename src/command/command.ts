/** @file A command line from a schema. Precedence: default < preset < TOML file < environment < flag. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { AssayError } from "../errors.ts";

type Values = Readonly<Record<string, unknown>>;
type Run<S extends z.ZodObject> = (options: z.output<S>) => void | Promise<void>;

/** Where a value came from, for `--print-config`. */
export type Source = "default" | "preset" | "file" | "environment" | "flag";

/** What a command is made of; `presets` maps a preset's name to values that stand between defaults and the file. */
export type CommandShape<S extends z.ZodObject> = {
  readonly name: string;
  readonly description: string;
  readonly schema: S;
  readonly presets?: Readonly<Record<string, Values>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

/** Flags that hands trained on btcli type, and what they are called here. */
const ALIASES: Readonly<Record<string, string>> = {
  "--wallet.name": "--wallet",
  "--wallet.hotkey": "--hotkey",
  "--wallet.path": "--wallet-folder",
  "--subtensor.chain_endpoint": "--endpoint",
  "--subtensor.network": "--endpoint",
  "--logging.level": "--log-level",
};

/** Environment names of the same tools, by key. */
const ENVIRONMENT_ALIASES: Readonly<Record<string, string>> = {
  wallet: "BT_WALLET_NAME",
  hotkey: "BT_WALLET_HOTKEY",
  walletFolder: "BT_WALLET_PATH",
  endpoint: "BT_SUBTENSOR_CHAIN_ENDPOINT",
};

/** `camelCase` as the words of a flag: `camel-case`. */
export function flagOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The environment variable of a key: `ASSAY_CAMEL_CASE`. */
export function variableOf(key: string): string {
  return `ASSAY_${flagOf(key).replaceAll("-", "_").toUpperCase()}`;
}

/** Distance in single-letter edits, to name the nearest valid word for a mistyped one. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word of `words` closest to `given`. */
export function nearest(given: string, words: readonly string[]): string | undefined {
  return words.toSorted((a, b) => editDistance(given, a) - editDistance(given, b))[0];
}

function refuseUnknownKeys(keys: readonly string[], values: Values, where: string): void {
  for (const key of Object.keys(values))
    if (!keys.includes(key))
      throw new AssayError({
        code: "bad-option",
        detail: `unknown key "${key}" in ${where}; nearest valid key: "${nearest(key, keys) ?? ""}"`,
      });
}

function readToml(path: string): Values {
  try {
    return parseToml(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new AssayError(
      { code: "bad-option", detail: `cannot read ${path}: ${reason}` },
      { cause },
    );
  }
}

function fromEnvironment(keys: readonly string[], environment: NodeJS.ProcessEnv): Values {
  const found: Record<string, unknown> = {};
  for (const key of keys) {
    const alias = ENVIRONMENT_ALIASES[key];
    const value =
      environment[variableOf(key)] ?? (alias === undefined ? undefined : environment[alias]);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

/** Every layer's values and, per key, the layer that won. */
function merge(layers: readonly { source: Source; values: Values }[]): {
  values: Values;
  sources: ReadonlyMap<string, Source>;
} {
  const sources = new Map<string, Source>();
  const values: Record<string, unknown> = {};
  for (const { source, values: layer } of layers)
    for (const [key, value] of Object.entries(layer)) {
      values[key] = value;
      sources.set(key, source);
    }
  return { values, sources };
}

/** Parses merged values; a wrong one is a `bad-option` that names the flag and the rule it broke. */
function validate<S extends z.ZodObject>(schema: S, values: Values): z.output<S> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const detail = result.error.issues
    .map((issue) => `--${flagOf(issue.path.join("."))}: ${issue.message}`)
    .join("; ");
  throw new AssayError({ code: "bad-option", detail });
}

function describeConfig(options: Values, sources: ReadonlyMap<string, Source>): string {
  const lines = Object.entries(options).map(
    ([key, value]) => `${key} = ${JSON.stringify(value)}  # ${sources.get(key) ?? "default"}`,
  );
  return `${lines.join("\n")}\n`;
}

function addOptions(command: Command, schema: z.ZodObject): readonly string[] {
  const properties = Object.entries(z.toJSONSchema(schema, { io: "input" }).properties ?? {});
  for (const [key, property] of properties) {
    const about = typeof property === "object" ? property : {};
    const standard =
      about.default === undefined ? "" : ` (default: ${JSON.stringify(about.default)})`;
    const value = about.type === "boolean" ? "" : " <value>";
    command.addOption(
      new Option(`--${flagOf(key)}${value}`, `${about.description ?? ""}${standard}`),
    );
  }
  return properties.map(([key]) => key);
}

/**
 * The command of `shape`: every key of its schema becomes `--kebab-key`, `ASSAY_KEY` and a TOML key. An unknown flag
 * or key is an error that names the nearest valid one; everything is checked before `run` starts anything.
 * @throws AssayError bad-option from parseAsync.
 */
export function commandOf<S extends z.ZodObject>(shape: CommandShape<S>, run: Run<S>): Command {
  const command = new Command(shape.name).description(shape.description).exitOverride();
  command.allowUnknownOption(false).showSuggestionAfterError(true);
  // The message reaches people once, through runMain.
  command.configureOutput({ writeErr: () => undefined });
  command.option("--config <file>", "TOML file with the same keys in camelCase");
  command.option("--print-config", "print every value with its source, and stop");
  const keys = addOptions(command, shape.schema);
  return command.action(async (given: Record<string, unknown>) => {
    const { config, printConfig, ...flags } = given;
    const file = typeof config === "string" ? readToml(config) : {};
    refuseUnknownKeys(keys, file, String(config));
    const environment = fromEnvironment(keys, shape.environment ?? process.env);
    const preset = [flags, environment, file]
      .map((layer) => layer["preset"])
      .find((one) => one !== undefined);
    const { values, sources } = merge([
      {
        source: "preset",
        values: typeof preset === "string" ? (shape.presets?.[preset] ?? {}) : {},
      },
      { source: "file", values: file },
      { source: "environment", values: environment },
      { source: "flag", values: flags },
    ]);
    const options = validate(shape.schema, values);
    if (printConfig === true) process.stdout.write(describeConfig(options, sources));
    else await run(options);
  });
}

/** Replaces the flags of btcli by ours, `--flag value` and `--flag=value` alike. */
export function withAliases(args: readonly string[]): string[] {
  return args.map((arg) => {
    const [flag, ...rest] = arg.split("=");
    const ours = ALIASES[flag ?? ""];
    return ours === undefined ? arg : [ours, ...rest].join("=");
  });
}

/**
 * What commander threw: "help" when it only printed help, an AssayError when it refused the arguments, null when the
 * error is not commander's.
 */
export function refusedArguments(error: unknown): AssayError | "help" | null {
  if (!(error instanceof CommanderError)) return null;
  if (error.exitCode === 0) return "help";
  const detail = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return new AssayError({ code: "bad-option", detail }, { cause: error });
}
