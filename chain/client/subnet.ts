/** @file A subnet apart from its neurons: identity, ledger of its alpha, hyperparameters. */
import { type Hex } from "../wallet/hex.ts";
import { type SubnetIdentity } from "./calls.ts";
import { type ScaleReader } from "./scale.ts";
import { type ChainState } from "./state.ts";
import {
  countItem,
  flagItem,
  type StorageItem,
  subtensorItem,
  u16Item,
  u32Item,
  u64Item,
} from "./storage-item.ts";

const IDENTITY_SHAPE = [
  "subnet_name",
  "github_repo",
  "subnet_contact",
  "subnet_url",
  "discord",
  "description",
  "logo_url",
  "additional",
].map((field) => `${field}:Vec<u8>`);

/** Identity of a subnet, with "" for what its owner left out. */
export type StoredIdentity = Readonly<Required<SubnetIdentity>>;

function textOf(reader: ScaleReader): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(reader.blob());
}

/** Item holding the identity of a subnet. */
export const subnetIdentity = subtensorItem(
  "SubnetIdentitiesV3",
  `{${IDENTITY_SHAPE.join(",")}}`,
  // The order of the properties is that of SCALE.
  (reader): StoredIdentity => ({
    name: textOf(reader),
    githubRepo: textOf(reader),
    contact: textOf(reader),
    url: textOf(reader),
    discord: textOf(reader),
    description: textOf(reader),
    logoUrl: textOf(reader),
    additional: textOf(reader),
  }),
);

/** The identity of a subnet, null when it has none. `additional` is where a run names itself. */
export async function readSubnetIdentity(
  state: ChainState,
  { netuid, at }: SubnetAt,
): Promise<StoredIdentity | null> {
  const batch = state.batch();
  const stored = batch.ask(subnetIdentity, netuid);
  await batch.read(at);
  return stored();
}

/**
 * Where a subnet's alpha went, in rao, since its first block.
 * issued = paidNeurons + paidOwner + burned + carried + the three pending amounts, exactly.
 */
export type EmissionLedger = {
  readonly issuedRao: bigint;
  readonly pendingMinersRao: bigint;
  readonly pendingValidatorsRao: bigint;
  readonly pendingOwnerRao: bigint;
  readonly paidNeuronsRao: bigint;
  readonly paidOwnerRao: bigint;
  /** Left by truncation, goes into the next epoch's miner pool. */
  readonly carriedRao: bigint;
  /** Nobody received it: miner emission to hotkeys of the subnet's owner, and all of the epochs without incentives. */
  readonly burnedRao: bigint;
};

/** The last four exist on Assay's own runtime only. */
const LEDGER = {
  issuedRao: u64Item("SubnetAlphaOut"),
  pendingMinersRao: u64Item("PendingServerEmission"),
  pendingValidatorsRao: u64Item("PendingValidatorEmission"),
  pendingOwnerRao: u64Item("PendingOwnerCut"),
  paidNeuronsRao: u64Item("PaidToNeurons"),
  paidOwnerRao: u64Item("PaidToOwner"),
  carriedRao: u64Item("CarriedEmission"),
  burnedRao: u64Item("BurnedEmission"),
};

const PARAMETERS = {
  tempo: u16Item("Tempo"),
  immunityPeriod: u16Item("ImmunityPeriod"),
  minAllowedWeights: u16Item("MinAllowedWeights"),
  maxAllowedUids: u16Item("MaxAllowedUids"),
  maxAllowedValidators: u16Item("MaxAllowedValidators"),
  weightsRateLimit: countItem("WeightsSetRateLimit"),
  servingRateLimit: countItem("ServingRateLimit"),
  activityCutoffFactorMilli: u32Item("ActivityCutoffFactorMilli"),
  rho: u16Item("Rho"),
  kappa: u16Item("Kappa"),
  bondsPenalty: u16Item("BondsPenalty"),
  bondsMovingAverage: countItem("BondsMovingAverage"),
  revealPeriodEpochs: countItem("RevealPeriodEpochs"),
  weightsVersion: u64Item("WeightsVersionKey"),
  burnRao: u64Item("Burn"),
  minBurnRao: u64Item("MinBurn"),
  maxBurnRao: u64Item("MaxBurn"),
  commitRevealEnabled: flagItem("CommitRevealWeightsEnabled"),
  liquidAlphaEnabled: flagItem("LiquidAlphaOn"),
  yuma3Enabled: flagItem("Yuma3On"),
  registrationAllowed: flagItem("NetworkRegistrationAllowed"),
  alphaValues: subtensorItem("AlphaValues", "(u16,u16)", (reader): readonly [number, number] => [
    reader.u16(),
    reader.u16(),
  ]),
};

type ValuesOf<Items> = {
  readonly [Name in keyof Items]: Items[Name] extends StorageItem<infer T> ? T : never;
};

/**
 * Hyperparameters of a subnet. Periods and rate limits are blocks; rho is a plain number; kappa, bondsPenalty and
 * alphaValues (low, high) are parts of 65535; bondsMovingAverage is parts of a million.
 */
export type Hyperparameters = ValuesOf<typeof PARAMETERS>;

/** Where to read: a subnet in the state of a block. */
export type SubnetAt = { readonly netuid: number; readonly at: Hex };

type Reading = <T>(item: StorageItem<T>) => T;

/** Reads items of one subnet with one question; the result gives each its value. */
async function readItems(
  state: ChainState,
  items: readonly StorageItem<unknown>[],
  { netuid, at }: SubnetAt,
): Promise<Reading> {
  const batch = state.batch();
  for (const item of items) batch.askValue(item, netuid);
  await batch.read(at);
  return (item) => batch.askValue(item, netuid)();
}

/**
 * The ledger of a subnet's alpha.
 * @throws ChainError chain-unreachable, rpc-failed, runtime-incompatible (a runtime that keeps no such ledger)
 */
export async function readEmissionLedger(
  state: ChainState,
  where: SubnetAt,
): Promise<EmissionLedger> {
  const of = await readItems(state, Object.values(LEDGER), where);
  return {
    issuedRao: of(LEDGER.issuedRao),
    pendingMinersRao: of(LEDGER.pendingMinersRao),
    pendingValidatorsRao: of(LEDGER.pendingValidatorsRao),
    pendingOwnerRao: of(LEDGER.pendingOwnerRao),
    paidNeuronsRao: of(LEDGER.paidNeuronsRao),
    paidOwnerRao: of(LEDGER.paidOwnerRao),
    carriedRao: of(LEDGER.carriedRao),
    burnedRao: of(LEDGER.burnedRao),
  };
}

/** @throws ChainError chain-unreachable, rpc-failed, runtime-incompatible */
export async function readHyperparameters(
  state: ChainState,
  where: SubnetAt,
): Promise<Hyperparameters> {
  const of = await readItems(state, Object.values(PARAMETERS), where);
  return {
    tempo: of(PARAMETERS.tempo),
    immunityPeriod: of(PARAMETERS.immunityPeriod),
    minAllowedWeights: of(PARAMETERS.minAllowedWeights),
    maxAllowedUids: of(PARAMETERS.maxAllowedUids),
    maxAllowedValidators: of(PARAMETERS.maxAllowedValidators),
    weightsRateLimit: of(PARAMETERS.weightsRateLimit),
    servingRateLimit: of(PARAMETERS.servingRateLimit),
    activityCutoffFactorMilli: of(PARAMETERS.activityCutoffFactorMilli),
    rho: of(PARAMETERS.rho),
    kappa: of(PARAMETERS.kappa),
    bondsPenalty: of(PARAMETERS.bondsPenalty),
    bondsMovingAverage: of(PARAMETERS.bondsMovingAverage),
    revealPeriodEpochs: of(PARAMETERS.revealPeriodEpochs),
    weightsVersion: of(PARAMETERS.weightsVersion),
    burnRao: of(PARAMETERS.burnRao),
    minBurnRao: of(PARAMETERS.minBurnRao),
    maxBurnRao: of(PARAMETERS.maxBurnRao),
    commitRevealEnabled: of(PARAMETERS.commitRevealEnabled),
    liquidAlphaEnabled: of(PARAMETERS.liquidAlphaEnabled),
    yuma3Enabled: of(PARAMETERS.yuma3Enabled),
    registrationAllowed: of(PARAMETERS.registrationAllowed),
    alphaValues: of(PARAMETERS.alphaValues),
  };
}
