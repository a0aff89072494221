/** @file Follows a guide literally: each of its commands in its order, as a reader types it. */
import type { Place } from "./place.ts";
import type { Step } from "./steps.ts";
import { Terminal } from "./terminal.ts";

/** What came of a guide's commands. */
export type Followed = {
  readonly commands: number;
  /** What a command printed, by the beginning of the command; the newest one's. @throws Error where there is none */
  said(command: string): string;
};

/** One command (a simulation trains for minutes), and one thing that is waited for. A busy machine takes its time. */
const LIMIT_MS = 1_800_000;
/** What a guide calls the process of a command. */
const NAMES: Readonly<Record<string, string>> = { network: "npm start" };

/** A command as it is only read: with `--print-config`, or `--help` where it is none of ours. Variables of a shell are set in one of their own. */
function readOnly(command: string): string {
  if (command.startsWith("export ")) return command;
  if (/^npm (?:start|run (?:miner|validator|subnet|example))\b/.test(command)) {
    const words = /^npm start$/.test(command) ? " --" : "";
    return `${command}${words} --print-config`;
  }
  const [program = "", verb = ""] = command.split(" ");
  return `${program} ${/^\w+$/.test(verb) ? `${verb} ` : ""}--help`;
}

/** One guide on its way. */
class Reader implements Followed {
  readonly #place: Place;
  readonly #env: NodeJS.ProcessEnv;
  readonly #terminals: Terminal[] = [];
  readonly #tell: (text: string) => void;
  commands = 0;

  constructor(place: Place, tell: (text: string) => void) {
    this.#place = place;
    this.#env = { ...place.env };
    this.#tell = tell;
  }

  said(command: string): string {
    return this.#last((one) => one.command.startsWith(command), command).out;
  }

  #last(matches: (terminal: Terminal) => boolean, what: string): Terminal {
    const found = this.#terminals.findLast(matches);
    if (found === undefined) throw new Error(`no command is ${what}`);
    return found;
  }

  #running(who: string): Terminal {
    const word = NAMES[who] ?? `\\b${who}\\b`;
    return this.#last((one) => one.runs && new RegExp(word).test(one.command), `the ${who}`);
  }

  #open(command: string): Terminal {
    this.commands++;
    const terminal = new Terminal(command, this.#place.checkout, this.#env);
    this.#terminals.push(terminal);
    return terminal;
  }

  async #run(command: string, expected = 0): Promise<string> {
    const terminal = this.#open(command);
    const code = await terminal.end(LIMIT_MS);
    if (code !== expected) throw new Error(`"${command}" ended with ${code}`);
    return terminal.out;
  }

  /** @throws Error when a step does not do what the guide says */
  async do(step: Step): Promise<void> {
    switch (step.kind) {
      case "run":
        await this.#run(step.command, step.code);
        return;
      case "elsewhere":
        await this.#run(readOnly(step.command));
        return;
      case "start": {
        const terminal = this.#open(step.command);
        if (step.ready !== null) await terminal.said(step.ready, LIMIT_MS);
        Object.assign(this.#env, this.#place.withChain);
        return;
      }
      case "wait":
        await this.#running(step.who).said(step.text, LIMIT_MS);
        return;
      case "stop":
        if (!(await this.#running(step.who).stop()))
          throw new Error(`Ctrl-C did not end the ${step.who}`);
        return;
      case "set":
        this.#env[step.name] = (await this.#run(`printf %s ${step.value}`)).trim();
        return;
    }
  }

  /** What every terminal said last. */
  tell(): void {
    for (const { command, out } of this.#terminals.slice(-8))
      this.#tell(`--- ${command}\n${out.slice(-1500)}`);
  }

  async leave(): Promise<void> {
    // Newest first: nodes before the chain that they need to end in order.
    for (const terminal of this.#terminals.toReversed()) await terminal.stop();
  }
}

/**
 * Follows a guide and then has its promise looked at, while what it left running still runs.
 * @throws Error with the line of the step that failed, or what `promise` throws
 */
export async function follow(
  steps: readonly Step[],
  place: Place,
  about: {
    readonly promise: (followed: Followed) => Promise<void>;
    readonly tell: (text: string) => void;
  },
): Promise<Followed> {
  const reader = new Reader(place, about.tell);
  try {
    for (const step of steps) {
      try {
        await reader.do(step);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`line ${step.line}: ${reason}`, { cause: error });
      }
    }
    await about.promise(reader);
    return reader;
  } catch (error) {
    reader.tell();
    throw error;
  } finally {
    await reader.leave();
  }
}
