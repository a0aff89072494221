/** @file The tasks of one window: taken ahead, measured one after the other, answered together, until the window is over. */
import { setTimeout as sleep } from "node:timers/promises";
import { AssayError, isAssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { MOST_TASKS, type SentAnswer } from "../evaluation/messages.ts";
import { encodeLosses, parseTask, type Task } from "../evaluation/task.ts";
import type { DeskClient, Handed } from "./desk-client.ts";
import { type WindowMeasurer, Unfit } from "./measure.ts";
import type { Tempo } from "./tempo.ts";

/** How often a worker says, where it says nothing else, that it is alive and which tasks it has. */
const KEEP_MS = 500;
/** Between two looks whether it has to. */
const LOOK_MS = 100;
/** Before a validator that does not answer is asked again. */
const AWAY_MS = 1000;
/** An answer waits at most so long for a request that takes it along. */
const FLUSH_MS = 400;
/** Characters of losses in one request, well below what the door reads. */
const MOST_CHARACTERS = 1 << 20;

/** What serving needs. */
export type ServeParts = {
  readonly client: Pick<DeskClient, "take" | "keep" | "origin">;
  readonly measurer: Pick<WindowMeasurer, "losses" | "prepare">;
  readonly tempo: Tempo;
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

/** A task that was taken; null where it is none. */
type Readied = Pick<Handed, "id" | "token"> & { readonly task: Task | null };

const isOfGate = ({ task }: Readied): boolean => task?.pages.kind === "noise";

const sizeOf = ({ losses }: SentAnswer): number =>
  losses === null ? 0 : losses.before.length + losses.after.length;

/** The work of one window. */
export class Service {
  readonly #parts: ServeParts;
  /** By token: those whose answers have not arrived. */
  readonly #held = new Set<string>();
  readonly #ready: Readied[] = [];
  readonly #answers: SentAnswer[] = [];
  /** When the request before was made. */
  #sentAt = 0;
  /** A request for tasks that is under way. */
  #asking: Promise<void> | null = null;
  #failure: Error | null = null;
  #isAway = false;
  answered = 0;

  constructor(parts: ServeParts) {
    this.#parts = parts;
  }

  /** Works until `over` aborts, and finishes what it measures then. @throws AssayError worker-refused */
  async until(over: AbortSignal): Promise<void> {
    const { signal } = this.#parts;
    const ended = new AbortController();
    const keeping = this.#keep(AbortSignal.any([signal, ended.signal]));
    try {
      while (!over.aborted && !signal.aborted) await this.#step(over);
      await this.#asking;
      await this.#handIn(signal);
      if (this.#failure !== null) throw this.#failure;
    } finally {
      this.#held.clear();
      ended.abort();
      await keeping;
    }
  }

  /** Measures one task, or waits for some. */
  async #step(over: AbortSignal): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const next = this.#ready.shift();
    this.#askAhead(over);
    if (next === undefined) {
      await this.#asking;
      return;
    }
    const answer = await this.#measured(next);
    if (answer === null) return;
    this.#answers.push(answer);
    this.answered += 1;
    const [following] = this.#ready;
    // A vote waits for the last answer of the gate; what it is paid for afterwards nobody waits for.
    const endsGate = isOfGate(next) && following !== undefined && !isOfGate(following);
    const isLast = following === undefined;
    const isOld = performance.now() - this.#sentAt > FLUSH_MS;
    // A request for tasks waits until there are some; answers do not.
    if ((isLast || isOld || endsGate) && this.#asking !== null)
      void this.#background(this.#handIn(over));
  }

  /** Asks for tasks while one is measured, so that there is always a next one. */
  #askAhead(over: AbortSignal): void {
    if (this.#asking !== null) return;
    const most = Math.min(this.#parts.tempo.room(this.#ready.length), MOST_TASKS);
    if (most === 0) return;
    this.#asking = this.#background(this.#exchange(most, over)).finally(
      () => (this.#asking = null),
    );
  }

  /** What fails beside the measuring is thrown by it. */
  async #background(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => {
      this.#failure ??= error instanceof Error ? error : new Error("failed", { cause: error });
    });
  }

  /** Hands in what was measured, and waits for tasks. */
  async #exchange(most: number, over: AbortSignal): Promise<void> {
    const handed = await this.#sent(most, over);
    for (const { id, token, task: text } of handed ?? []) {
      const task = parseTask(text);
      this.#held.add(token);
      this.#ready.push({ id, token, task });
      if (task !== null) void this.#parts.measurer.prepare(task);
    }
  }

  /** Hands in all that was measured. */
  async #handIn(signal: AbortSignal): Promise<void> {
    while (this.#answers.length > 0 && !signal.aborted)
      if ((await this.#sent(0, signal)) === null) return;
  }

  /** One request with as many answers as go into one; they are kept where nobody heard them. */
  async #sent(most: number, signal: AbortSignal): Promise<readonly Handed[] | null> {
    const { client, theta } = this.#parts;
    const answers = this.#cut();
    const handed = await this.#asked(() => {
      this.#sentAt = performance.now();
      return client.take(theta, { most, answers, tokens: this.#tokensBut(answers) }, signal);
    }, signal);
    if (handed === null) this.#answers.unshift(...answers);
    else for (const { token } of answers) this.#held.delete(token);
    return handed;
  }

  /** The tasks that are still worked on. */
  #tokensBut(answers: readonly SentAnswer[]): readonly string[] {
    const answered = new Set(answers.map(({ token }) => token));
    return [...this.#held].filter((token) => !answered.has(token)).slice(0, MOST_TASKS);
  }

  /** Takes answers for one request. */
  #cut(): readonly SentAnswer[] {
    let [count, size] = [0, 0];
    for (const answer of this.#answers.slice(0, MOST_TASKS)) {
      size += sizeOf(answer);
      if (count > 0 && size > MOST_CHARACTERS) break;
      count += 1;
    }
    return this.#answers.splice(0, count);
  }

  /** Says that this worker lives, whatever it is busy with, until `ended`. */
  async #keep(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      if (performance.now() - this.#sentAt >= KEEP_MS) {
        this.#sentAt = performance.now();
        await this.#parts.client.keep(this.#tokensBut([]), ended).catch(() => undefined);
      }
      await pause(LOOK_MS, ended);
    }
  }

  /** Losses, or why there are none; null when the process is to stop. */
  async #measured({ id, token, task }: Readied): Promise<SentAnswer | null> {
    const failed = (error: string): SentAnswer => ({
      id,
      token,
      losses: null,
      error: error.slice(0, 300),
    });
    if (task === null) return failed("the task has the wrong shape");
    const start = performance.now();
    try {
      const losses = encodeLosses(await this.#parts.measurer.losses(task));
      this.#parts.tempo.note(performance.now() - start);
      return { id, token, losses, error: null };
    } catch (error) {
      if (this.#parts.signal.aborted) return null;
      if (error instanceof Unfit) return failed(error.message);
      // Nobody serves the payload, which the validator has.
      if (error instanceof AssayError) return failed(error.explanation.cause);
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
