/** @file Our own commands as processes, each with its output in a file and in hand. */
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Our programs. */
export type Program = "subnet" | "miner";

const SUFFIX = import.meta.url.slice(-3);
const LAST_CHARACTERS = 2000;

/** A command that runs. */
export class Command {
  readonly #child: ChildProcess;
  readonly #words: string;
  readonly exited: Promise<number | null>;
  stdout = "";
  #both = "";

  /** @param logPath gets what it prints */
  constructor(program: Program, args: readonly string[], logPath: string) {
    const main = fileURLToPath(new URL(`../../${program}/main${SUFFIX}`, import.meta.url));
    this.#words = [program, ...args].join(" ");
    this.#child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (part: Buffer) => {
        const text = part.toString();
        if (stream === this.#child.stdout) this.stdout += text;
        this.#both = (this.#both + text).slice(-LAST_CHARACTERS);
        appendFileSync(logPath, text);
      });
    // "close" comes after the last output, "exit" may not.
    this.exited = new Promise((resolve) => {
      this.#child.once("close", (code) => resolve(code));
      this.#child.once("error", () => resolve(1));
    });
  }

  /** The error that says what it said last. */
  failure(why: string): Error {
    return new Error(`${this.#words} ${why}:\n${this.#both}`);
  }

  /** Whether it still runs. */
  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks it to end in order. */
  async stop(): Promise<void> {
    if (this.runs) this.#child.kill("SIGTERM");
    await this.exited;
  }
}

/** Runs a command to its end. @throws Error with what it said last, unless it succeeds */
export async function runCommand(
  program: Program,
  args: readonly string[],
  logPath: string,
): Promise<string> {
  const command = new Command(program, args, logPath);
  const code = await command.exited;
  if (code !== 0) throw command.failure(`ended with ${code}`);
  return command.stdout;
}
