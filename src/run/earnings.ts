/** @file What the chain has paid each uid: the sum of its epochs, so that stake which somebody adds is never taken for pay. */
import type { ChainClient, Head } from "../../chain/client/client.ts";
import type { Metagraph, Neuron } from "../../chain/client/metagraph.ts";
import type { EmissionLedger } from "../../chain/client/subnet.ts";
import type { Hex } from "../protocol/digest.ts";
import type { BlockClock } from "./block-clock.ts";
import { firstEpochAfter } from "./epochs.ts";

/** What one epoch gave, by uid. */
export type Epoch = { readonly block: number; readonly neurons: Paid["neurons"] };

/** What is read of the chain at each epoch. */
export type EpochChain = Pick<ChainClient, "nextEpoch" | "lastEpoch"> & {
  metagraph(netuid: number, at: Hex): Promise<Paid>;
  emissionLedger(netuid: number, at: Hex): Promise<Pick<EmissionLedger, "paidOwnerRao">>;
};

/** Who was paid what by the last epoch, and who the owner is. */
type Paid = Pick<Metagraph, "ownerHotkey"> & {
  readonly neurons: readonly Pick<
    Neuron,
    "uid" | "hotkey" | "emissionRao" | "incentive" | "dividends"
  >[];
};

/** What reading needs of a subnet. */
type EarningsSource = {
  readonly netuid: number;
  readonly chain: EpochChain;
  readonly blocks: Pick<BlockClock, "hashOf">;
};

/** Follows the epochs of a subnet from the first block on, or from a later one. */
export class Earnings {
  readonly #subnet: EarningsSource;
  readonly #epochs: Epoch[] = [];
  #readTo: number;
  #ownerUid: number | null = null;
  #ownerRao = 0n;

  /** @param from epochs up to this block are left out */
  constructor(subnet: EarningsSource, from = 0) {
    this.#subnet = subnet;
    this.#readTo = from;
  }

  /** Every epoch that was read, the oldest first. */
  get epochs(): readonly Epoch[] {
    return this.#epochs;
  }

  /** Reads the epochs up to a block, that included, but at most so many of them. @throws ChainError */
  async read({ number: height, hash }: Head, most = Number.POSITIVE_INFINITY): Promise<void> {
    const { netuid, chain, blocks } = this.#subnet;
    for (let count = 0; count < most; count++) {
      const block = await firstEpochAfter(this.#subnet, this.#readTo, height);
      if (block === null) break;
      const { neurons, ownerHotkey } = await chain.metagraph(netuid, await blocks.hashOf(block));
      this.#epochs.push({ block, neurons });
      this.#ownerUid = neurons.find((one) => one.hotkey === ownerHotkey)?.uid ?? null;
      this.#readTo = block;
    }
    this.#ownerRao = (await chain.emissionLedger(netuid, hash)).paidOwnerRao;
  }

  /** What `uid` got for its work in epochs from block `from` on. The owner's cut is counted as a whole, from the first block. */
  paidRao(uid: number, from = 0): bigint {
    const epochs = this.#epochs.filter(({ block }) => block >= from);
    const work = epochs.reduce((sum, { neurons }) => sum + (neurons[uid]?.emissionRao ?? 0n), 0n);
    return uid === this.#ownerUid && from === 0 ? work + this.#ownerRao : work;
  }
}
