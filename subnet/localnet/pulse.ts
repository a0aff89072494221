/** @file Whether a neuron answers: its status is asked for in the background, so that nobody waits for one that hangs. */
import { type Status, statusSchema } from "../../src/api/types.ts";
import { isAssayError } from "../../src/errors.ts";
import { type AxonAddress, fetchJson, urlOf } from "../../src/network/client.ts";

const LIMITS = { limitBytes: 8192, timeoutMs: 2500 };
/** Between two questions. */
const ASK_EVERY_MS = 150;
/** One refused connection may be a process that is only starting. */
const REFUSALS = 2;

/** The pulse of one neuron. Times are those of performance.now(). */
export class Pulse {
  #status: Status | null = null;
  #asking = false;
  #askedAt = -Infinity;
  #answeredAt = -Infinity;
  /** When the oldest question without an answer was asked. */
  #silentSince: number | null = null;
  #refusals = 0;

  /** What it said last. */
  get status(): Status | null {
    return this.#status;
  }

  /** When it answered last; -Infinity: never. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** For how long it has owed an answer. */
  get silentMs(): number {
    return this.#silentSince === null ? 0 : performance.now() - this.#silentSince;
  }

  /** Whether nobody listens at its address: the process is gone, or has not begun to serve. */
  get isGone(): boolean {
    return this.#refusals >= REFUSALS;
  }

  /** Asks once more, unless a question is open or it was asked a moment ago. Does not wait for the answer. */
  ask(axon: AxonAddress | undefined): void {
    const now = performance.now();
    if (this.#asking || now - this.#askedAt < ASK_EVERY_MS) return;
    this.#askedAt = now;
    this.#silentSince ??= now;
    if (axon === undefined) {
      this.#refusals++;
      return;
    }
    this.#asking = true;
    void this.#question(axon).finally(() => (this.#asking = false));
  }

  async #question(axon: AxonAddress): Promise<void> {
    try {
      this.#status = await fetchJson(urlOf(axon, "/status"), statusSchema, LIMITS);
      this.#answeredAt = performance.now();
      this.#silentSince = null;
      this.#refusals = 0;
    } catch (error) {
      if (isAssayError(error, "peer-unreachable")) this.#refusals++;
    }
  }
}
