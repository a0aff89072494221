/** @file Hyperparameters that a subnet's owner sets: how each is read, which call sets it, and how its changes are counted. */
import { type Hex, hexOf } from "../wallet/hex.ts";
import { type ScaleReader } from "./scale.ts";
import {
  accountItem,
  countItem,
  flagItem,
  type StorageItem,
  subtensorItem,
  u16Item,
  u32Item,
  u64Item,
} from "./storage-item.ts";
import { type CallSpec } from "./sign.ts";

/** Value of a parameter. Fixed-point numbers are bits, choices their names. */
export type ParameterValue = string | number | bigint | boolean | readonly number[];

/** How often an owner may change it: counted by subnet and number, by the owner's account and kind, or not at all. */
export type Counted =
  | { readonly by: "subnet"; readonly key: number }
  | { readonly by: "account"; readonly kind: number }
  | { readonly by: "owner-hotkey" }
  | null;

/** What there is to know about a parameter. */
export type Parameter = {
  readonly item: StorageItem<ParameterValue>;
  readonly pallet: "AdminUtils" | "SubtensorModule";
  readonly call: string;
  readonly counted: Counted;
  /** Whether the absence of the item is a value: an empty list. */
  readonly optional?: true;
  /** Arguments after the netuid. */
  readonly args: (value: ParameterValue) => readonly unknown[];
};

const plain = (value: ParameterValue): readonly unknown[] => [value];

function admin(item: StorageItem<ParameterValue>, call: string, key: number): Parameter {
  const counted = { by: "subnet", key } as const;
  return { item, pallet: "AdminUtils", call: `sudo_set_${call}`, counted, args: plain };
}

const CHOICES = ["Burn", "Recycle"];
const KINDS = { weightsVersion: 4, mechanisms: 7, mechanismShares: 8, tempo: 11 };

const choice = (reader: ScaleReader): string => CHOICES[reader.u8()] ?? "";
const pair = (reader: ScaleReader): readonly number[] => [reader.u16(), reader.u16()];
const signed = (value: number): number => (value < 0x80_00 ? value : value - 0x1_00_00);
const spread = (value: ParameterValue): readonly unknown[] => (Array.isArray(value) ? value : []);
const bits = (value: ParameterValue): readonly unknown[] => [{ bits: value }];
const byAccount = (kind: number): Counted => ({ by: "account", kind });

/** Every parameter, in an order in which one allows the next. Numbers are upstream's of its enum Hyperparameter. */
const OWNER_PARAMETERS = {
  tempo: {
    item: u16Item("Tempo"),
    pallet: "SubtensorModule",
    call: "set_tempo",
    counted: byAccount(KINDS.tempo),
    args: plain,
  },
  activityCutoffFactorMilli: {
    item: u32Item("ActivityCutoffFactorMilli"),
    pallet: "SubtensorModule",
    call: "set_activity_cutoff_factor",
    counted: { by: "subnet", key: 30 },
    args: plain,
  },
  immunityPeriod: admin(u16Item("ImmunityPeriod"), "immunity_period", 5),
  servingRateLimit: admin(countItem("ServingRateLimit"), "serving_rate_limit", 1),
  maxAllowedUids: admin(u16Item("MaxAllowedUids"), "max_allowed_uids", 25),
  ownerHotkey: {
    item: accountItem("SubnetOwnerHotkey"),
    pallet: "AdminUtils",
    call: "sudo_set_subnet_owner_hotkey",
    counted: { by: "owner-hotkey" },
    args: plain,
  },
  ownerCut: { ...admin(flagItem("OwnerCutEnabled"), "owner_cut_enabled", 0), counted: null },
  ownerCutAutoLock: {
    ...admin(flagItem("OwnerCutAutoLockEnabled"), "owner_cut_auto_lock_enabled", 0),
    counted: null,
  },
  ownerImmuneUids: admin(u16Item("ImmuneOwnerUidsLimit"), "owner_immune_neuron_limit", 23),
  recycleOrBurn: admin(
    subtensorItem("RecycleOrBurn", "enum RecycleOrBurnEnum", choice),
    "recycle_or_burn",
    24,
  ),
  transfers: { ...admin(flagItem("TransferToggle"), "toggle_transfer", 19) },
  minAllowedWeights: admin(u16Item("MinAllowedWeights"), "min_allowed_weights", 6),
  weightsVersion: {
    ...admin(countItem("WeightsVersionKey"), "weights_version_key", 0),
    counted: byAccount(KINDS.weightsVersion),
  },
  commitReveal: admin(flagItem("CommitRevealWeightsEnabled"), "commit_reveal_weights_enabled", 15),
  revealPeriodEpochs: admin(countItem("RevealPeriodEpochs"), "commit_reveal_weights_interval", 18),
  activityCutoff: admin(u16Item("ActivityCutoff"), "activity_cutoff", 9),
  bondsMovingAverage: admin(countItem("BondsMovingAverage"), "bonds_moving_average", 13),
  bondsPenalty: admin(u16Item("BondsPenalty"), "bonds_penalty", 14),
  bondsReset: admin(flagItem("BondsResetOn"), "bonds_reset_enabled", 22),
  yuma3: admin(flagItem("Yuma3On"), "yuma3_enabled", 21),
  liquidAlpha: admin(flagItem("LiquidAlphaOn"), "liquid_alpha_enabled", 16),
  alphaValues: {
    ...admin(subtensorItem("AlphaValues", "(u16,u16)", pair), "alpha_values", 17),
    args: spread,
  },
  alphaSteepness: admin(
    subtensorItem("AlphaSigmoidSteepness", "i16", (reader) => signed(reader.u16())),
    "alpha_sigmoid_steepness",
    20,
  ),
  rho: admin(u16Item("Rho"), "rho", 8),
  minBurnRao: admin(u64Item("MinBurn"), "min_burn", 11),
  maxBurnRao: admin(u64Item("MaxBurn"), "max_burn", 12),
  burnHalfLife: admin(u16Item("BurnHalfLife"), "burn_half_life", 26),
  burnIncrease: {
    ...admin(
      subtensorItem("BurnIncreaseMult", "u128", (reader) => reader.u128()),
      "burn_increase_mult",
      27,
    ),
    args: bits,
  },
  maxDifficulty: admin(u64Item("MaxDifficulty"), "max_difficulty", 2),
  adjustmentAlpha: admin(u64Item("AdjustmentAlpha"), "adjustment_alpha", 3),
  minChildkeyTake: admin(u16Item("MinChildkeyTakePerSubnet"), "min_childkey_take_per_subnet", 29),
  mechanisms: {
    ...admin(
      subtensorItem("MechanismCountCurrent", "u8", (reader) => reader.u8()),
      "mechanism_count",
      0,
    ),
    counted: byAccount(KINDS.mechanisms),
  },
  mechanismShares: {
    ...admin(
      subtensorItem("MechanismEmissionSplit", "Vec<u16>", (reader) =>
        reader.vec((one) => one.u16()),
      ),
      "mechanism_emission_split",
      0,
    ),
    counted: byAccount(KINDS.mechanismShares),
    optional: true,
    args: (value) => [Array.isArray(value) && value.length > 0 ? value : null],
  },
} as const satisfies Readonly<Record<string, Parameter>>;

/** Name of a parameter. */
export type ParameterName = keyof typeof OWNER_PARAMETERS;

const isName = (name: string): name is ParameterName => name in OWNER_PARAMETERS;

/** All of them, in that order. */
export const OWNER_PARAMETER_NAMES: readonly ParameterName[] =
  Object.keys(OWNER_PARAMETERS).filter(isName);

/** A parameter by its name, with the most general types. */
export function parameterNamed(name: ParameterName): Parameter {
  return OWNER_PARAMETERS[name];
}

/** The call that sets it. */
export function parameterCall(
  netuid: number,
  name: ParameterName,
  value: ParameterValue,
): CallSpec {
  const { pallet, call, args } = parameterNamed(name);
  return { pallet, name: call, args: [netuid, ...args(value)] };
}

/** Key of `LastRateLimitedBlock` under which changes of a parameter of a subnet are counted. */
export function limitKey(netuid: number, counted: Counted): Hex | null {
  const subnet = [netuid & 0xff, netuid >> 8];
  if (counted?.by === "subnet") return hexOf(Uint8Array.from([1, ...subnet, counted.key]));
  return counted?.by === "owner-hotkey" ? hexOf(Uint8Array.from([0, ...subnet])) : null;
}
