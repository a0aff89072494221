/** @file The chain of a modelled subnet in a thread of its own: one core makes blocks while another one scores. */
import { Worker } from "node:worker_threads";
import type { Weights } from "./field.ts";
import type { LedgerNews, LedgerOrder } from "./ledger-thread.ts";
import type { SubnetChainOptions } from "./subnet-chain.ts";

type Paid = readonly number[];

/** Windows are paid in the order in which they were handed over. */
export class Ledger {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<Paid>>();
  #failure: Error | null = null;

  constructor(options: SubnetChainOptions) {
    // As this file is: .ts from a checkout, .js from a build.
    const thread = new URL(`./ledger-thread${import.meta.url.slice(-3)}`, import.meta.url);
    this.#worker = new Worker(thread, { workerData: options });
    this.#worker.on("message", (news: LedgerNews) => this.#hear(news));
    this.#worker.on("error", (error: Error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the chain's thread ended")));
  }

  #hear(news: LedgerNews): void {
    if (news.kind === "failed") return this.#fail(new Error(`the chain: ${news.reason}`));
    this.#waiting.get(news.window)?.resolve(news.paidRao);
    this.#waiting.delete(news.window);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const one of this.#waiting.values()) one.reject(this.#failure);
    this.#waiting.clear();
  }

  /**
   * What the epoch of `window` pays each uid, in rao, if these weights (by uid of the validator; null: none new) are set at its beginning.
   * @throws Error when the chain did not take them, or has ended
   */
  async paid(window: number, weights: readonly (Weights | null)[]): Promise<Paid> {
    if (this.#failure !== null) throw this.#failure;
    const waiting = Promise.withResolvers<Paid>();
    this.#waiting.set(window, waiting);
    const order: LedgerOrder = { window, weights };
    this.#worker.postMessage(order, []);
    return waiting.promise;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
