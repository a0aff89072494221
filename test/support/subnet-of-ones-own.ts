/** @file A newcomer's machine: an empty home, our commands and nothing else, and processes that run until they are stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Which of our programs. */
export type Program = "miner" | "validator" | "subnet";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const entry = (program: Program): string => join(ROOT, program, "main.ts");

/** How a command ended. */
export type Ended = { readonly code: number | null; readonly out: string };

/** A process that goes on until it is stopped. */
export class Running {
  readonly program: Program;
  readonly args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess;
  #exited: Promise<number | null>;
  out = "";

  constructor(program: Program, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.program = program;
    this.args = args;
    this.#env = env;
    [this.#child, this.#exited] = this.#start();
  }

  #start(): [ChildProcess, Promise<number | null>] {
    const child = spawn(process.execPath, [entry(this.program), ...this.args], {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (part: Buffer) => (this.out += part.toString()));
    return [child, new Promise((resolve) => child.once("exit", (code) => resolve(code)))];
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

/** An empty home. */
export class Newcomer {
  readonly home: string = mkdtempSync(join(tmpdir(), "assay-home-"));
  readonly #running: Running[] = [];
  #endpoint = "";

  /** The chain that every command talks to from now on. */
  set endpoint(endpoint: string) {
    this.#endpoint = endpoint;
  }

  #env(): NodeJS.ProcessEnv {
    const { PATH } = process.env;
    return { PATH, HOME: this.home, ...(this.#endpoint && { ASSAY_ENDPOINT: this.#endpoint }) };
  }

  /** Runs a command to its end. @throws Error with all that it printed, unless it succeeds */
  async run(program: Program, ...args: readonly string[]): Promise<string> {
    const { code, out } = await this.tries(program, ...args);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${out}`);
    return out;
  }

  /** Runs a command to its end, whatever that is. */
  async tries(program: Program, ...args: readonly string[]): Promise<Ended> {
    const running = new Running(program, args, this.#env());
    for (const end = performance.now() + 120_000; running.runs && performance.now() < end;)
      await sleep(20);
    const code = await running.stop("SIGKILL");
    return { code, out: running.out };
  }

  /** Starts a process that goes on. */
  start(program: Program, ...args: readonly string[]): Running {
    const running = new Running(program, args, this.#env());
    this.#running.push(running);
    return running;
  }

  /** Stops everything and empties the home. */
  async leave(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.stop("SIGTERM")));
    rmSync(this.home, { recursive: true, force: true });
  }
}
