/** @file Time that may be spent on work nobody pays for: a share of a thread, however much of the work comes. */

/** What was not used is kept, up to `most`. */
export type AllowanceLimits = {
  readonly msPerSecond: number;
  readonly mostMs: number;
  /** The most that is owed; {@link MOST_OWED_MS} unless it is said. */
  readonly mostOwedMs?: number;
};

/**
 * The most that is owed for work. No piece of work takes so long by itself: the machine did something else, or the process was stopped, and whoever
 * asked would wait many times that long for the next answer.
 */
const MOST_OWED_MS = 1000;

/**
 * Shorter pieces are measured by the clock, since systems count what a thread works in ticks of some milliseconds. In a longer one the
 * machine may have done something else meanwhile, for which nobody who asks can be blamed.
 */
const LONG_MS = 20;

/** What a piece of work counts. @param tookMs by the clock; @param workedMs by the thread's own */
export function countedMs(tookMs: number, workedMs: number): number {
  return tookMs < LONG_MS ? tookMs : Math.min(tookMs, workedMs);
}

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
    const now = this.#clockMs();
    this.#leftMs = Math.min(this.#leftMs + this.#backAt(now), this.#limits.mostMs);
    this.#at = now;
    return this.#leftMs <= 0;
  }

  /** Counts work that took so long. */
  take(ms: number): void {
    const { mostOwedMs = MOST_OWED_MS } = this.#limits;
    // What came back while it was done pays for it, and not for the most that is owed.
    const least = -mostOwedMs - this.#backAt(this.#clockMs());
    this.#leftMs = Math.max(this.#leftMs - ms, least);
  }

  /** What came back since it was last added. */
  #backAt(now: number): number {
    return ((now - this.#at) * this.#limits.msPerSecond) / 1000;
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
