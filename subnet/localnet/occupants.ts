/** @file Which processes of a run's folder still live: two networks on one folder would destroy its record. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { claimFolder } from "../../src/disk/folder-claim.ts";
import { LOCALNET_FOLDER } from "../../src/disk/folder-format.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";

const nodesSchema = z.object({
  pids: z.array(z.number().int()),
});

/** Nodes whose parent was killed need a moment to end. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 200;

/** Whether the process `pid` lives and works in `folder`: a pid alone may be another program's by now. */
function worksIn(pid: number, folder: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
  } catch {
    // No /proc on this system: a pid of ours that lives is all that can be known.
    return process.platform !== "linux";
  }
}

/** The pids that nodes.json lists; a damaged one lists none, and the lock of the chain's database keeps a second chain out. */
function pidsIn(text: string): readonly number[] {
  try {
    const value: unknown = JSON.parse(text);
    return nodesSchema.parse(value).pids;
  } catch {
    return [];
  }
}

/** Pids that the run wrote down and that still live. */
function livingIn(folder: string): readonly number[] {
  let text: string;
  try {
    text = readFileSync(join(folder, "nodes.json"), "utf8");
  } catch {
    return [];
  }
  return pidsIn(text).filter((pid) => pid !== process.pid && worksIn(pid, folder));
}

function stillRuns(folder: string, pids: readonly number[]): AssayError {
  return new AssayError({
    code: "bad-option",
    detail: `the run in ${folder} still runs${pids.length === 0 ? "" : ` (processes ${pids.join(", ")})`}`,
    next: "Stop it first with Ctrl-C in its own terminal, or end those processes.",
    run: pids.length === 0 ? { help: true } : { system: ["kill", ...pids.map(String)] },
  });
}

/**
 * Claims the folder of a run for this process and waits a moment for one that is about to end; returns what lets it go.
 * @throws AssayError bad-option when another process runs it, format-newer
 */
export async function occupy(folder: string, signal: AbortSignal): Promise<() => void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return claimFolder(folder, LOCALNET_FOLDER);
    } catch (error) {
      if (!isAssayError(error, "state-in-use") || error.fault.code !== "state-in-use") throw error;
      const { pid } = error.fault;
      if (performance.now() > until) throw stillRuns(folder, pid === undefined ? [] : [pid]);
    }
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** Waits until nobody works in `folder` any more. @throws AssayError bad-option when somebody stays */
export async function requireUnoccupied(folder: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const living = livingIn(folder);
    if (living.length === 0) return;
    if (performance.now() > until) throw stillRuns(folder, living);
    await sleep(LOOK_MS, undefined, { signal });
  }
}
