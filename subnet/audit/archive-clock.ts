/** @file The time of a run that is over: every block up to the newest has been reached, and a follower goes one window at a time. */
import type { ChainClient, Head } from "../../chain/client/client.ts";
import { BlockClock } from "../../src/run/block-clock.ts";

/** A clock that can be held back, so that whoever follows stops at each window. */
export class ArchiveClock extends BlockClock {
  readonly #newest: Head;
  #held: Head | null = null;

  constructor(chain: Pick<ChainClient, "followHeads" | "blockHash">, newest: Head) {
    super(chain, newest);
    this.#newest = newest;
  }

  override get current(): Head {
    return this.#held ?? this.#newest;
  }

  /** Shows an early block as the newest until it is let go. */
  hold(number: number): void {
    this.#held = { ...this.#newest, number };
  }

  /** Shows the newest block again. */
  letGo(): void {
    this.#held = null;
  }

  /** Every block that there is has been reached. */
  override reached(block: number, signal: AbortSignal): Promise<Head> {
    signal.throwIfAborted();
    if (block <= this.#newest.number) return Promise.resolve(this.#newest);
    return Promise.reject(new RangeError(`block ${block} is after the end of this record`));
  }
}
