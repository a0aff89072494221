/** @file How many large transfers this machine's line carries at once: as many as it carries fast. */

/** Neither more, so that an axon grants them to a stranger. */
const MOST_AT_ONCE = 4;
/** Each of them this fast: one more. 256 KiB a second. */
const FAST_BYTES_PER_MS = 256;
/** Any of them this slow: one less. Axons cut whoever reads at half of it. */
const SLOW_BYTES_PER_MS = 128;

/** The large transfers of one node, in the order in which they came. A slow line carries one after the other, each as fast as it can. */
export class Line {
  #atOnce = 1;
  #active = 0;
  readonly #waiting: (() => void)[] = [];

  /** How many it carries now. */
  get atOnce(): number {
    return this.#atOnce;
  }

  /** Carries a transfer in its turn. @throws the reason of `signal`, when it aborts before; whatever `transfer` throws */
  async carry(
    signal: AbortSignal,
    transfer: () => Promise<Uint8Array | null>,
  ): Promise<Uint8Array | null> {
    while (this.#active >= this.#atOnce) await this.#turn(signal);
    signal.throwIfAborted();
    this.#active += 1;
    const beganMs = performance.now();
    try {
      const bytes = await transfer();
      this.#learn(bytes?.length ?? 0, performance.now() - beganMs);
      return bytes;
    } finally {
      this.#active -= 1;
      for (const next of this.#waiting.splice(0)) next();
    }
  }

  /** Resolves when a transfer has ended, or the signal has aborted. */
  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const leave = (): void => resolve();
    signal.addEventListener("abort", leave, { once: true });
    await promise;
    signal.removeEventListener("abort", leave);
  }

  /** What brought nothing says nothing about the line. */
  #learn(bytes: number, ms: number): void {
    if (bytes === 0) return;
    const rate = bytes / Math.max(1, ms);
    if (rate >= FAST_BYTES_PER_MS) this.#atOnce = Math.min(MOST_AT_ONCE, this.#atOnce + 1);
    else if (rate < SLOW_BYTES_PER_MS) this.#atOnce = Math.max(1, this.#atOnce - 1);
  }
}
