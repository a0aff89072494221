/** @file The tasks of one window: taken, measured and answered, a few at a time, until the window is over. */
import { setTimeout as sleep } from "node:timers/promises";
import { AssayError, isAssayError } from "../../src/errors.ts";
import type { PairedLosses } from "../../src/gauntlet/loss-score.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { parseTask } from "../evaluation/task.ts";
import type { DeskClient, Handed } from "./desk-client.ts";
import { type WindowMeasurer, Unfit } from "./measure.ts";

/** While one is measured, the payload of the next comes and is decoded. */
const SLOTS = 2;
/** How often a worker says that it is alive. */
const KEEP_MS = 500;
/** Before a validator that does not answer is asked again. */
const AWAY_MS = 1000;

/** What serving needs. */
export type ServeParts = {
  readonly client: Pick<DeskClient, "take" | "keep" | "answer" | "origin">;
  readonly measurer: Pick<WindowMeasurer, "losses">;
  /** Parameters that this worker holds. */
  readonly theta: Hex;
  readonly say: (text: string) => void;
  /** Aborted when the process is to stop. */
  readonly signal: AbortSignal;
};

/** Whether a failed request may succeed when it is made again. */
function passes(error: unknown): boolean {
  const codes = ["peer-unreachable", "peer-timeout", "peer-refused", "peer-oversized"] as const;
  return codes.some((code) => isAssayError(error, code));
}

/** Waits, unless `signal` aborts first. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** The work of one window. */
export class Service {
  readonly #parts: ServeParts;
  readonly #held = new Map<string, Handed>();
  #isAway = false;
  answered = 0;

  constructor(parts: ServeParts) {
    this.#parts = parts;
  }

  /** Works until `over` aborts, and finishes what it has then. @throws AssayError worker-refused */
  async until(over: AbortSignal): Promise<void> {
    const keeping = this.#keep(over);
    try {
      await Promise.all(Array.from({ length: SLOTS }, () => this.#slot(over)));
    } finally {
      await keeping;
    }
  }

  /** Says that this worker lives, whatever it is busy with. */
  async #keep(over: AbortSignal): Promise<void> {
    const { client, signal } = this.#parts;
    while (!signal.aborted && (!over.aborted || this.#held.size > 0)) {
      await client.keep([...this.#held.keys()], signal).catch(() => undefined);
      await pause(KEEP_MS, over.aborted ? signal : AbortSignal.any([over, signal]));
    }
  }

  async #slot(over: AbortSignal): Promise<void> {
    const { client, theta, signal } = this.#parts;
    while (!over.aborted && !signal.aborted) {
      const handed = await this.#asked(() => client.take(theta, over), over);
      if (handed === null) continue;
      this.#held.set(handed.token, handed);
      const found = await this.#measured(handed);
      if (found !== null) {
        await this.#asked(() => client.answer(handed, found, signal), signal);
        this.answered += 1;
      }
      this.#held.delete(handed.token);
    }
  }

  /** Losses, or why there are none; null when the process is to stop. */
  async #measured({
    task: text,
  }: Handed): Promise<PairedLosses | { readonly error: string } | null> {
    const task = parseTask(text);
    if (task === null) return { error: "the task has the wrong shape" };
    try {
      return await this.#parts.measurer.losses(task);
    } catch (error) {
      if (this.#parts.signal.aborted) return null;
      if (error instanceof Unfit) return { error: error.message };
      // Nobody serves the payload, which the validator has.
      if (error instanceof AssayError) return { error: error.explanation.cause };
      throw error;
    }
  }

  /** What the validator answers; null where it does not, after a while and a word to people. */
  async #asked<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
    const { client, say } = this.#parts;
    try {
      const answer = await request();
      if (this.#isAway) say(`the validator at ${client.origin} is back`);
      this.#isAway = false;
      return answer;
    } catch (error) {
      if (signal.aborted) return null;
      if (!passes(error)) throw error;
      if (!this.#isAway)
        say(`the validator at ${client.origin} has nothing to say: ${textOf(error)}; trying again`);
      this.#isAway = true;
      await pause(AWAY_MS, signal);
      return null;
    }
  }
}

const textOf = (error: unknown): string =>
  error instanceof AssayError ? error.explanation.cause : String(error);
