/** @file Time that may be spent on work nobody pays for: a share of a thread, however much of the work comes. */

/** What was not used is kept, up to `most`. */
export type AllowanceLimits = {
  readonly msPerSecond: number;
  readonly mostMs: number;
};

/**
 * The most that is owed. No piece of work takes so long by itself: the machine did something else, or the process was stopped, and whoever
 * asked would wait many times that long for the next answer.
 */
const MOST_OWED_MS = 1000;

/** A share of a thread. The last piece of work may overdraw it; what is missing then has to come back first. */
export class Allowance {
  readonly #limits: AllowanceLimits;
  readonly #clockMs: () => number;
  readonly #workMs: () => number;
  #leftMs: number;
  #at: number;

  /** @param workMs what this thread has worked, which stands still while the machine does something else */
  constructor(limits: AllowanceLimits, clockMs: () => number, workMs = clockMs) {
    this.#limits = limits;
    this.#clockMs = clockMs;
    this.#workMs = workMs;
    this.#leftMs = limits.mostMs;
    this.#at = clockMs();
  }

  /** Whether no more work may be begun now. */
  get isSpent(): boolean {
    const { msPerSecond, mostMs } = this.#limits;
    const now = this.#clockMs();
    const back = ((now - this.#at) * msPerSecond) / 1000;
    this.#leftMs = Math.min(this.#leftMs + back, mostMs);
    this.#at = now;
    return this.#leftMs <= 0;
  }

  /** Counts work that took so long. */
  take(ms: number): void {
    this.#leftMs = Math.max(this.#leftMs - ms, -MOST_OWED_MS);
  }

  /** Works, and counts how long it took. */
  spend<Result>(work: () => Result): Result {
    const start = this.#workMs();
    try {
      return work();
    } finally {
      this.take(this.#workMs() - start);
    }
  }
}
