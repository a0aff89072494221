/** @file The chain of a modelled subnet: the committed runtime with all neurons in its genesis, windows of blocks, what each epoch paid. */
import { Runtime } from "../../chain/client/runtime.ts";
import { type StorageItem, vecItem } from "../../chain/client/storage-item.ts";
import { readRuntimeArtifact } from "../../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../../chain/embedded/chain.ts";
import { fromHex, NO_BYTES, toHex } from "../../chain/embedded/codec/bytes.ts";
import type { JsonObject } from "../../chain/embedded/codec/exact-json.ts";
import { cryptoReady } from "../../chain/embedded/codec/hashing.ts";
import { ScaleReader } from "../../chain/embedded/codec/scale.ts";
import { type Signer, signerFromUri } from "../../chain/wallet/signer.ts";
import { WeightBatches } from "./batch.ts";
import type { Weights } from "./field.ts";

/** What is on the chain. */
export type SubnetChainOptions = {
  /** Of each validator; they have the first uids. */
  readonly stakesRao: readonly bigint[];
  readonly miners: number;
  /** Blocks between two epochs: a window's. */
  readonly tempo: number;
};

export const NETUID = 1;
/** Virtual: no block is ever too full for its slot. */
const SLOT_MS = 12_000;
const START_MS = 1_750_000_000_000;
/** What the keys of a development chain own besides their stake: enough for fees, little enough for the issuance. */
const OWNED_RAO = 10 ** 12;
/** What a row of weights is stored for. */
const emission = vecItem("Emission", "u64", (reader) => reader.u64());
const lastUpdate = vecItem("LastUpdate", "u64", (reader) => Number(reader.u64()));

/** Keys of a neuron by its uid. */
export const hotkeyOf = (uid: number): Signer => signerFromUri(`//modelled//${uid}`);
const coldkeyOf = (uid: number): string => signerFromUri(`//modelled//${uid}//cold`).ss58;

function genesisOf({ stakesRao, miners, tempo }: SubnetChainOptions): JsonObject {
  const owner = signerFromUri("//modelled//owner").ss58;
  const stakes = [...stakesRao.map(Number), ...Array.from({ length: miners }, () => 0)];
  const neurons = stakes.map((stake, uid) => ({
    hotkey: hotkeyOf(uid).ss58,
    coldkey: coldkeyOf(uid),
    stake,
    validatorPermit: stake > 0,
  }));
  return {
    balances: {
      balances: [
        [signerFromUri("//Alice").ss58, OWNED_RAO],
        [owner, OWNED_RAO],
        ...neurons.map(({ hotkey, stake }) => [hotkey, stake > 0 ? OWNED_RAO : 1000]),
        ...neurons.map(({ coldkey, stake }) => [coldkey, stake + OWNED_RAO / 1000]),
      ],
    },
    subtensorModule: {
      networks: [
        {
          netuid: NETUID,
          tempo,
          weightsSetRateLimit: 0,
          ownerColdkey: owner,
          ownerHotkey: signerFromUri("//modelled//owner//hot").ss58,
          additional: "",
          neurons,
        },
      ],
    },
  };
}

/** A subnet on a chain of its own. */
export class SubnetChain {
  readonly chain: EmbeddedChain;
  readonly runtime: Runtime;
  readonly #tempo: number;
  readonly #hotkeys: readonly Uint8Array[];
  readonly #batches: WeightBatches;

  /** @throws ChainError runtime-unreadable, genesis-invalid */
  static async open(options: SubnetChainOptions): Promise<SubnetChain> {
    await cryptoReady();
    const chain = await openEmbeddedChain({
      runtimeCode: await readRuntimeArtifact(),
      genesisPatch: genesisOf(options),
      slotDurationMs: SLOT_MS,
      startTimeMs: START_MS,
    });
    return new SubnetChain(chain, options);
  }

  private constructor(chain: EmbeddedChain, { stakesRao, tempo }: SubnetChainOptions) {
    this.chain = chain;
    this.#tempo = tempo;
    const metadata = new ScaleReader(chain.call("Metadata_metadata", NO_BYTES)).bytes();
    this.runtime = new Runtime(toHex(metadata), chain.runtimeVersion);
    this.#hotkeys = stakesRao.map((_, uid) => fromHex(hotkeyOf(uid).publicKey));
    const who = { sudo: signerFromUri("//Alice"), netuid: NETUID };
    this.#batches = new WeightBatches(chain, this.runtime, who);
  }

  #read<T>(item: StorageItem<readonly T[]>): readonly T[] {
    const stored = this.chain.storageAt(this.runtime.key(item, [NETUID]));
    return this.runtime.value(item, stored) ?? [];
  }

  /** Weights as the chain has them, by the newest block's state. */
  weightsOf(uid: number): string | null {
    const item = vecItem("Weights", "(u16,u16)", () => 0);
    return this.chain.storageAt(this.runtime.key(item, [NETUID, uid]));
  }

  /**
   * Makes a window's blocks: the weights (by uid of the validator; null: none new) in the first one, the epoch in the last.
   * @returns what the epoch paid each uid, in rao
   * @throws Error when the chain did not take a validator's weights
   */
  async window(weights: readonly (Weights | null)[]): Promise<readonly number[]> {
    const rows = weights.flatMap((row, uid) => {
      const hotkey = this.#hotkeys[uid];
      return row === null || hotkey === undefined ? [] : [[hotkey, row] as const];
    });
    await this.chain.seal(rows.length === 0 ? [] : [this.#batches.next(rows)]);
    this.#requireTaken(weights);
    return this.toEpoch();
  }

  /** Makes empty blocks up to the epoch's; what it paid each uid, in rao. */
  async toEpoch(): Promise<readonly number[]> {
    do await this.chain.seal([]);
    while (this.chain.head().number % this.#tempo !== 0);
    return this.#read(emission).map(Number);
  }

  #requireTaken(weights: readonly (Weights | null)[]): void {
    const { number } = this.chain.head();
    const updated = this.#read(lastUpdate);
    const refused = weights.findIndex((row, uid) => row !== null && updated[uid] !== number);
    if (refused !== -1)
      throw new Error(`block ${number} did not take the weights of validator ${refused}`);
  }

  /** Ends the chain. */
  async close(): Promise<void> {
    await this.chain.close();
  }
}
