/** @file A gate: what a process does passes it, or waits while it is stopped, or fails once it is killed. */

/** Open, shut for a while, or broken for good. */
export class Gate {
  #isShut = false;
  #reason: Error | null = null;
  readonly #broken = Promise.withResolvers<never>();
  /** Passes until something happens at the gate; null: nothing does. */
  #countdown: { left: number; readonly happen: () => void } | null = null;
  #waiting: { resolve(): void; reject(reason: unknown): void }[] = [];

  constructor() {
    // Nobody may be waiting for it.
    this.#broken.promise.catch(() => undefined);
  }

  /** Whether whoever comes now passes. */
  get isOpen(): boolean {
    return !this.#isShut && this.#reason === null;
  }

  /** Resolves when it is open. @throws what it was broken with */
  async pass(): Promise<void> {
    if (this.#countdown !== null && --this.#countdown.left < 0) this.#countdown.happen();
    if (this.#reason !== null) throw this.#reason;
    if (!this.#isShut) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** What `waited` gives; fails as soon as it is broken. */
  async unlessBroken<T>(waited: Promise<T>): Promise<T> {
    return Promise.race([waited, this.#broken.promise]);
  }

  /** Lets `passes` pass; whoever comes next meets what happens then. */
  after(passes: number, happen: () => void): void {
    const once = (): void => {
      this.#countdown = null;
      happen();
    };
    this.#countdown = { left: passes, happen: once };
  }

  /** Nobody passes until it is opened. */
  shut(): void {
    this.#isShut = true;
  }

  /** Lets everybody pass who waits. */
  open(): void {
    this.#isShut = false;
    for (const waiter of this.#waiting.splice(0)) waiter.resolve();
  }

  /** Nobody passes any more. */
  break(reason: Error): void {
    this.#reason = reason;
    this.#broken.reject(reason);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(reason);
  }
}
