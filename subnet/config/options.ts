/** @file Options that every command with a subnet.toml takes, and how its arguments are read. */
import { z } from "zod";
import type { commandOf } from "../../src/command/command.ts";
import type { Overrides } from "./read.ts";

/** The file's name when nobody says another. */
export const DEFAULT_FILE = "subnet.toml";

/** Stands between several values of --set; nobody types it. */
const BETWEEN = "\n";

/** `file` and `set`, for the schemas of commands. */
export const configFields = {
  file: z
    .string()
    .min(1)
    .default(DEFAULT_FILE)
    .meta({ description: "the subnet's configuration; may also be the first word" }),
  set: z
    .string()
    .optional()
    .meta({ description: "key=value that stands above the file, as in codec.k=128; repeatable" }),
};

const switchSchema = z.union([z.boolean(), z.stringbool()]);

/** A switch that is off unless given. */
export function flagField(
  description: string,
): z.ZodDefault<z.ZodUnion<readonly [z.ZodBoolean, z.ZodCodec<z.ZodString, z.ZodBoolean>]>> {
  return switchSchema.default(false).meta({ description, type: "boolean" });
}

/** Options of `subnet config`. */
export const configOptions = z.strictObject({
  ...configFields,
  markdown: flagField("print docs/config.md: every key with unit, default, range and effect"),
  jsonSchema: flagField("print docs/subnet.schema.json for editors"),
  json: flagField("print the values as JSON"),
});
export type ConfigOptions = z.output<typeof configOptions>;

const PLAIN_WORD = /^[\w./=,:+-]+$/;

/** Text as one word of a shell command. */
export function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The values of --set one by one. */
export function overridesOf({ set }: { readonly set?: string | undefined }): Overrides {
  return { set: set === undefined ? [] : set.split(BETWEEN) };
}

/** A first word that is no flag becomes --file, and all --set become one: `subnet check my.toml --set codec.k=64`. */
export function configArguments(args: readonly string[]): string[] {
  const [first, ...others] = args;
  const named = first === undefined || first.startsWith("-") ? args : ["--file", first, ...others];
  const kept: string[] = [];
  const sets: string[] = [];
  for (let index = 0; index < named.length; index++) {
    const arg = named[index] ?? "";
    if (arg.startsWith("--set=")) sets.push(arg.slice("--set=".length));
    else if (arg === "--set" && index + 1 < named.length) sets.push(named[++index] ?? "");
    else kept.push(arg);
  }
  return sets.length === 0 ? kept : [...kept, `--set=${sets.join(BETWEEN)}`];
}

type CommandOf = ReturnType<typeof commandOf>;

/** The same command, which now understands a leading file name, several --set, and what `also` rewrites. */
export function withConfigArguments(
  command: CommandOf,
  also: (args: readonly string[]) => string[] = (args) => [...args],
): CommandOf {
  const parse = command.parseAsync.bind(command);
  command.parseAsync = (args, options) => parse(configArguments(also(args ?? [])), options);
  return command;
}
