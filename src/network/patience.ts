/** @file How long an answer is waited for: a fixed time, or for as long as it comes on fast enough. */

/** Limits of one wait. */
export type PatienceLimits = {
  /** In all; with `leastBytesPerMs` the time in which nothing may come. */
  readonly timeoutMs: number;
  /** Each byte that came allows so much more time: a large answer on a slow line ends, one that drips is given up. */
  readonly leastBytesPerMs?: number;
};

/** The patience with one answer. */
export class Patience {
  readonly #limits: PatienceLimits;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #beganMs = performance.now();
  #bytes = 0;
  #isOver = false;

  constructor(limits: PatienceLimits) {
    this.#limits = limits;
    this.#wait();
  }

  /** Aborts when it is over. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What came so far, for people. */
  get came(): string {
    const seconds = ((performance.now() - this.#beganMs) / 1000).toFixed(1);
    return `${this.#bytes} bytes came in ${seconds} s`;
  }

  /** The answer is only asked for now: time in a queue is nobody's fault. */
  begin(): void {
    if (this.#limits.leastBytesPerMs === undefined) return;
    this.#beganMs = performance.now();
    this.#wait();
  }

  /** Something came. */
  got(bytes: number): void {
    this.#bytes += bytes;
    if (this.#limits.leastBytesPerMs !== undefined) this.#wait();
  }

  /** No more is awaited, whatever still comes. */
  end(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Until nothing has come for too long, or too little in all. */
  #wait(): void {
    if (this.#isOver) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const { timeoutMs, leastBytesPerMs = Infinity } = this.#limits;
    const allowedMs = timeoutMs + this.#bytes / leastBytesPerMs;
    const leftMs = this.#beganMs + allowedMs - performance.now();
    this.#timer = setTimeout(() => this.#stop.abort(), Math.max(0, Math.min(timeoutMs, leftMs)));
  }
}
