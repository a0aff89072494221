/** @file A terminal of the reader: one command of a guide in a shell of its own, ended as Ctrl-C would end it. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 100;
const STOP_MS = 90_000;

/** Groups that run: none outlives this process, however it ends. */
const running = new Set<number>();

function killed(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

process.once("exit", () => {
  for (const pid of running) killed(pid, "SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** A command in its terminal. */
export class Terminal {
  readonly command: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  out = "";

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    this.command = command;
    // A group of its own: Ctrl-C reaches everything that a terminal runs.
    const child = spawn("bash", ["-c", command], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => (this.out += part.toString()));
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    this.#child = child;
    this.#ended = new Promise((resolve) =>
      child.once("close", (code) => {
        if (pid !== undefined) running.delete(pid);
        resolve(code);
      }),
    );
  }

  /** Whether it still runs. */
  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit code, once it ends by itself. @throws Error when it does not in time */
  async end(limitMs: number): Promise<number | null> {
    const late = new AbortController();
    const code = await Promise.race([
      this.#ended,
      sleep(limitMs, "late" as const, { signal: late.signal }).catch(() => null),
    ]);
    late.abort();
    if (code !== "late") return code;
    throw new Error(`did not end within ${limitMs / 1000} s`);
  }

  /** Waits until it has said something. @throws Error when it ends before, or does not in time */
  async said(text: string, limitMs: number): Promise<void> {
    for (const until = performance.now() + limitMs; !this.out.includes(text); await sleep(LOOK_MS))
      if (!this.runs || performance.now() > until)
        throw new Error(`"${this.command}" never said "${text}"`);
  }

  /** Ctrl-C; whatever does not end by that is killed. Returns whether it ended by itself. */
  async stop(): Promise<boolean> {
    if (this.#child.pid === undefined || !this.runs) return true;
    killed(this.#child.pid, "SIGINT");
    try {
      await this.end(STOP_MS);
      return true;
    } catch {
      killed(this.#child.pid, "SIGKILL");
      return false;
    }
  }
}
