/** @file A client as a process group of its own under a time limit: a client that hangs is a client that failed. */
import { spawn } from "node:child_process";

/** What is started, and how long it may take. */
export type Invocation = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly limitMs: number;
};

/** What became of it. */
export type Outcome = {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Ran into its limit. */
  readonly isLate: boolean;
};

/** Of each stream, from its end. */
const KEPT_CHARACTERS = 400_000;

/** Kills a process and all that it started. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of the group have ended by themselves.
  }
}

/** Starts it and waits for its end, or ends it at its limit, with all that it started. @throws Error it cannot be started */
export async function runProgram({ file, args, env, limitMs }: Invocation): Promise<Outcome> {
  const child = spawn(file, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err, isLate] = ["", "", false];
  child.stdout.on(
    "data",
    (part: Buffer) => (out = (out + part.toString()).slice(-KEPT_CHARACTERS)),
  );
  child.stderr.on(
    "data",
    (part: Buffer) => (err = (err + part.toString()).slice(-KEPT_CHARACTERS)),
  );
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child.pid);
  }, limitMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, out, err, isLate };
  } finally {
    clearTimeout(timer);
    killGroup(child.pid);
  }
}
