/** @file `subnet logs`: what the nodes of a run have logged, merged by time. */
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { AssayError } from "../../src/errors.ts";
import { type LogFile, logFilesIn, merged, Tail } from "./files.ts";
import { isWanted, levelOf, type Line, shown, type Wanted } from "./line.ts";
import type { LogsOptions } from "./options.ts";

const LOOK_MS = 300;

const refuse = (detail: string, next: string): AssayError =>
  new AssayError({
    code: "bad-option",
    detail,
    next,
    run: { ours: "subnet logs", args: ["--help"] },
  });

/** The newest run below a folder. @throws AssayError bad-option */
async function newestRun(output: string): Promise<string> {
  const names = await readdir(output).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(output, name);
      const times = await stat(path).catch(() => null);
      return times?.isDirectory() === true ? [{ path, at: times.mtimeMs }] : [];
    }),
  );
  const newest = found.flat().toSorted((a, b) => b.at - a.at)[0];
  if (newest !== undefined) return newest.path;
  throw refuse(
    `${output} holds no run of a local network`,
    "Name a folder with logs with --folder.",
  );
}

/** The logs that are read. @throws AssayError bad-option */
async function filesFor(folder: string): Promise<readonly LogFile[]> {
  const files = await logFilesIn(folder).catch(() => []);
  if (files.length > 0) return files;
  throw refuse(`${folder} holds no log`, "Name a folder with logs with --folder.");
}

/** What is wanted of the lines. */
function wantedBy({ role, since, level, uid, window, run }: LogsOptions, now: number): Wanted {
  const [first, last] = (window ?? "").split("-").map(Number);
  return {
    role: role ?? null,
    fromMs: since === undefined ? -Infinity : since < 0 ? now + since : since,
    leastLevel: levelOf(level),
    uid: uid ?? null,
    windows: window === undefined || first === undefined ? null : [first, last ?? first],
    run: run ?? null,
  };
}

/** Whose lines are asked for: a role, or a node of that name. @throws AssayError bad-option */
function requireNode(role: string | undefined, files: readonly LogFile[]): void {
  const nodes = files.map(({ node }) => node);
  if (role === undefined || ["miner", "validator", "chain"].includes(role) || nodes.includes(role))
    return;
  throw refuse(`there is no log of ${role}`, `There are ${nodes.join(", ")}.`);
}

/** Prints the lines. @throws AssayError bad-option */
export async function showLogs(options: LogsOptions, print: (line: string) => void): Promise<void> {
  const folder = resolve(options.folder ?? (await newestRun(options.output)));
  const files = await filesFor(folder);
  requireNode(options.role, files);
  const wanted = wantedBy(options, Date.now());
  const width = Math.max(...files.map(({ node }) => node.length));
  const tell = (line: Line): void => {
    if (isWanted(line, wanted)) print(options.json ? JSON.stringify(line) : shown(line, width));
  };
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  process.stdout.once("error", () => lifecycle.stop("nobody reads"));
  await runUntilStopped(lifecycle, async () => {
    // From here on nothing is missed, and what is written while the rest is read is shown once.
    const tail = await Tail.from(folder);
    for await (const line of merged(files, tail.ends)) {
      lifecycle.signal.throwIfAborted();
      tell(line);
    }
    while (options.follow) {
      await sleep(LOOK_MS, undefined, { signal: lifecycle.signal });
      for (const line of await tail.look()) tell(line);
    }
  });
}
