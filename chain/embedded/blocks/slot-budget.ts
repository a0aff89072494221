/**
 * @file How long an author goes on filling a block: half of its slot, as authors of nodes do. The runtime draws the same line by
 * what calls declare; this one also holds where the machine is slow, or where much is tried that is refused.
 */

const US_PER_MS = 1000;

/** Microseconds that this thread has computed. Not the clock's: what a busy machine takes from it was not spent. */
export function computedUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Counts from when it is made. */
export class SlotBudget {
  readonly #endUs: number;
  readonly #nowUs: () => number;

  constructor(slotDurationMs: bigint, nowUs: () => number = computedUs) {
    this.#nowUs = nowUs;
    this.#endUs = nowUs() + (Number(slotDurationMs) * US_PER_MS) / 2;
  }

  /** Whether half of the slot has been computed. */
  get isSpent(): boolean {
    return this.#nowUs() > this.#endUs;
  }
}
