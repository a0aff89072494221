/** @file Subnets: which there are, who owns them, what one costs, and the calls of an owner. */
import { ChainError } from "../errors.ts";
import { publicKeyOf } from "../wallet/account.ts";
import { bytesOf, type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import * as calls from "./calls.ts";
import { type EpochTerms, readEpochTerms, readLastEpoch, readValidatorTrust } from "./epoch.ts";
import { type KinOf, readKin } from "./kin.ts";
import { type AccountText, blockOf, type ClientParts, type Submitted, submitted } from "./parts.ts";
import { u16Bytes } from "./scale.ts";
import { type ChainState } from "./state.ts";
import { accountItem, countItem, flagItem, u16Item, u64Item } from "./storage-item.ts";
import {
  type EmissionLedger,
  type Hyperparameters,
  readEmissionLedger,
  readHyperparameters,
  readSubnetIdentity,
  type StoredIdentity,
  subnetIdentity,
} from "./subnet.ts";

/** A subnet in a list. Amounts are rao. */
export type SubnetSummary = {
  readonly netuid: number;
  /** Name of its identity, "" when it has none. */
  readonly name: string;
  readonly ownerColdkey: Hex;
  readonly ownerHotkey: Hex;
  /** Blocks between two epochs. */
  readonly tempo: number;
  readonly neurons: number;
  readonly maxNeurons: number;
  /** First block with emission; null until the owner's `startCall`. */
  readonly startedAt: number | null;
  /** Price of a registration. */
  readonly burnRao: bigint;
  /** TAO that was staked and not taken back, all stakers together; it lies in the subnet's account. */
  readonly stakedTaoRao: bigint;
};

/** Who owns a subnet. */
export type SubnetOwner = {
  readonly coldkey: Hex;
  /** Receives the owner's cut. */
  readonly hotkey: Hex;
};

/** Reads and calls of subnets. */
export type Subnets = {
  /** All subnets by netuid, without the root network. */
  subnets(at?: Hex): Promise<readonly SubnetSummary[]>;
  /** @throws ChainError subnet-missing */
  subnetOwner(netuid: number, at?: Hex): Promise<SubnetOwner>;
  /** The `additional` text of a subnet's identity, null when it has none: where a run names itself. */
  subnetIdentity(netuid: number, at?: Hex): Promise<string | null>;
  /** The whole identity: `setSubnetIdentity` replaces all of it. */
  identity(netuid: number, at?: Hex): Promise<StoredIdentity | null>;
  hyperparameters(netuid: number, at?: Hex): Promise<Hyperparameters>;
  emissionLedger(netuid: number, at?: Hex): Promise<EmissionLedger>;
  /** What an epoch reads beside metagraph and hyperparameters, of the uids whose hotkeys these are: their weights and bonds too. */
  epochTerms(netuid: number, hotkeys: readonly Hex[], at?: Hex): Promise<EpochTerms>;
  /** Children and parents of some hotkeys, in their order: an epoch reads them too. */
  kin(netuid: number, hotkeys: readonly Hex[], at?: Hex): Promise<readonly KinOf[]>;
  /** How much of each uid's weights the consensus of the last epoch kept, by uid, of 65535. */
  validatorTrust(netuid: number, at?: Hex): Promise<readonly number[]>;
  /** Block of the newest epoch that paid; 0 if there was none. */
  lastEpoch(netuid: number, at?: Hex): Promise<number>;
  /** Block of the next epoch; null for tempo 0 and where there is no such subnet. */
  nextEpoch(netuid: number, at?: Hex): Promise<number | null>;
  /** Rao that `registerNetwork` costs in the next block, beside the fee. */
  networkLockCost(at?: Hex): Promise<bigint>;
  /** Creates a subnet with `hotkey` as its uid 0. */
  registerNetwork(
    coldkey: Signer,
    hotkey: AccountText,
  ): Promise<Submitted & { readonly netuid: number }>;
  /** Lets a subnet emit from the next block on. */
  startCall(coldkey: Signer, netuid: number): Promise<Submitted>;
  setSubnetIdentity(
    coldkey: Signer,
    netuid: number,
    identity: calls.SubnetIdentity,
  ): Promise<Submitted>;
};

const networksAdded = flagItem("NetworksAdded");
const subnetOwner = accountItem("SubnetOwner");
const subnetOwnerHotkey = accountItem("SubnetOwnerHotkey");
const tempo = u16Item("Tempo");
const subnetworkN = u16Item("SubnetworkN");
const maxAllowedUids = u16Item("MaxAllowedUids");
const firstEmissionBlockNumber = countItem("FirstEmissionBlockNumber");
const burn = u64Item("Burn");
const subnetTao = u64Item("SubnetTAO");

/** Netuids in ascending order, without the root network. */
export async function readNetuids(state: ChainState, at: Hex): Promise<readonly number[]> {
  const keys = await state.keys(networksAdded, at);
  // The netuid is the end of its key, as it is (Identity).
  const named = keys
    .map((key) => Buffer.from(bytesOf(key)).readUInt16LE(bytesOf(key).length - 2))
    .filter((netuid) => netuid !== 0);
  const batch = state.batch();
  const flags = named.map((netuid) => [netuid, batch.askValue(networksAdded, netuid)] as const);
  await batch.read(at);
  return flags
    .filter(([, added]) => added())
    .map(([netuid]) => netuid)
    .toSorted((a, b) => a - b);
}

/** Block of a subnet's next epoch, as the runtime says: never computed here. */
export async function readNextEpoch(
  state: ChainState,
  netuid: number,
  at: Hex,
): Promise<number | null> {
  const name = "SubnetInfoRuntimeApi_get_next_epoch_start_block";
  const reader = await state.call(name, u16Bytes(netuid), at);
  return reader.bool() ? Number(reader.u64()) : null;
}

async function readSubnets(state: ChainState, at: Hex): Promise<readonly SubnetSummary[]> {
  const netuids = await readNetuids(state, at);
  const batch = state.batch();
  const answers = netuids.map((netuid) => ({
    netuid,
    identity: batch.ask(subnetIdentity, netuid),
    ownerColdkey: batch.askValue(subnetOwner, netuid),
    ownerHotkey: batch.askValue(subnetOwnerHotkey, netuid),
    tempo: batch.askValue(tempo, netuid),
    neurons: batch.askValue(subnetworkN, netuid),
    maxNeurons: batch.askValue(maxAllowedUids, netuid),
    startedAt: batch.ask(firstEmissionBlockNumber, netuid),
    burnRao: batch.askValue(burn, netuid),
    stakedTaoRao: batch.askValue(subnetTao, netuid),
  }));
  await batch.read(at);
  return answers.map((of) => ({
    netuid: of.netuid,
    name: of.identity()?.name ?? "",
    ownerColdkey: of.ownerColdkey(),
    ownerHotkey: of.ownerHotkey(),
    tempo: of.tempo(),
    neurons: of.neurons(),
    maxNeurons: of.maxNeurons(),
    startedAt: of.startedAt(),
    burnRao: of.burnRao(),
    stakedTaoRao: of.stakedTaoRao(),
  }));
}

/** The error of a subnet that is not there at a block; names those that are. */
export async function subnetMissing(
  state: ChainState,
  netuid: number,
  at: Hex,
): Promise<ChainError> {
  const known = await readNetuids(state, at).catch(() => undefined);
  return new ChainError({ code: "subnet-missing", netuid, ...(known !== undefined && { known }) });
}

async function readOwner(state: ChainState, netuid: number, at: Hex): Promise<SubnetOwner> {
  const batch = state.batch();
  const exists = batch.askValue(networksAdded, netuid);
  const coldkey = batch.askValue(subnetOwner, netuid);
  const hotkey = batch.askValue(subnetOwnerHotkey, netuid);
  await batch.read(at);
  if (!exists()) throw await subnetMissing(state, netuid, at);
  return { coldkey: coldkey(), hotkey: hotkey() };
}

async function registerNetwork(
  { submitter }: ClientParts,
  coldkey: Signer,
  hotkey: Hex,
): Promise<Submitted & { readonly netuid: number }> {
  const { block, events } = await submitter.submit(coldkey, calls.registerNetwork(hotkey));
  const added = events.find(({ name }) => name === "NetworkAdded");
  if (added === undefined)
    throw new ChainError({
      code: "runtime-incompatible",
      item: "event SubtensorModule.NetworkAdded",
      expected: "the netuid of the new subnet",
      found: "absent",
    });
  return { block, netuid: Number(added.data[0]) };
}

/** The group over a connected chain. */
export function subnetsOf(parts: ClientParts): Subnets {
  const { state } = parts;
  return {
    subnets: async (at) => readSubnets(state, await blockOf(state, at)),
    subnetOwner: async (netuid, at) => readOwner(state, netuid, await blockOf(state, at)),
    subnetIdentity: async (netuid, at) => {
      const identity = await readSubnetIdentity(state, { netuid, at: await blockOf(state, at) });
      return identity?.additional ?? null;
    },
    identity: async (netuid, at) =>
      readSubnetIdentity(state, { netuid, at: await blockOf(state, at) }),
    hyperparameters: async (netuid, at) =>
      readHyperparameters(state, { netuid, at: await blockOf(state, at) }),
    epochTerms: async (netuid, hotkeys, at) =>
      readEpochTerms(state, { netuid, hotkeys, at: await blockOf(state, at) }),
    kin: async (netuid, hotkeys, at) =>
      readKin(state, { netuid, hotkeys, at: await blockOf(state, at) }),
    emissionLedger: async (netuid, at) =>
      readEmissionLedger(state, { netuid, at: await blockOf(state, at) }),
    validatorTrust: async (netuid, at) =>
      readValidatorTrust(state, netuid, await blockOf(state, at)),
    lastEpoch: async (netuid, at) => readLastEpoch(state, netuid, await blockOf(state, at)),
    nextEpoch: async (netuid, at) => readNextEpoch(state, netuid, await blockOf(state, at)),
    networkLockCost: async (at) => {
      const name = "SubnetRegistrationRuntimeApi_get_network_registration_cost";
      return (await state.call(name, new Uint8Array(), await blockOf(state, at))).u64();
    },
    registerNetwork: async (coldkey, hotkey) =>
      registerNetwork(parts, coldkey, publicKeyOf(hotkey)),
    startCall: async (coldkey, netuid) => submitted(parts, coldkey, calls.startCall(netuid)),
    setSubnetIdentity: async (coldkey, netuid, identity) =>
      submitted(parts, coldkey, calls.setSubnetIdentity(netuid, identity)),
  };
}
