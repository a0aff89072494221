/** @file What the chain has paid each uid: the sum of its epochs, so that stake which somebody adds is never taken for pay. */
import type { ChainClient, Head } from "../../chain/client/client.ts";
import type { Metagraph, Neuron } from "../../chain/client/metagraph.ts";
import type { EmissionLedger } from "../../chain/client/subnet.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { BlockClock } from "../../src/run/block-clock.ts";
import { firstEpochAfter } from "../../src/run/epochs.ts";

/** What one epoch paid, by uid. */
type Epoch = { readonly block: number; readonly paidRao: readonly bigint[] };

/** What is read of the chain at each epoch. */
export type EpochChain = Pick<ChainClient, "nextEpoch" | "lastEpoch"> & {
  metagraph(netuid: number, at: Hex): Promise<Paid>;
  emissionLedger(netuid: number, at: Hex): Promise<Pick<EmissionLedger, "paidOwnerRao">>;
};

/** Who was paid what by the last epoch, and who the owner is. */
type Paid = Pick<Metagraph, "ownerHotkey"> & {
  readonly neurons: readonly Pick<Neuron, "uid" | "hotkey" | "emissionRao">[];
};

/** What reading needs of a subnet. */
type EarningsSource = {
  readonly netuid: number;
  readonly chain: EpochChain;
  readonly blocks: Pick<BlockClock, "hashOf">;
};

/** Follows the epochs of a subnet from the first block on. */
export class Earnings {
  readonly #subnet: EarningsSource;
  readonly #epochs: Epoch[] = [];
  #readTo = 0;
  #ownerUid: number | null = null;
  #ownerRao = 0n;

  constructor(subnet: EarningsSource) {
    this.#subnet = subnet;
  }

  /** Reads the epochs up to a block, that included. @throws ChainError */
  async read({ number: height, hash }: Head): Promise<void> {
    const { netuid, chain, blocks } = this.#subnet;
    for (;;) {
      const block = await firstEpochAfter(this.#subnet, this.#readTo, height);
      if (block === null) break;
      const { neurons, ownerHotkey } = await chain.metagraph(netuid, await blocks.hashOf(block));
      this.#epochs.push({ block, paidRao: neurons.map((one) => one.emissionRao) });
      this.#ownerUid = neurons.find((one) => one.hotkey === ownerHotkey)?.uid ?? null;
      this.#readTo = block;
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
