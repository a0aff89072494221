/** @file The next command as a person can paste it: their own flags kept, quoted for a shell, in the form that runs here. */
import type { NextCommand, OptionValues } from "../../base/fault.ts";
import { hasCredentials } from "../../base/hidden.ts";
import type { GivenValues } from "./layers.ts";
import { flagOf } from "./words.ts";

/** What was run: a program with the words of its command, the command's keys, and what the person gave. */
export type Invocation = {
  readonly program: string;
  /** `["wallet", "list"]` of `miner wallet list`. */
  readonly words: readonly string[];
  readonly keys: readonly string[];
  readonly given: GivenValues;
  readonly configPath: string | null;
  /** What starting the same command again does, e.g. "it goes on where it stopped". */
  readonly restart?: string;
};

/** Text as one word of a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** From a checkout the scripts of package.json; where Assay is installed, its commands through npx. */
function runnable(program: string, words: readonly string[]): string {
  const isCheckout = import.meta.url.endsWith(".ts");
  if (!isCheckout) return ["npx", program, ...words].map(shellWord).join(" ");
  const rest = words.length === 0 ? [] : ["--", ...words];
  return ["npm", "run", program, ...rest].map(shellWord).join(" ");
}

/**
 * Options as flags; a value that begins with a dash must not look like a flag of its own. An address with a password is
 * left out: flags show in process lists, and it is in the environment or in a file already.
 */
function flagsOf(values: Iterable<readonly [key: string, value: unknown]>): string[] {
  return [...values].flatMap(([key, value]): string[] => {
    if (Array.isArray(value)) return flagsOf(value.map((one) => [key, one] as const));
    if (value === true) return [`--${flagOf(key)}`];
    if (value === false) return [`--no-${flagOf(key)}`];
    const text = String(value);
    if (hasCredentials(text)) return [];
    return text.startsWith("-") ? [`--${flagOf(key)}=${text}`] : [`--${flagOf(key)}`, text];
  });
}

/** Whether a value can be written as flags: text, a number, a switch, or a list of them. */
function isSimple(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every(isSimple)
    : ["string", "number", "boolean"].includes(typeof value);
}

/** Words, arguments and flags in the order people write them; an argument that looks like a flag goes to the end. */
function withArguments(
  words: readonly string[],
  positional: readonly string[],
  flags: readonly string[],
): readonly string[] {
  return positional.some((one) => one.startsWith("-") && one !== "--help")
    ? [...words, ...flags, "--", ...positional]
    : [...words, ...positional, ...flags];
}

/** A value under a change, if there is one; to a list it is added. */
function changedTo(value: unknown, change: OptionValues[string] | undefined): unknown {
  if (change === undefined) return value;
  const list: readonly unknown[] | null = Array.isArray(value) ? value : null;
  return list === null ? change : [...list, change];
}

/** The command that was run, but for the options in `set` that it has. */
function again({ program, words, keys, given, configPath }: Invocation, set: OptionValues): string {
  const changed = new Map(Object.entries(set).filter(([key]) => keys.includes(key)));
  const positional: string[] = [];
  const options = new Map<string, unknown>();
  for (const [key, { value, layer }] of given) {
    if (layer === "argument") positional.push(String(changed.get(key) ?? value));
    else if ((layer === "flag" || layer === "environment") && isSimple(value))
      options.set(key, changedTo(value, changed.get(key)));
    if (options.has(key) || layer === "argument") changed.delete(key);
  }
  const config = configPath === null ? [] : ["--config", configPath];
  const flags = [...config, ...flagsOf(options), ...flagsOf(changed)];
  return runnable(program, withArguments(words, positional, flags));
}

/** Another command of ours, with the person's own values of the options that it keeps. */
function ours(
  { given }: Pick<Invocation, "given">,
  { ours: name, args = [], keep = [], set = {} }: Extract<NextCommand, { ours: string }>,
): string {
  const [program = "", ...words] = name.split(" ");
  const options = new Map<string, unknown>();
  for (const key of keep) {
    const value = given.get(key)?.value;
    // A preset's value comes with the preset; everything else was the person's choice.
    if (isSimple(value) && given.get(key)?.layer !== "preset") options.set(key, value);
  }
  for (const [key, value] of Object.entries(set)) options.set(key, value);
  return runnable(program, withArguments(words, args, flagsOf(options)));
}

/** One command as a line that runs as it stands. */
export function lineOf(command: NextCommand, invocation: Invocation): string {
  if ("system" in command) return command.system.map(shellWord).join(" ");
  if ("ours" in command) return ours(invocation, command);
  if ("again" in command) return again(invocation, command.again);
  const { program, words } = invocation;
  return runnable(program, [...words, "--help"]);
}
