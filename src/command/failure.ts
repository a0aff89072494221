/** @file How a command ends when something is wrong: one screen with code, cause and next command; exit code not 0. */
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { DISK_TEXTS, fileRefusal, isDiskFull } from "../../base/files.ts";
import { type Explanation, FaultError, inLine } from "../../base/fault.ts";
import { AssayError } from "../errors.ts";
import type { GivenValues } from "./layers.ts";
import { type Invocation, lineOf } from "./next-command.ts";
import { flagOf } from "./words.ts";

/** What a person needs to read about a failure. */
export type Failure = { readonly code: string; readonly explanation: Explanation };

const BAD_INPUT = 2;
const FAILED = 1;
/** The flag whose value a path begins with: that is where the path came from. */
function originOf(path: string, given: GivenValues): string | undefined {
  const [longest] = [...given]
    .filter(([, { value }]) => typeof value === "string" && value !== "" && path.startsWith(value))
    .toSorted(([, a], [, b]) => String(b.value).length - String(a.value).length);
  return longest === undefined ? undefined : `--${flagOf(longest[0])}`;
}

/** Whether something stands at a path: a link that leads nowhere does, and is what is in the way. */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The part of a path that is there: it shows what stands in the way. */
function standing(path: string): string {
  let part = path;
  while (!isThere(part) && dirname(part) !== part) part = dirname(part);
  return part;
}

/** A failed call of the system as one of our faults, or null for any other error. */
function fromSystem(error: Error, given: GivenValues): Failure | null {
  const path = "path" in error && typeof error.path === "string" ? error.path : null;
  if (isDiskFull(error)) {
    const fault = { code: "disk-full", path: path ?? "a file of this run" } as const;
    return { code: fault.code, explanation: DISK_TEXTS["disk-full"](fault) };
  }
  const reason = fileRefusal(error);
  if (reason === null || path === null) return null;
  const flag = originOf(path, given);
  const { explanation } = new AssayError({
    code: "file-refused",
    path,
    standing: standing(path),
    reason,
    ...(flag !== undefined && { flag }),
  });
  return { code: "file-refused", explanation };
}

/** Puts any error into code and words; an unknown one keeps its message and asks for a report. */
export function failureOf(error: unknown, given: GivenValues = new Map()): Failure {
  if (error instanceof FaultError)
    return { code: error.fault.code, explanation: error.explanation };
  const known = error instanceof Error ? fromSystem(error, given) : null;
  if (known !== null) return known;
  const text = error instanceof Error ? error.message : String(error);
  return {
    code: "internal",
    explanation: {
      cause: `${inLine(text === "" ? "an error without a message" : text)}.`,
      next: "This should not happen: please report it with the command and the log.",
    },
  };
}

/** Where a value that the cause speaks of was set, for one that was not typed: a variable or a file is easily forgotten. */
function withOrigin(cause: string, given: GivenValues): string {
  for (const [key, { value, layer, place }] of given) {
    if (layer !== "environment" && layer !== "file") continue;
    const isSaid = typeof value === "string" && value.length > 2 && cause.includes(value);
    if (isSaid && !cause.includes(place))
      return `${cause.replace(/\.$/, "")} (--${flagOf(key)} is from ${place}).`;
  }
  return cause;
}

/** The screen of a failure: at most four lines, the last one runs as it stands. */
export function screenOf({ code, explanation }: Failure, invocation: Invocation): string {
  const { next, commands = [] } = explanation;
  const cause = withOrigin(explanation.cause, invocation.given);
  const run = commands.map((command) => lineOf(command, invocation)).join(" && ");
  // Starting the very same again: say what that does, since only the command itself knows.
  const [only] = commands.length === 1 ? commands : [];
  const isRestart = only !== undefined && "again" in only && Object.keys(only.again).length === 0;
  const { restart } = invocation;
  const advice =
    isRestart && restart !== undefined ? `${next.replace(/\.$/, "")}: ${restart}.` : next;
  const last = run === "" ? "" : `  run    ${run}\n`;
  return `\n  error  ${code}\n  cause  ${cause}\n  next   ${advice}\n${last}\n`;
}

/**
 * Tells people, and a parent process of ours, that a command failed, and sets the exit code: 2 for input that the command
 * refused, 1 for anything else.
 */
export function reportFailure(error: unknown, invocation: Invocation): void {
  const failure = failureOf(error, invocation.given);
  process.stderr.write(screenOf(failure, invocation));
  if (failure.code === "internal" && error instanceof Error)
    process.stderr.write(`${error.stack ?? ""}\n`);
  process.exitCode = failure.code === "bad-option" ? BAD_INPUT : FAILED;
  // Without a listener on the other side this is dropped; the reason must not stay in a log that nobody opens.
  if (process.connected) process.send?.({ failure });
}
