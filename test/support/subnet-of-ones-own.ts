/** @file A newcomer's machine: an empty home, our commands and nothing else. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Runnable, Running } from "./running.ts";

/** Only a command that never ends takes so long, on however busy a machine. */
const NEVER_MS = 600_000;

/** How a command ended. */
export type Ended = { readonly code: number | null; readonly out: string };

/** An empty home. */
export class Newcomer {
  readonly home: string = mkdtempSync(join(tmpdir(), "assay-home-"));
  readonly #running: Running[] = [];
  #endpoint = "";
  /** Environment beside PATH and HOME. */
  readonly environment = new Map<string, string>();

  /** The chain that every command talks to from now on. */
  set endpoint(endpoint: string) {
    this.#endpoint = endpoint;
  }

  get endpoint(): string {
    return this.#endpoint;
  }

  #env(): NodeJS.ProcessEnv {
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    const given = Object.fromEntries(this.environment);
    return {
      PATH,
      HOME: this.home,
      NODE_COMPILE_CACHE,
      ...given,
      ...(this.#endpoint && { ASSAY_ENDPOINT: this.#endpoint }),
    };
  }

  /** Runs a command to its end. @throws Error with all that it printed, unless it succeeds */
  async run(program: Runnable, ...args: readonly string[]): Promise<string> {
    const { code, out } = await this.tries(program, ...args);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${out}`);
    return out;
  }

  /** Runs a command to its end, whatever that is. */
  async tries(program: Runnable, ...args: readonly string[]): Promise<Ended> {
    const running = new Running(program, args, this.#env());
    for (const end = performance.now() + NEVER_MS; running.runs && performance.now() < end;)
      await sleep(20);
    const code = await running.stop("SIGKILL");
    return { code, out: running.out };
  }

  /** Starts a process that goes on. */
  start(program: Runnable, ...args: readonly string[]): Running {
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
