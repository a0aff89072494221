/** @file A program of several commands: `miner wallet list`, `subnet params get`, and the nearest one for a mistyped name. */
import type { NextCommand } from "../../base/fault.ts";
import { AssayError } from "../errors.ts";
import type { Parsed, Runnable } from "./command.ts";
import { reportFailure } from "./failure.ts";
import type { Invocation } from "./next-command.ts";
import { guardOutputs, outputFault } from "./output.ts";
import { releaseVersion } from "./version.ts";
import { nearest, nearestHint } from "./words.ts";

/** A program: its name, a sentence about it, and its commands in the order in which the usage lists them. */
export type Program = {
  readonly name: string;
  readonly description: string;
  /** The command of the program's bare name is what it does without a command's name. */
  readonly commands: readonly Runnable[];
};

/** Which command some words name with the words that are left for it, or whose usage they ask for. */
export type Route =
  | { readonly kind: "command"; readonly command: Runnable; readonly rest: readonly string[] }
  | { readonly kind: "usage"; readonly group: readonly string[] };

/** The words of a command without its program. */
function wordsOf({ name }: Runnable): readonly string[] {
  return name.split(" ").slice(1);
}

/** Commands whose words begin with those of `group`. */
function commandsIn({ commands }: Program, group: readonly string[]): readonly Runnable[] {
  return commands.filter((command) => {
    const words = wordsOf(command);
    return words.length > group.length && group.every((word, at) => word === words[at]);
  });
}

/** The words that may follow those of `group`. */
function namesIn(program: Program, group: readonly string[]): readonly string[] {
  return [...new Set(commandsIn(program, group).map((one) => wordsOf(one)[group.length] ?? ""))];
}

/** The lines that list the commands of a group. */
function listOf(program: Program, group: readonly string[]): string {
  const rows = commandsIn(program, group).map((command) => ({
    words: wordsOf(command).join(" "),
    description: command.description,
  }));
  const width = Math.max(0, ...rows.map(({ words }) => words.length));
  return rows
    .map(({ words, description }) => `  ${words.padEnd(width)}  ${description}\n`)
    .join("");
}

/** What the help of a program, or of a group of its commands, prints that does nothing without a command's name. */
export function usageOf(program: Program, group: readonly string[] = []): string {
  const name = [program.name, ...group].join(" ");
  const list = listOf(program, group);
  return `usage: ${name} <command> [options]\n\n${program.description}\n\n${list}\n${program.name} <command> --help lists its options.\n`;
}

/** Refuses a word that names no command of a group, or the lack of one. */
function unknownCommand(
  program: Program,
  group: readonly string[],
  word: string | null,
): AssayError {
  const names = namesIn(program, group);
  const place = [program.name, ...group].join(" ");
  const list = `there are ${names.join(", ")}.`;
  const near = word === null ? undefined : nearest(word, names);
  const detail =
    word === null
      ? `${place} needs the name of a command; ${list}`
      : `${place} has no command ${word}${nearestHint(word, names, "command")}; ${list}`;
  const meant = near === undefined ? place : `${place} ${near}`;
  return new AssayError({ code: "bad-option", detail, run: { ours: meant, set: { help: true } } });
}

/**
 * Finds the command that `args` name.
 * @throws AssayError bad-option: no command named, or none of that name
 */
export function routeOf(program: Program, args: readonly string[]): Route {
  if (args[0] === "help") return routeOf(program, [...args.slice(1), "--help"]);
  // As many words as begin the name of some command.
  let depth = 0;
  while (namesIn(program, args.slice(0, depth)).includes(args[depth] ?? "")) depth++;
  const group = args.slice(0, depth);
  const rest = args.slice(depth);
  const names = namesIn(program, group);
  const command = program.commands.find((one) => wordsOf(one).join(" ") === group.join(" "));
  const [next] = rest;
  const isWord = next !== undefined && !next.startsWith("-");
  if (command !== undefined && (!isWord || names.length === 0 || command.takesArguments))
    return { kind: "command", command, rest };
  if (next === "--help" || next === "-h") return { kind: "usage", group };
  throw unknownCommand(program, group, isWord ? next : null);
}

/** What is known of a command line before a command has read it. */
function bareInvocation(program: Program, command: Runnable | null): Invocation {
  const { name } = program;
  if (command === null)
    return { program: name, words: [], keys: [], given: new Map(), configPath: null };
  const { keys, restart } = command;
  return {
    program: name,
    words: wordsOf(command),
    keys,
    given: new Map(),
    configPath: null,
    ...(restart !== undefined && { restart }),
  };
}

/** Says that nobody could read what a command printed, which may have paid for something. */
function reportOutputLost(cause: Error, look: NextCommand, invocation: Invocation): void {
  const fault = { code: "output-lost", reason: "no space is left", look } as const;
  reportFailure(new AssayError(fault, { cause }), invocation);
}

/**
 * Runs the command that `args` name. On failure prints the screen to standard error and sets the exit code: 2 for input
 * that the command refused, 1 for anything else. Never rejects.
 */
export async function runProgram(program: Program, args: readonly string[]): Promise<void> {
  guardOutputs();
  let invocation = bareInvocation(program, null);
  let look: NextCommand = { help: true };
  try {
    if (args.length === 1 && args[0] === "--version") {
      process.stdout.write(`${program.name} ${releaseVersion()}\n`);
      return;
    }
    const route = routeOf(program, args);
    if (route.kind === "usage") {
      process.stdout.write(usageOf(program, route.group));
      return;
    }
    const { command, rest } = route;
    invocation = bareInvocation(program, command);
    const list = listOf(program, wordsOf(command));
    const more = list === "" ? "" : `\nCommands:\n${list}`;
    const parsed: Parsed = command.parse(rest, more);
    if (parsed.kind === "print") {
      process.stdout.write(parsed.text);
      return;
    }
    ({ invocation } = parsed);
    look = command.look ?? { again: {} };
    await parsed.run();
  } catch (error) {
    reportFailure(error, invocation);
  } finally {
    const cause = outputFault();
    if (cause !== null && (process.exitCode ?? 0) === 0) reportOutputLost(cause, look, invocation);
  }
}
