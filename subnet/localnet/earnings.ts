/** @file What the chain has paid each uid: the sum of its epochs, so that stake which somebody adds is never taken for pay. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { BlockClock } from "../../src/run/block-clock.ts";

/** What one epoch paid, by uid. */
type Epoch = { readonly block: number; readonly paidRao: readonly bigint[] };

/** What reading needs of a subnet. */
type EarningsSource = {
  readonly netuid: number;
  readonly chain: Pick<ChainClient, "metagraph" | "nextEpoch" | "emissionLedger">;
  readonly blocks: Pick<BlockClock, "current" | "hashOf">;
};

/** Follows the epochs of a subnet from the first block on. */
export class Earnings {
  readonly #subnet: EarningsSource;
  readonly #epochs: Epoch[] = [];
  #next: number | null = 0;
  #ownerUid: number | null = null;
  #ownerRao = 0n;

  constructor(subnet: EarningsSource) {
    this.#subnet = subnet;
  }

  /** Reads the epochs up to the newest block. @throws ChainError */
  async read(): Promise<void> {
    const { netuid, chain, blocks } = this.#subnet;
    const { number: height, hash } = blocks.current;
    if (this.#next === 0) this.#next = await chain.nextEpoch(netuid, await blocks.hashOf(0));
    while (this.#next !== null && this.#next <= height) {
      const at = await blocks.hashOf(this.#next);
      const { neurons, ownerHotkey } = await chain.metagraph(netuid, at);
      this.#epochs.push({ block: this.#next, paidRao: neurons.map((one) => one.emissionRao) });
      this.#ownerUid = neurons.find((one) => one.hotkey === ownerHotkey)?.uid ?? null;
      const after = await chain.nextEpoch(netuid, at);
      // An epoch that is not later would be read for ever.
      this.#next = after !== null && after > this.#next ? after : null;
    }
    this.#ownerRao = (await chain.emissionLedger(netuid, hash)).paidOwnerRao;
  }

  /** What `uid` got for its work in epochs from block `from` on. The owner's cut is counted as a whole, from the first block. */
  paidRao(uid: number, from = 0): bigint {
    const epochs = this.#epochs.filter(({ block }) => block >= from);
    const work = epochs.reduce((sum, { paidRao }) => sum + (paidRao[uid] ?? 0n), 0n);
    return uid === this.#ownerUid && from === 0 ? work + this.#ownerRao : work;
  }
}
