/** @file One side of the comparison: a process pinned to cores that answers JSON lines with JSON lines. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** What a side is asked: steps of training over consecutive batches of a token file, or the loss of each of its sequences. */
export type Question =
  | {
      readonly call: "train";
      readonly tokens: string;
      readonly batch: number;
      readonly learningRate: number;
    }
  | {
      readonly call: "evaluate";
      readonly tokens: string;
      readonly batch: number;
      /** At theta minus an update, as a candidate is judged. PyTorch has none to apply and reads theta. */
      readonly candidate?: boolean;
    };

/** What came of it. */
export type Answer = {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly losses: readonly number[];
  /** Most memory that the process ever held. */
  readonly peakBytes: number;
};

/** How a side is started. */
type Launch = {
  /** As taskset takes them; every thread of the process stays on them. */
  readonly cores: string;
  readonly command: readonly string[];
  /** A library that is loaded before all others. */
  readonly preload?: string | undefined;
};

/** A running side. Questions must not overlap. */
export class Side {
  readonly name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;

  constructor(name: string, { cores, command, preload }: Launch) {
    this.name = name;
    this.#child = spawn("taskset", ["-c", cores, ...command], {
      stdio: ["pipe", "pipe", "inherit"],
      env: preload === undefined ? process.env : { ...process.env, LD_PRELOAD: preload },
    });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** The next line. @throws Error if the process ended instead */
  async #line<T>(): Promise<T> {
    const { value, done } = await this.#answers.next();
    if (done === true)
      throw new Error(`${this.name} ended without an answer; its error stands above`);
    const parsed: T = JSON.parse(value);
    return parsed;
  }

  /** The line that a side writes when it is ready. */
  async ready(): Promise<{ readonly version: string }> {
    return this.#line();
  }

  /** Asks and waits. */
  async ask(question: Question): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    return this.#line();
  }

  /** Lets the process end. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin.end();
    await once(this.#child, "exit");
    this.#lines.close();
  }
}
