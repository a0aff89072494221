/** @file What an epoch reads beside metagraph and hyperparameters, and what weights stand on the chain. */
import { type Hex } from "../wallet/hex.ts";
import { askFreshRao } from "./fresh-stake.ts";
import { type ScaleReader } from "./scale.ts";
import { type ChainState } from "./state.ts";
import { countItem, flagItem, subtensorItem, u16Item, u64Item, vecItem } from "./storage-item.ts";

/** (uid, u16) as the chain stores them. */
type UidValues = readonly (readonly [uid: number, value: number])[];

/** The rest of an epoch's input, in the state of one block. Lists are by uid. */
export type EpochTerms = {
  readonly weights: readonly UidValues[];
  readonly bonds: readonly UidValues[];
  /** Block of the last epoch; 0 if there was none. */
  readonly lastEpoch: number;
  readonly stakeThresholdRao: bigint;
  /** Of each hotkey's alpha, what the next epoch does not count since it came after the last one. */
  readonly freshRao: readonly bigint[];
  /** The owner's share of an emission, of 65535; 0 where it is switched off. */
  readonly ownerCut: number;
  /** In hundredths. */
  readonly alphaSteepness: number;
  /** Whether every block issues alpha. */
  readonly emits: boolean;
};

const pairs = (reader: ScaleReader): UidValues =>
  reader.vec((one) => [one.u16(), one.u16()] as const);

/** A u16 read as the i16 with the same bits. */
const signed = (value: number): number => (value < 0x80_00 ? value : value - 0x1_00_00);

const weights = subtensorItem("Weights", "Vec<(u16,u16)>", pairs);
const bonds = subtensorItem("Bonds", "Vec<(u16,u16)>", pairs);
const lastMechanismStep = countItem("LastMechansimStepBlock");
const stakeThreshold = u64Item("StakeThreshold");
const subnetOwnerCut = u16Item("SubnetOwnerCut");
const firstEmission = countItem("FirstEmissionBlockNumber");
const ownerCutEnabled = flagItem("OwnerCutEnabled");
const subtokenEnabled = flagItem("SubtokenEnabled");
const emissionEnabled = flagItem("SubnetEmissionEnabled");
const steepness = subtensorItem("AlphaSigmoidSteepness", "i16", (reader) => signed(reader.u16()));

const validatorTrust = vecItem("ValidatorTrust", "u16", (reader) => reader.u16());

/** How much of each uid's weights the consensus of the last epoch kept, by uid, of 65535. @throws ChainError rpc-failed */
export async function readValidatorTrust(
  state: ChainState,
  netuid: number,
  at: Hex,
): Promise<readonly number[]> {
  const batch = state.batch();
  const trusts = batch.askValue(validatorTrust, netuid);
  await batch.read(at);
  return trusts();
}

/** Block of the newest epoch that paid, 0 if there was none. @throws ChainError rpc-failed */
export async function readLastEpoch(state: ChainState, netuid: number, at: Hex): Promise<number> {
  const batch = state.batch();
  const last = batch.askValue(lastMechanismStep, netuid);
  await batch.read(at);
  return last();
}

/** The terms at a block, of a subnet's first mechanism and its uids' `hotkeys`. @throws ChainError runtime-incompatible, rpc-failed */
export async function readEpochTerms(
  state: ChainState,
  about: { readonly netuid: number; readonly hotkeys: readonly Hex[]; readonly at: Hex },
): Promise<EpochTerms> {
  const { netuid, at } = about;
  const batch = state.batch();
  const uids = about.hotkeys.map((_, uid) => uid);
  const fresh = askFreshRao(batch, netuid, about.hotkeys);
  // The storage index of the first mechanism is the netuid itself.
  const rows = uids.map((uid) => batch.askValue(weights, netuid, uid));
  const held = uids.map((uid) => batch.askValue(bonds, netuid, uid));
  const lastEpoch = batch.askValue(lastMechanismStep, netuid);
  const threshold = batch.askValue(stakeThreshold);
  const ownerCut = batch.askValue(subnetOwnerCut);
  const cutEnabled = batch.askValue(ownerCutEnabled, netuid);
  const startedAt = batch.ask(firstEmission, netuid);
  const flags = [subtokenEnabled, emissionEnabled].map((item) => batch.askValue(item, netuid));
  const alphaSteepness = batch.askValue(steepness, netuid);
  await batch.read(at);
  return {
    weights: rows.map((row) => row()),
    bonds: held.map((row) => row()),
    lastEpoch: lastEpoch(),
    stakeThresholdRao: threshold(),
    freshRao: fresh(),
    ownerCut: cutEnabled() ? ownerCut() : 0,
    alphaSteepness: alphaSteepness(),
    emits: startedAt() !== null && flags.every((flag) => flag()),
  };
}
