/** @file How a command ends when something is wrong: one screen with code, cause and next command; exit code not 0. */
import { refusedArguments } from "./command.ts";
import { ChainError, describe as describeChain } from "../../chain/errors.ts";
import { KernelError } from "../../kernels/errors.ts";
import { AssayError, describe } from "../errors.ts";

/** What a person needs to read about a failure. */
export type Failure = { readonly code: string; readonly cause: string; readonly next: string };

const BAD_INPUT = 2;
const FAILED = 1;
const FILE_REFUSALS: ReadonlySet<string> = new Set([
  "EACCES",
  "EEXIST",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

function fromSystem(error: NodeJS.ErrnoException): Failure | null {
  if (["ENOSPC", "EFBIG", "EDQUOT"].includes(error.code ?? ""))
    return {
      code: "disk-full",
      ...describe({ code: "disk-full", path: error.path ?? "a file of this run" }),
    };
  if (FILE_REFUSALS.has(error.code ?? ""))
    return {
      code: "file-refused",
      cause: error.message,
      next: "Check that the folder exists and may be written, or name another one (see --help).",
    };
  return null;
}

/** Puts any error into the three lines; an unknown one keeps its message and asks for a report. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AssayError) return { code: error.fault.code, ...describe(error.fault) };
  if (error instanceof ChainError) {
    const [code = "chain", cause = "", next = ""] = describeChain(error.fault).split("\n");
    return { code, cause: cause.replace(/^\s*cause: /, ""), next: next.replace(/^\s*next: /, "") };
  }
  if (error instanceof KernelError)
    return {
      code: error.code,
      cause: error.message.replace(`${error.code}: `, ""),
      next: "Try --device cpu; if that fails as well, report this with the log.",
    };
  const known = error instanceof Error ? fromSystem(error) : null;
  if (known !== null) return known;
  return {
    code: "internal",
    cause: error instanceof Error ? error.message : String(error),
    next: "This should not happen: please report it with the command and the log.",
  };
}

/** The screen of a failure. */
export function screenOf({ code, cause, next }: Failure): string {
  return `\n  error  ${code}\n  cause  ${cause}\n  next   ${next}\n\n`;
}

/**
 * Runs a command's main function; on failure prints the screen to standard error and sets the exit code:
 * 2 for input that the command refused, 1 for anything else.
 */
export async function runMain(main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const refused = refusedArguments(error);
    if (refused === "help") return;
    const failure = failureOf(refused ?? error);
    process.stderr.write(screenOf(failure));
    if (failure.code === "internal" && error instanceof Error)
      process.stderr.write(`${error.stack ?? ""}\n`);
    process.exitCode = failure.code === "bad-option" ? BAD_INPUT : FAILED;
  }
}
