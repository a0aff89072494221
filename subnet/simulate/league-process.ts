/** @file Starts the league as a process: subnet/ never imports it. Its progress is told on, and it ends with us. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { reasonOf } from "../../base/fault.ts";
import type { TellFar } from "../../src/command/progress.ts";
import { AssayError } from "../../src/errors.ts";

/** How a league is started. */
export type LeagueCall<T> = {
  readonly args: readonly string[];
  /** What it printed, read. */
  readonly read: (printed: string) => T;
  readonly signal: AbortSignal;
  /** Told every line of its progress. */
  readonly step: (line: string) => void;
  /** Told how far it is. */
  readonly far?: TellFar;
};

/** What it sends while it plays. */
const newsSchema = z.object({
  progress: z.object({
    what: z.string(),
    done: z.number(),
    of: z.number(),
    unit: z.string(),
  }),
});

/** Its own words for a failure. */
const ERROR = /^error: /;
/** Its exit code for what somebody asked wrongly. */
const USAGE = 2;
const HINT = /; npm run league -- --help lists the options$/;
const GRACE_MS = 5000;

/** main.ts when run from source, main.js when run from dist. */
const ENTRY = fileURLToPath(
  new URL(`../../league/main${import.meta.url.slice(-3)}`, import.meta.url),
);

/** Ends the child, and at once when it does not hear. */
async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await exited;
  clearTimeout(timer);
}

function failure(ended: { code: number | null; signal: string | null }, said: string): AssayError {
  const how = ended.code === null ? `killed by ${ended.signal}` : `exit code ${ended.code}`;
  if (ended.code === USAGE)
    return new AssayError({ code: "bad-option", detail: said.replace(HINT, "") });
  return new AssayError({ code: "simulation-failed", reason: said === "" ? how : said });
}

/**
 * Runs a league to its end.
 * @throws AssayError bad-option (it refused what was asked), simulation-failed; the signal's reason when it was stopped
 */
export async function runLeague<T>(call: LeagueCall<T>): Promise<T> {
  const { args, read, signal, step, far } = call;
  signal.throwIfAborted();
  const child = spawn(process.execPath, [ENTRY, ...args], {
    // The channel tells it when we are gone, however we ended.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // Own process group: Ctrl-C reaches us alone, and we end it in order.
    detached: true,
  });
  const exited = once(child, "close").then(() => undefined);
  const onAbort = (): void => void end(child, exited);
  signal.addEventListener("abort", onAbort, { once: true });
  child.on("message", (message) => {
    const news = newsSchema.safeParse(message);
    if (news.success) far?.(news.data.progress);
  });
  let printed = "";
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (part: string) => (printed += part));
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (ERROR.test(line)) said = line.replace(ERROR, "");
      else step(line);
    });
  try {
    await exited;
  } catch (error) {
    throw new AssayError({ code: "simulation-failed", reason: reasonOf(error) }, { cause: error });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  signal.throwIfAborted();
  const { exitCode: code, signalCode } = child;
  if (code !== 0) throw failure({ code, signal: signalCode }, said);
  try {
    return read(printed);
  } catch (error) {
    const reason = `what it printed at its end cannot be read: ${reasonOf(error)}`;
    throw new AssayError({ code: "simulation-failed", reason }, { cause: error });
  }
}
