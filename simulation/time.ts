/** @file Simulated time: it moves on only when nobody has anything left to do now, so no run depends on how fast a machine is. */
import { setImmediate as turn } from "node:timers/promises";

type Event = { readonly atMs: number; readonly order: number; readonly happen: () => void };

/** Turns of the event loop without any work under way, after which everybody is taken to wait. */
const QUIET_TURNS = 2;

/** Whether this process reads or writes files, or gave others a turn in the middle of some work: whoever waits for either is not idle. */
function isBusy(): boolean {
  return process
    .getActiveResourcesInfo()
    .some((name) => name.startsWith("FSReq") || name === "CloseReq" || name === "Immediate");
}

/** A clock and what is to happen on it. */
export class SimulatedTime {
  #nowMs = 0;
  #order = 0;
  /** By time; of those at the same time, the one that was asked for first. */
  #events: Event[] = [];
  #working = 0;
  #idle: (() => void) | null = null;

  /** Milliseconds since the beginning. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Lets something happen `afterMs` from now. */
  after(afterMs: number, happen: () => void): void {
    const atMs = this.#nowMs + Math.max(0, afterMs);
    const event = { atMs, order: this.#order++, happen };
    const place = this.#events.findLastIndex((one) => one.atMs <= atMs);
    this.#events.splice(place + 1, 0, event);
  }

  /** Waits on this clock. */
  async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.after(ms, resolve);
    return promise;
  }

  /** Work that takes the machine's time and none of this clock's: until it is done the clock stands still. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#working++;
    try {
      return await work();
    } finally {
      this.#working--;
      if (this.#working === 0) this.#idle?.();
    }
  }

  /** Resolves once everybody waits for this clock. */
  async quiet(): Promise<void> {
    for (let still = 0; still < QUIET_TURNS;) {
      if (this.#working > 0) {
        await new Promise<void>((resolve) => {
          this.#idle = resolve;
        });
        this.#idle = null;
      }
      await turn();
      still = this.#working === 0 && !isBusy() ? still + 1 : 0;
    }
  }

  /** Lets events happen, one after the other, until `isOver`. @throws Error when nothing is left to happen */
  async run(isOver: () => boolean): Promise<void> {
    for (;;) {
      await this.quiet();
      if (isOver()) return;
      const next = this.#events.shift();
      if (next === undefined) throw new Error("nothing is left to happen");
      this.#nowMs = next.atMs;
      next.happen();
    }
  }
}
