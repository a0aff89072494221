/** @file The metagraph: who holds which uid of a subnet, and what the last epoch gave them. */
import { type Hex } from "../wallet/hex.ts";
import { subnetMissing } from "./subnets.ts";
import { addressText } from "./internet-address.ts";
import { type ScaleReader } from "./scale.ts";
import { type ChainState, type StateBatch } from "./state.ts";
import {
  accountItem,
  countItem,
  flagItem,
  type StorageItem,
  subtensorItem,
  u16Item,
  u64Item,
  vecItem,
} from "./storage-item.ts";

/** Where a neuron serves. */
export type Axon = { readonly ip: string; readonly port: number };

/** One uid of a subnet. Shares (`incentive`, `dividends`, `consensus`) are parts of 65535. */
export type Neuron = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly coldkey: Hex;
  /** Null until `serve_axon`. */
  readonly axon: Axon | null;
  /** Alpha on the hotkey: the integer from which the epoch makes its stake weight. */
  readonly stakeRao: bigint;
  readonly validatorPermit: boolean;
  readonly active: boolean;
  readonly incentive: number;
  readonly dividends: number;
  readonly consensus: number;
  /** Alpha of the last epoch. */
  readonly emissionRao: bigint;
  /** Block of the last weight vector. */
  readonly lastUpdate: number;
  /** Block in which the hotkey got this uid. */
  readonly registeredAt: number;
};

/** A subnet in the state of one block. */
export type Metagraph = {
  readonly netuid: number;
  readonly block: number;
  readonly hash: Hex;
  /** Blocks between two epochs. */
  readonly tempo: number;
  readonly ownerHotkey: Hex;
  readonly ownerColdkey: Hex;
  readonly neurons: readonly Neuron[];
};

/** Shape of an axon in storage; it begins with the block of its `serve_axon`. */
export const AXON_SHAPE =
  "{block:u64,version:u32,ip:u128,port:u16,ip_type:u8,protocol:u8,placeholder1:u8,placeholder2:u8}";

function axonOf(reader: ScaleReader): Axon | null {
  reader.u64();
  reader.u32();
  const ip = reader.u128();
  const port = reader.u16();
  return port === 0 ? null : { ip: addressText({ ip, kind: reader.u8() }), port };
}

const number: StorageItem<number> = {
  pallet: "System",
  name: "Number",
  shape: "u32",
  decode: (reader) => reader.u32(),
};
const networksAdded = flagItem("NetworksAdded");
const subnetworkN = u16Item("SubnetworkN");
const tempo = u16Item("Tempo");
const subnetOwner = accountItem("SubnetOwner");
const subnetOwnerHotkey = accountItem("SubnetOwnerHotkey");
const keys = accountItem("Keys");
const owner = accountItem("Owner");
const axons = subtensorItem("Axons", AXON_SHAPE, axonOf);
const totalHotkeyAlpha = u64Item("TotalHotkeyAlpha");
const blockAtRegistration = countItem("BlockAtRegistration");
const validatorPermit = vecItem("ValidatorPermit", "bool", (reader) => reader.bool());
const active = vecItem("Active", "bool", (reader) => reader.bool());
const incentive = vecItem("Incentive", "u16", (reader) => reader.u16());
const dividends = vecItem("Dividends", "u16", (reader) => reader.u16());
const consensus = vecItem("Consensus", "u16", (reader) => reader.u16());
const emission = vecItem("Emission", "u64", (reader) => reader.u64());
const lastUpdate = vecItem("LastUpdate", "u64", (reader) => Number(reader.u64()));

const uids = u16Item("Uids");

/** What the last epoch gave each uid. */
type Columns = {
  readonly permits: readonly boolean[];
  readonly active: readonly boolean[];
  readonly incentive: readonly number[];
  readonly dividends: readonly number[];
  readonly consensus: readonly number[];
  readonly emission: readonly bigint[];
  readonly lastUpdate: readonly number[];
};

/** Asks for the columns of a subnet; the result gives them once the batch was read. */
function askColumns(batch: StateBatch, netuid: number): () => Columns {
  const answers = {
    permits: batch.askValue(validatorPermit, netuid),
    active: batch.askValue(active, netuid),
    incentive: batch.askValue(incentive, netuid),
    dividends: batch.askValue(dividends, netuid),
    consensus: batch.askValue(consensus, netuid),
    emission: batch.askValue(emission, netuid),
    lastUpdate: batch.askValue(lastUpdate, netuid),
  };
  return () => ({
    permits: answers.permits(),
    active: answers.active(),
    incentive: answers.incentive(),
    dividends: answers.dividends(),
    consensus: answers.consensus(),
    emission: answers.emission(),
    lastUpdate: answers.lastUpdate(),
  });
}

type EpochResult = Pick<
  Neuron,
  | "validatorPermit"
  | "active"
  | "incentive"
  | "dividends"
  | "consensus"
  | "emissionRao"
  | "lastUpdate"
>;

function resultOf(columns: Columns, uid: number): EpochResult {
  return {
    validatorPermit: columns.permits[uid] ?? false,
    active: columns.active[uid] ?? false,
    incentive: columns.incentive[uid] ?? 0,
    dividends: columns.dividends[uid] ?? 0,
    consensus: columns.consensus[uid] ?? 0,
    emissionRao: columns.emission[uid] ?? 0n,
    lastUpdate: columns.lastUpdate[uid] ?? 0,
  };
}

/** Items without which a node can do nothing: checked when it connects. */
export const METAGRAPH_ITEMS: readonly StorageItem<unknown>[] = [
  number,
  networksAdded,
  subnetworkN,
  tempo,
  subnetOwner,
  subnetOwnerHotkey,
  keys,
  owner,
  axons,
  totalHotkeyAlpha,
  blockAtRegistration,
  validatorPermit,
  active,
  incentive,
  dividends,
  consensus,
  emission,
  lastUpdate,
];

/** Uids that are asked for before their number is known; more cost one more round trip. */
const GUESSED_UIDS = 32;

/** Reads metagraphs; remembers the size of each subnet to save round trips. */
export class MetagraphReader {
  readonly #state: ChainState;
  readonly #sizes = new Map<number, number>();

  constructor(state: ChainState) {
    this.#state = state;
  }

  /**
   * The whole subnet at a block: three questions.
   * @throws ChainError subnet-missing, chain-unreachable, rpc-failed, runtime-incompatible
   */
  async metagraph(netuid: number, at: Hex): Promise<Metagraph> {
    const batch = this.#state.batch();
    const heights = batch.askValue(number);
    const about = {
      tempo: batch.askValue(tempo, netuid),
      ownerColdkey: batch.askValue(subnetOwner, netuid),
      ownerHotkey: batch.askValue(subnetOwnerHotkey, netuid),
    };
    const columnsAt = askColumns(batch, netuid);
    const hotkeys = await this.#hotkeys(netuid, at, batch);
    const more = this.#state.batch();
    const perUid = hotkeys.map((hotkey, uid) => ({
      hotkey,
      coldkey: more.askValue(owner, hotkey),
      axon: more.ask(axons, netuid, hotkey),
      stake: more.askValue(totalHotkeyAlpha, hotkey, netuid),
      registeredAt: more.askValue(blockAtRegistration, netuid, uid),
    }));
    await more.read(at);
    const columns = columnsAt();
    return {
      netuid,
      block: heights(),
      hash: at,
      tempo: about.tempo(),
      ownerHotkey: about.ownerHotkey(),
      ownerColdkey: about.ownerColdkey(),
      neurons: perUid.map(({ hotkey, coldkey, axon, stake, registeredAt }, uid) => ({
        uid,
        hotkey,
        coldkey: coldkey(),
        axon: axon(),
        stakeRao: stake(),
        registeredAt: registeredAt(),
        ...resultOf(columns, uid),
      })),
    };
  }

  /** One neuron by its hotkey, null when it has no uid on the subnet (or the subnet does not exist): two questions. */
  async neuron(netuid: number, hotkey: Hex, at: Hex): Promise<Neuron | null> {
    const batch = this.#state.batch();
    const uidOf = batch.ask(uids, netuid, hotkey);
    const coldkey = batch.askValue(owner, hotkey);
    const axon = batch.ask(axons, netuid, hotkey);
    const stake = batch.askValue(totalHotkeyAlpha, hotkey, netuid);
    const columns = askColumns(batch, netuid);
    await batch.read(at);
    const uid = uidOf();
    if (uid === null) return null;
    const more = this.#state.batch();
    const registeredAt = more.askValue(blockAtRegistration, netuid, uid);
    await more.read(at);
    return {
      uid,
      hotkey,
      coldkey: coldkey(),
      axon: axon(),
      stakeRao: stake(),
      registeredAt: registeredAt(),
      ...resultOf(columns(), uid),
    };
  }

  /** Hotkeys by uid: one question, two after the subnet has grown. */
  async hotkeys(netuid: number, at: Hex): Promise<readonly Hex[]> {
    return this.#hotkeys(netuid, at, this.#state.batch());
  }

  /** Alpha of hotkeys on a subnet, in their order. */
  async stakes(netuid: number, hotkeys: readonly Hex[], at: Hex): Promise<readonly bigint[]> {
    const batch = this.#state.batch();
    const answers = hotkeys.map((hotkey) => batch.askValue(totalHotkeyAlpha, hotkey, netuid));
    await batch.read(at);
    return answers.map((answer) => answer());
  }

  /** Validator permits by uid. */
  async validatorPermits(netuid: number, at: Hex): Promise<readonly boolean[]> {
    const batch = this.#state.batch();
    const permits = batch.askValue(validatorPermit, netuid);
    const size = batch.askValue(subnetworkN, netuid);
    await batch.read(at);
    const known = permits();
    return Array.from({ length: size() }, (_, uid) => known[uid] ?? false);
  }

  /** Reads `batch`, to which it adds the hotkeys of as many uids as the subnet had last time. */
  async #hotkeys(netuid: number, at: Hex, batch: StateBatch): Promise<readonly Hex[]> {
    const guess = this.#sizes.get(netuid) ?? GUESSED_UIDS;
    const exists = batch.askValue(networksAdded, netuid);
    const size = batch.askValue(subnetworkN, netuid);
    const guessed = Array.from({ length: guess }, (_, uid) => batch.askValue(keys, netuid, uid));
    await batch.read(at);
    if (!exists()) throw await subnetMissing(this.#state, netuid, at);
    const known = guessed.slice(0, size()).map((answer) => answer());
    this.#sizes.set(netuid, Math.max(size(), GUESSED_UIDS));
    if (size() <= guess) return known;
    const rest = this.#state.batch();
    const missing = Array.from({ length: size() - guess }, (_, index) =>
      rest.askValue(keys, netuid, guess + index),
    );
    await rest.read(at);
    return [...known, ...missing.map((answer) => answer())];
  }
}
