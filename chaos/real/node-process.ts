/** @file A process of ours that can be paused, killed, starved of disk space, and started again with the same words. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { entryOf, type Role } from "../../subnet/spawn.ts";

/** What is started. */
export type Launch = {
  readonly name: string;
  readonly role: Role;
  readonly args: readonly string[];
  readonly logPath: string;
};

/** A process and its restarts. */
export class NodeProcess {
  readonly launch: Launch;
  #child: ChildProcess | null = null;
  #exited: Promise<number | null> = Promise.resolve(null);
  #message: Promise<unknown> = Promise.resolve(null);

  constructor(launch: Launch) {
    this.launch = launch;
  }

  /** Starts it, or starts it again. `flags` are node's own. */
  start(flags: readonly string[] = []): void {
    const { role, args, logPath } = this.launch;
    // Its outputs come through us: a process without disk space has to be able to say so.
    const log = createWriteStream(logPath, { flags: "a" });
    log.write(`-- started ${[role, ...args].join(" ")}\n`);
    const child = spawn(process.execPath, [...flags, entryOf(role), ...args], {
      // The channel ties its life to ours, its own group keeps Ctrl-C to us.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) stream?.pipe(log, { end: false });
    this.#exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        log.end(`-- ended with ${code ?? signal}\n`);
        resolve(code);
      });
    });
    this.#message = new Promise((resolve) => child.once("message", resolve));
    this.#child = child;
  }

  /** Process id, or null before the first start. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Whether it still runs (paused counts). */
  get runs(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with the exit code, or null after a signal. */
  get exited(): Promise<number | null> {
    return this.#exited;
  }

  /** The first message it sends; null when it ends before. */
  get ready(): Promise<unknown> {
    return Promise.race([this.#message, this.#exited.then(() => null)]);
  }

  /** Stands it still. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** Lets it go on. */
  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    if (this.runs) this.#child?.kill("SIGKILL");
    await this.#exited;
  }

  /** From now on nothing that it writes into a file finds space. @throws Error where that cannot be done */
  fillDisk(): void {
    const done = spawnSync("prlimit", ["--pid", String(this.pid), "--fsize=0"]);
    if (done.status !== 0) throw new Error("prlimit cannot limit the size of files here");
  }

  /** Asks it to end; its exit code, null when it had to be killed. */
  async stop(graceMs: number): Promise<number | null> {
    if (!this.runs) return this.#exited;
    this.resume();
    this.#child?.kill("SIGTERM");
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), graceMs);
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }
}
