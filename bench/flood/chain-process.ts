/** @file `subnet chain` as a process of its own, as people start it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(
  new URL(`../../subnet/main${import.meta.url.slice(-3)}`, import.meta.url),
);
const SAMPLE_MS = 250;

/** A chain that makes a block every `blockMs`. */
export class ChainProcess {
  readonly port: number;
  /** Until it answered. */
  readonly startMs: number;
  readonly #child: ChildProcess;
  readonly #sampling: NodeJS.Timeout;
  #mostRss = 0;

  private constructor(child: ChildProcess, port: number, startMs: number) {
    this.#child = child;
    this.port = port;
    this.startMs = startMs;
    this.#sampling = setInterval(() => {
      this.#mostRss = Math.max(this.#mostRss, this.rss);
    }, SAMPLE_MS);
    this.#sampling.unref();
  }

  /** @param entry another build's `subnet/main.ts`, to compare with */
  static async start(blockMs: number, entry: string = ENTRY): Promise<ChainProcess> {
    const started = performance.now();
    const args = ["chain", "--port", "0", "--sealing", String(blockMs), "--log-level", "error"];
    const child = fork(entry, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const [message]: unknown[] = await once(child, "message");
    if (typeof message !== "object" || message === null || !("port" in message))
      throw new Error("the chain did not start");
    return new ChainProcess(child, Number(message.port), performance.now() - started);
  }

  /** Resident bytes now, by the system. */
  get rss(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  }

  /** The most since it was asked last. */
  takeMostRss(): number {
    const most = Math.max(this.#mostRss, this.rss);
    this.#mostRss = 0;
    return most;
  }

  async stop(): Promise<void> {
    clearInterval(this.#sampling);
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }
}
