/** @file Stake: alpha of a coldkey on a hotkey, and what a validator permit asks for. */
import { ChainError } from "../errors.ts";
import { publicKeyOf } from "../wallet/account.ts";
import { type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import * as calls from "./calls.ts";
import { askFreshRao } from "./fresh-stake.ts";
import { type MetagraphReader, type Neuron } from "./metagraph.ts";
import { type AccountText, blockOf, type ClientParts, type Submitted, submitted } from "./parts.ts";
import { type ScaleReader } from "./scale.ts";
import { accountsItem, subtensorItem, u16Item, u64Item } from "./storage-item.ts";
import { readNetuids, readNextEpoch } from "./subnets.ts";

/** An amount to move between a coldkey's balance and its stake on a hotkey. */
export type StakeChange = {
  readonly netuid: number;
  readonly hotkey: AccountText;
  readonly amountRao: bigint;
};

/** Where stake goes. */
export type StakeTarget = Omit<StakeChange, "amountRao">;

/** Alpha that a coldkey holds on one hotkey. */
export type Stake = { readonly hotkey: Hex; readonly netuid: number; readonly stakeRao: bigint };

/** What a hotkey has and needs for a validator permit. */
export type PermitNeed = {
  /** Whether it may set weights now. */
  readonly permitted: boolean;
  /** Alpha on the hotkey, whoever staked it. */
  readonly stakeRao: bigint;
  /** Least alpha with which the next epoch permits it, if all others stay as they are. */
  readonly neededRao: bigint;
  /** Least amount that `addStake` has to bring; 0 when the stake is enough and only the epoch is missing. */
  readonly missingRao: bigint;
  /** Alpha of the other permitted and active hotkeys: consensus follows more than half of all that counts. */
  readonly othersRao: bigint;
  /**
   * Block of the epoch that gives the permit once the stake is there: the next one, or the one after it if stake that came
   * since the last one is needed. Null when none is due ever (tempo 0).
   */
  readonly permitEpoch: number | null;
};

/** Reads and calls of stake. Amounts are rao. */
export type Staking = {
  /** Alpha of a coldkey on a hotkey. @throws ChainError invalid-address, runtime-incompatible */
  stakeOf(coldkey: AccountText, hotkey: AccountText, netuid: number, at?: Hex): Promise<bigint>;
  /** All alpha of a coldkey, by hotkey and then netuid; none that are 0. */
  stakesOf(coldkey: AccountText, at?: Hex): Promise<readonly Stake[]>;
  /**
   * What a validator without a permit needs. Counts alpha alone, as Assay's runtime does; Bittensor's adds the
   * weight of root stake and of children.
   * @throws ChainError subnet-missing, invalid-address
   */
  stakeForPermit(netuid: number, hotkey: AccountText, at?: Hex): Promise<PermitNeed>;
  addStake(coldkey: Signer, stake: StakeChange): Promise<Submitted>;
  /** Takes the principal out first, then what was earned, as far as the subnet's pot goes. */
  removeStake(coldkey: Signer, stake: StakeChange): Promise<Submitted>;
  /** To another hotkey or subnet; to another subnet only what `removeStake` would pay. */
  moveStake(coldkey: Signer, stake: StakeChange, to: StakeTarget): Promise<Submitted>;
  /** To another coldkey on the same hotkey, principal and all. */
  transferStake(coldkey: Signer, stake: StakeChange, to: AccountText): Promise<Submitted>;
};

/** The runtime refuses to add less, and to remove less unless that is all. */
export const MIN_STAKE_RAO = 2_000_000n;

/** A number of shares: mantissa * 10^exponent. */
export type Shares = { readonly mantissa: bigint; readonly exponent: bigint };

/** Parts of a rao below which a difference is the chain's own rounding (10^-15 rao a call on Assay's). */
const ROUNDING_PARTS = 1_000_000_000n;

/** Exponents further apart than this would be no number of shares of anything that exists. */
const MOST_DIGITS = 64n;

function sharesOf(reader: ScaleReader): Shares {
  return { mantissa: reader.u128(), exponent: BigInt.asIntN(64, reader.u64()) };
}

const SHARES_SHAPE = "{mantissa:u128,exponent:i64}";
const stakingHotkeys = accountsItem("StakingHotkeys");
const alphaShares = subtensorItem("AlphaV2", SHARES_SHAPE, sharesOf);
const hotkeyShares = subtensorItem("TotalHotkeySharesV2", SHARES_SHAPE, sharesOf);
const totalHotkeyAlpha = u64Item("TotalHotkeyAlpha");
const stakeThreshold = u64Item("StakeThreshold");
const maxAllowedValidators = u16Item("MaxAllowedValidators");
const tempo = u16Item("Tempo");

/**
 * The part of a hotkey's alpha that belongs to `own` of its `all` shares, truncated to a rao; a billionth of a rao that is
 * missing to a whole one is rounding.
 * @throws ChainError runtime-incompatible when the numbers cannot belong together
 */
export function alphaOfShares(own: Shares, all: Shares, totalRao: bigint): bigint {
  if (own.mantissa === 0n || all.mantissa === 0n) return 0n;
  const digits = own.exponent - all.exponent;
  if (digits < -MOST_DIGITS) return 0n;
  if (digits > MOST_DIGITS)
    throw new ChainError({
      code: "runtime-incompatible",
      item: "storage SubtensorModule.AlphaV2",
      expected: "shares of the hotkey's",
      found: `10^${digits} times as many`,
    });
  const more = digits > 0n ? 10n ** digits : 1n;
  const less = digits < 0n ? 10n ** -digits : 1n;
  const whole = all.mantissa * less;
  return (totalRao * own.mantissa * more * ROUNDING_PARTS + whole) / (whole * ROUNDING_PARTS);
}

/** Alpha of a coldkey in some places; 0 where it has none. */
export async function readStakes(
  { state }: ClientParts,
  coldkey: Hex,
  places: readonly Omit<Stake, "stakeRao">[],
  at: Hex,
): Promise<readonly Stake[]> {
  const batch = state.batch();
  const answers = places.map(({ hotkey, netuid }) => ({
    hotkey,
    netuid,
    own: batch.askValue(alphaShares, hotkey, coldkey, netuid),
    all: batch.askValue(hotkeyShares, hotkey, netuid),
    total: batch.askValue(totalHotkeyAlpha, hotkey, netuid),
  }));
  await batch.read(at);
  return answers.map(({ hotkey, netuid, own, all, total }) => ({
    hotkey,
    netuid,
    stakeRao: alphaOfShares(own(), all(), total()),
  }));
}

async function readStakesOf(parts: ClientParts, coldkey: Hex, at: Hex): Promise<readonly Stake[]> {
  const batch = parts.state.batch();
  const hotkeys = batch.askValue(stakingHotkeys, coldkey);
  const [netuids] = await Promise.all([readNetuids(parts.state, at), batch.read(at)]);
  const places = hotkeys().flatMap((hotkey) => netuids.map((netuid) => ({ hotkey, netuid })));
  const stakes = await readStakes(parts, coldkey, places, at);
  return stakes.filter(({ stakeRao }) => stakeRao > 0n);
}

/** Rules of a subnet that decide who is permitted. */
export type PermitRules = {
  readonly ownerHotkey: Hex;
  /** Permits there are; the owner's is beyond them if its stake gives it none. */
  readonly maxAllowedValidators: number;
  /** Stake below this counts as none, except the owner's. */
  readonly stakeThresholdRao: bigint;
};

/** What `hotkey` needs among `neurons`; when epochs are is not part of it. */
export function permitNeed(
  hotkey: Hex,
  neurons: readonly Pick<Neuron, "hotkey" | "stakeRao" | "validatorPermit" | "active">[],
  rules: PermitRules,
): Omit<PermitNeed, "permitEpoch"> {
  const threshold = rules.stakeThresholdRao;
  const own = neurons.find((neuron) => neuron.hotkey === hotkey);
  const others = neurons.filter((neuron) => neuron.hotkey !== hotkey);
  const counting = others
    .filter((one) => one.hotkey === rules.ownerHotkey || one.stakeRao >= threshold)
    .map((one) => one.stakeRao)
    .filter((rao) => rao > 0n)
    .toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  // Whoever has as much and a lower uid would lose the tie.
  const last = counting[rules.maxAllowedValidators - 1];
  const toBeat = last === undefined ? MIN_STAKE_RAO : last + 1n;
  const needed = hotkey === rules.ownerHotkey ? 0n : toBeat > threshold ? toBeat : threshold;
  const stakeRao = own?.stakeRao ?? 0n;
  const short = needed > stakeRao ? needed - stakeRao : 0n;
  return {
    permitted: own?.validatorPermit ?? false,
    stakeRao,
    neededRao: needed,
    missingRao: short > 0n && short < MIN_STAKE_RAO ? MIN_STAKE_RAO : short,
    othersRao: others
      .filter((one) => one.validatorPermit && one.active)
      .reduce((sum, one) => sum + one.stakeRao, 0n),
  };
}

async function readPermitNeed(
  { state }: ClientParts,
  graphs: MetagraphReader,
  { netuid, hotkey, at }: { readonly netuid: number; readonly hotkey: Hex; readonly at: Hex },
): Promise<PermitNeed> {
  const batch = state.batch();
  const threshold = batch.askValue(stakeThreshold);
  const seats = batch.askValue(maxAllowedValidators, netuid);
  const fresh = askFreshRao(batch, netuid, [hotkey]);
  const blocks = batch.askValue(tempo, netuid);
  const [{ neurons, ownerHotkey }, nextEpoch] = await Promise.all([
    graphs.metagraph(netuid, at),
    readNextEpoch(state, netuid, at),
    batch.read(at),
  ]);
  const rules = {
    ownerHotkey,
    maxAllowedValidators: seats(),
    stakeThresholdRao: threshold(),
  };
  const need = permitNeed(hotkey, neurons, rules);
  const counted = need.stakeRao - (fresh()[0] ?? 0n);
  const later = counted < need.neededRao ? blocks() : 0;
  return { ...need, permitEpoch: nextEpoch === null ? null : nextEpoch + later };
}

/** The group over a connected chain. */
export function stakingOf(parts: ClientParts, graphs: MetagraphReader): Staking {
  const { state } = parts;
  return {
    stakeOf: async (coldkey, hotkey, netuid, at) => {
      const places = [{ hotkey: publicKeyOf(hotkey), netuid }];
      const block = await blockOf(state, at);
      const [stake] = await readStakes(parts, publicKeyOf(coldkey), places, block);
      return stake?.stakeRao ?? 0n;
    },
    stakesOf: async (coldkey, at) =>
      readStakesOf(parts, publicKeyOf(coldkey), await blockOf(state, at)),
    stakeForPermit: async (netuid, hotkey, at) =>
      readPermitNeed(parts, graphs, {
        netuid,
        hotkey: publicKeyOf(hotkey),
        at: await blockOf(state, at),
      }),
    addStake: async (coldkey, { hotkey, netuid, amountRao }) =>
      submitted(parts, coldkey, calls.addStake(publicKeyOf(hotkey), netuid, amountRao)),
    removeStake: async (coldkey, { hotkey, netuid, amountRao }) =>
      submitted(parts, coldkey, calls.removeStake(publicKeyOf(hotkey), netuid, amountRao)),
    moveStake: async (coldkey, { hotkey, netuid, amountRao }, to) => {
      const from = { hotkey: publicKeyOf(hotkey), netuid };
      const target = { hotkey: publicKeyOf(to.hotkey), netuid: to.netuid };
      return submitted(parts, coldkey, calls.moveStake(from, target, amountRao));
    },
    transferStake: async (coldkey, { hotkey, netuid, amountRao }, to) => {
      const place = { hotkey: publicKeyOf(hotkey), netuid };
      return submitted(parts, coldkey, calls.transferStake(publicKeyOf(to), place, amountRao));
    },
  };
}
