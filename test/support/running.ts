/** @file A command of ours as a process that goes on until it is stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Our programs. */
export const PROGRAMS = ["miner", "validator", "subnet"] as const;

/** One of them. */
export type Program = (typeof PROGRAMS)[number];

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A program of ours, or the absolute path of any other file that Node can run. */
export type Runnable = Program | `/${string}`;

const isOurs = (program: Runnable): program is Program => PROGRAMS.some((one) => one === program);

/** The file that starts a program. */
export function entryOf(program: Runnable): string {
  return isOurs(program) ? join(ROOT, program, "main.ts") : program;
}

/** A process that goes on until it is stopped. */
export class Running {
  readonly program: Runnable;
  readonly args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess;
  #exited: Promise<number | null>;
  out = "";

  constructor(program: Runnable, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.program = program;
    this.args = args;
    this.#env = env;
    [this.#child, this.#exited] = this.#start();
  }

  #start(): [ChildProcess, Promise<number | null>] {
    const child = spawn(process.execPath, [entryOf(this.program), ...this.args], {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (part: Buffer) => (this.out += part.toString()));
    return [child, new Promise((resolve) => child.once("exit", (code) => resolve(code)))];
  }

  /** Its process id, if it could be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it still runs. */
  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until it has printed something. */
  async said(what: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const found = what.exec(this.out);
      if (found !== null) return found;
      if (!this.runs || performance.now() > until)
        throw new Error(`${this.program} ${this.args.join(" ")} never said ${what}:\n${this.out}`);
      await sleep(50);
    }
  }

  /** Stands it still (SIGSTOP), or lets it go on (SIGCONT). */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  /** Stops it as a person would; the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.runs) this.#child.kill(signal);
    return this.#exited;
  }

  /** Starts it again with the same words. */
  restart(): void {
    [this.#child, this.#exited] = this.#start();
  }
}
