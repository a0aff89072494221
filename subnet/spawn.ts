/**
 * @file Starts the roles as processes: subnet/ never imports them. Each logs to its own file; no role outlives us. A program of others,
 * such as an authority, does after a SIGKILL where there is no setpriv to tie it to us.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ReportedError, reportedFailure } from "../src/command/report.ts";
import { AssayError } from "../src/errors.ts";

/** Commands that can be started. */
export type Role = "miner" | "validator" | "subnet";

/**
 * What lives for a moment takes 128 MB of a process in the end where it may, and does as well with 16: blocks take the same time. A
 * network has ten of them.
 */
const LEAN = ["--max-semi-space-size=8"];

/** Of util-linux: it turns itself into what it starts, which keeps its pid. */
const SETPRIV = "/usr/bin/setpriv";

/** How a process ended: one of the two is null. */
export type Ended = { readonly exitCode: number | null; readonly signal: string | null };

/** A started process. */
export type Running = {
  readonly name: string;
  readonly role: Role;
  readonly args: readonly string[];
  readonly pid: number;
  readonly logPath: string;
  /** The first message the process sends once it serves, or null when it ends before; a failure is none. */
  readonly ready: Promise<unknown>;
  /** What the process said about its own failure before it ended, or null. */
  readonly failure: () => ReportedError | null;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  /** How it ended, or null while it runs. */
  readonly ended: () => Ended | null;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>;
};

/** Entry point of a role: main.ts when run from source, main.js when run from dist. */
export function entryOf(role: Role): string {
  return fileURLToPath(new URL(`../${role}/main${import.meta.url.slice(-3)}`, import.meta.url));
}

async function stopChild(
  child: ChildProcess,
  exited: Promise<unknown>,
  graceMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await exited;
  clearTimeout(timer);
}

/**
 * Starts `role` with `args`; both its outputs go to `logPath`. An IPC channel ties its life to ours: when this process
 * is gone, however it ended, the child stops (Lifecycle.stopOnSignals).
 */
export function startRole(
  role: Role,
  args: readonly string[],
  files: { readonly name: string; readonly logPath: string },
): Running {
  const command = [process.execPath, ...LEAN, entryOf(role), ...args];
  return started(command, ["ipc"], { ...files, role, args });
}

/**
 * Starts a program that is none of ours, which says nothing by itself: `ready` is null once it has ended. Where there is
 * setpriv (util-linux), it is told to end when this process is gone, however that ended; elsewhere only a process that ends in order ends it.
 */
export function startProgram(
  program: string,
  args: readonly string[],
  files: { readonly name: string; readonly logPath: string },
): Running {
  const ties = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "TERM"] : [];
  return started([...ties, program, ...args], [], { ...files, role: "subnet", args });
}

function started(
  [program = "", ...words]: readonly string[],
  channel: readonly "ipc"[],
  about: Pick<Running, "name" | "logPath" | "role" | "args">,
): Running {
  const log = openSync(about.logPath, "a");
  const child = spawn(program, words, {
    stdio: ["ignore", log, log, ...channel],
    // Own process group: Ctrl-C reaches us alone, and we end the run in order.
    detached: true,
  });
  closeSync(log);
  let ended: Ended | null = null;
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code, signal) => {
      ended = { exitCode: code, signal };
      resolve(code);
    });
    child.once("error", () => {
      ended = { exitCode: 1, signal: null };
      resolve(1);
    });
  });
  let failure: ReportedError | null = null;
  const served = new Promise<unknown>((resolve) => {
    child.on("message", (message) => {
      const reported = reportedFailure(message);
      if (reported === null) resolve(message);
      else failure = reported;
    });
  });
  const ready = Promise.race([served, exited.then(() => null)]);
  return {
    ...about,
    ready,
    failure: () => failure,
    pid: child.pid ?? -1,
    exited,
    ended: () => ended,
    stop: (graceMs) => stopChild(child, exited, graceMs),
  };
}

/** Why a process ended: its own words, else its exit code and where its log lies. Call it once the process has ended. */
export async function diedOf(process: Running, role: string): Promise<AssayError | ReportedError> {
  const exitCode = await process.exited;
  const { logPath } = process;
  return process.failure() ?? new AssayError({ code: "node-died", role, exitCode, logPath });
}
