/** @file What the chain has paid each uid: the sum of its epochs, so that stake which somebody adds is never taken for pay. */
import type { ChainClient, Head } from "../../chain/client/client.ts";
import type { Metagraph, Neuron } from "../../chain/client/metagraph.ts";
import type { EmissionLedger } from "../../chain/client/subnet.ts";
import type { Hex } from "../protocol/digest.ts";
import type { BlockClock } from "./block-clock.ts";
import { firstEpochAfter } from "./epochs.ts";

/** What one epoch gave a hotkey. */
type Pay = Pick<Neuron, "hotkey" | "emissionRao" | "incentive" | "dividends">;

/** What one epoch gave, by uid. */
export type Epoch = { readonly block: number; readonly neurons: readonly Pay[] };

/** What is read of the chain at each epoch. */
export type EpochChain = Pick<ChainClient, "nextEpoch" | "lastEpoch"> & {
  metagraph(netuid: number, at: Hex): Promise<Paid>;
  emissionLedger(netuid: number, at: Hex): Promise<Pick<EmissionLedger, "paidOwnerRao">>;
};

/** Who was paid what by the last epoch, and who the owner is. */
type Paid = Pick<Metagraph, "ownerHotkey"> & {
  readonly neurons: readonly (Pay & Pick<Neuron, "uid">)[];
};

/** What reading needs of a subnet. */
type EarningsSource = {
  readonly netuid: number;
  readonly chain: EpochChain;
  readonly blocks: Pick<BlockClock, "hashOf">;
};

/** Only what pay is counted from, since a neuron has much more. What is as in the epoch before is kept once. */
function payOf({ hotkey, emissionRao, incentive, dividends }: Pay, before: Pay | undefined): Pay {
  if (before?.hotkey !== hotkey) return { hotkey, emissionRao, incentive, dividends };
  const isSame =
    before.emissionRao === emissionRao &&
    before.incentive === incentive &&
    before.dividends === dividends;
  return isSame ? before : { hotkey: before.hotkey, emissionRao, incentive, dividends };
}

/** Follows the epochs of a subnet from the first block on, or from a later one. */
export class Earnings {
  readonly #subnet: EarningsSource;
  readonly #kept: number;
  readonly #epochs: Epoch[] = [];
  /** What each hotkey got in all epochs that were read. */
  readonly #sums = new Map<Hex, bigint>();
  #ownerHotkey: Hex | null = null;
  #readTo: number;
  #ownerUid: number | null = null;
  #ownerRao = 0n;

  /**
   * @param from epochs up to this block are left out
   * @param kept so many epochs are kept one by one, the newest; older ones count in sums of hotkeys alone
   */
  constructor(subnet: EarningsSource, from = 0, kept = Number.POSITIVE_INFINITY) {
    this.#subnet = subnet;
    this.#kept = kept;
    this.#readTo = from;
  }

  /** The epochs that are kept, the oldest first. */
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
      this.#take(block, neurons);
      this.#ownerHotkey = ownerHotkey;
      this.#ownerUid = neurons.find((one) => one.hotkey === ownerHotkey)?.uid ?? null;
      this.#readTo = block;
    }
    this.#ownerRao = (await chain.emissionLedger(netuid, hash)).paidOwnerRao;
  }

  #take(block: number, neurons: Paid["neurons"]): void {
    const before = this.#epochs.at(-1)?.neurons;
    this.#epochs.push({
      block,
      neurons: neurons.map((neuron, at) => payOf(neuron, before?.[at])),
    });
    if (this.#epochs.length > this.#kept) this.#epochs.shift();
    for (const { hotkey, emissionRao } of neurons)
      this.#sums.set(hotkey, (this.#sums.get(hotkey) ?? 0n) + emissionRao);
  }

  /** What a hotkey got for its work in all epochs that were read; the owner also its cut, from the first block. */
  paidTo(hotkey: Hex): bigint {
    const work = this.#sums.get(hotkey) ?? 0n;
    return hotkey === this.#ownerHotkey ? work + this.#ownerRao : work;
  }

  /**
   * What `uid` got for its work in the kept epochs from block `from` on. The owner's cut is counted as a whole, from the first block.
   */
  paidRao(uid: number, from = 0): bigint {
    const epochs = this.#epochs.filter(({ block }) => block >= from);
    const work = epochs.reduce((sum, { neurons }) => sum + (neurons[uid]?.emissionRao ?? 0n), 0n);
    return uid === this.#ownerUid && from === 0 ? work + this.#ownerRao : work;
  }
}
