/** @file Turns: so many at once for one key, the others in the order in which they came. */

/** Who has a turn and who waits for one, by key. */
type Queue = { active: number; readonly waiting: (() => void)[] };

/** At most so many acts at once for each key. */
export class Turns {
  readonly #atOnce: number;
  readonly #queues = new Map<string, Queue>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Does `act` in its turn. @throws the reason of `signal`, when it aborts before; whatever `act` throws */
  async take<T>(key: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const queue = this.#queues.get(key) ?? { active: 0, waiting: [] };
    this.#queues.set(key, queue);
    if (queue.active < this.#atOnce) queue.active += 1;
    else await this.#wait(queue, signal);
    try {
      return await act();
    } finally {
      this.#pass(key, queue);
    }
  }

  /** Waits to be called. */
  async #wait(queue: Queue, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.waiting.push(resolve);
    const leave = (): void => resolve();
    signal.addEventListener("abort", leave, { once: true });
    await promise;
    signal.removeEventListener("abort", leave);
    const at = queue.waiting.indexOf(resolve);
    // Still in the queue: nobody called, it was the signal.
    if (at >= 0) queue.waiting.splice(at, 1);
    if (at >= 0) signal.throwIfAborted();
  }

  /** Hands a turn that ends to the next, or gives it up. */
  #pass(key: string, queue: Queue): void {
    const next = queue.waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    queue.active -= 1;
    if (queue.active === 0) this.#queues.delete(key);
  }
}
