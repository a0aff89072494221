/** @file Time in blocks: waits for a block number on the finalised chain and remembers recent hashes. */
import type { ChainClient, Head } from "../../chain/client/client.ts";
import type { Hex } from "../protocol/digest.ts";

type Waiter = { readonly block: number; resolve(head: Head): void; reject(reason: unknown): void };

const REMEMBERED = 4096;

/** Follows finalised heads; the only clock of a node (never a local one). */
export class BlockClock {
  readonly #chain: Pick<ChainClient, "followHeads" | "blockHash">;
  readonly #hashes = new Map<number, Hex>();
  #waiters: Waiter[] = [];
  #current: Head;
  #seenMs = Date.now();

  constructor(chain: Pick<ChainClient, "followHeads" | "blockHash">, first: Head) {
    this.#chain = chain;
    this.#current = first;
    this.#hashes.set(first.number, first.hash);
  }

  /** Newest finalised head that was seen. */
  get current(): Head {
    return this.#current;
  }

  /** When that was, in milliseconds since 1970: for people. Nothing that nodes agree on follows from it. */
  get seenMs(): number {
    return this.#seenMs;
  }

  /** Follows the chain until `signal` aborts; every waiter is then rejected with its reason. */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const head of this.#chain.followHeads(signal)) this.#see(head);
      throw new Error("the chain ended its stream of heads");
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error;
      for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
      if (!signal.aborted) throw error;
    }
  }

  #see(head: Head): void {
    this.#hashes.set(head.number, head.hash);
    this.#hashes.delete(head.number - REMEMBERED);
    if (head.number > this.#current.number) [this.#current, this.#seenMs] = [head, Date.now()];
    const due = this.#waiters.filter((waiter) => waiter.block <= head.number);
    this.#waiters = this.#waiters.filter((waiter) => waiter.block > head.number);
    for (const waiter of due) waiter.resolve(head);
  }

  /** Resolves when block `block` is final, at once when it is already; the value is the newest head. */
  async reached(block: number, signal: AbortSignal): Promise<Head> {
    signal.throwIfAborted();
    if (block <= this.#current.number) return this.#current;
    const { promise, resolve, reject } = Promise.withResolvers<Head>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiters.push({ block, resolve, reject });
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Hash of a finalised block: from memory, else from the chain. */
  async hashOf(block: number): Promise<Hex> {
    return this.#hashes.get(block) ?? (await this.#chain.blockHash(block));
  }
}
