/** @file Makes the blocks of a network at an even pace, whatever its nodes do; it can be held. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainClient } from "../../chain/client/client.ts";

const HOLD_MS = 50;
const RETRY_MS = 250;

/** A block every `blockMs`. */
export class BlockMaker {
  readonly #chain: Pick<ChainClient, "newBlock" | "head">;
  /** Time between two blocks; may be changed while blocks are made. */
  blockMs: number;
  #holdAt = Infinity;
  #isHolding = false;

  constructor(chain: Pick<ChainClient, "newBlock" | "head">, blockMs: number) {
    this.#chain = chain;
    this.blockMs = blockMs;
  }

  /** Makes no block after this one. */
  holdAt(block: number): void {
    this.#holdAt = block;
  }

  /** Makes no block any more; resolves once none is being made. */
  async hold(signal: AbortSignal): Promise<void> {
    this.#holdAt = -1;
    for (this.#isHolding = false; !this.#isHolding;) await sleep(HOLD_MS, undefined, { signal });
  }

  /** Makes blocks again. */
  release(): void {
    this.#holdAt = Infinity;
  }

  /** Makes blocks until `signal` aborts; a chain that is away is waited for. */
  async run(signal: AbortSignal): Promise<void> {
    let due = performance.now();
    while (!signal.aborted) {
      try {
        const { number } = await this.#chain.head();
        this.#isHolding = number >= this.#holdAt;
        if (this.#isHolding) {
          await sleep(HOLD_MS, undefined, { signal });
          continue;
        }
        await this.#chain.newBlock(number + 1);
        // Blocks that were missed while the chain was away are not made up for.
        due = Math.max(due + this.blockMs, performance.now());
        await sleep(Math.max(0, due - performance.now()), undefined, { signal });
      } catch {
        if (!signal.aborted) await sleep(RETRY_MS);
      }
    }
  }
}
