/**
 * @file The pace of a native chain: its authorities make blocks by their clocks and wait for nobody, as on a network of strangers. Who is
 * late has missed the window.
 */
import type { WindowClock } from "../../src/protocol/window.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { BlockTimes } from "./block-times.ts";
import type { Pacing } from "./pace.ts";

/** From publishing until everybody has the run's data and first parameters, on a machine that may be busy. */
const JOIN_MS = 30_000;

/** Watches blocks that others make. */
export class RealTime implements Pacing {
  readonly times = new BlockTimes();
  readonly waiting = null;
  readonly dropped: Pacing["dropped"] = new Map();
  readonly leadBlocks: number;
  readonly #blocks: Pick<Subnet["blocks"], "current" | "reached">;
  #clock: WindowClock | null = null;

  constructor(
    { blocks }: { readonly blocks: Pick<Subnet["blocks"], "current" | "reached"> },
    blockMs: number,
  ) {
    this.#blocks = blocks;
    this.leadBlocks = Math.ceil(JOIN_MS / blockMs);
  }

  /** From now on blocks of the windows of this clock are timed. */
  follow(clock: WindowClock): void {
    this.#clock = clock;
  }

  /** Nothing: time goes on. */
  holdAt(): void {}

  /** Nothing: time goes on. */
  async hold(): Promise<void> {}

  /** Nothing: it was never held. */
  release(): void {}

  /** Times final blocks, several that come at once each by the same part of what they took, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let [last, at] = [this.#blocks.current.number, performance.now()];
    while (!signal.aborted) {
      let reached: number;
      try {
        reached = (await this.#blocks.reached(last + 1, signal)).number;
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      const now = performance.now();
      const milliseconds = (now - at) / (reached - last);
      for (let block = last + 1; block <= reached; block++) this.#note(block, milliseconds);
      [last, at] = [reached, now];
    }
  }

  #note(block: number, milliseconds: number): void {
    const window = this.#clock?.windowOf(block) ?? -1;
    if (window >= 0 && block !== this.#clock?.startBlock(0))
      this.times.note({ milliseconds, waitedFor: null, window });
  }
}
