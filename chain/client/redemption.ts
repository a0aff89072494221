/** @file What stake is worth in TAO: a position's principal, and the pot of its subnet that pays for earned alpha. */
import { publicKeyOf } from "../wallet/account.ts";
import { type Hex, hexOf } from "../wallet/hex.ts";
import { existentialDeposit, freeBalance } from "./accounts.ts";
import { type AccountText, blockOf, type ClientParts } from "./parts.ts";
import { u16Bytes } from "./scale.ts";
import { readStakes } from "./staking.ts";
import { type ChainState } from "./state.ts";
import { u64Item } from "./storage-item.ts";
import { subnetMissing } from "./subnets.ts";

/** A coldkey's stake on a hotkey and what unstaking would pay for it now, in rao. */
type Redeemable = {
  /** Alpha, staked and earned. */
  readonly stakeRao: bigint;
  /** TAO that was staked and not taken back: nobody else can withdraw it. */
  readonly principalRao: bigint;
  /** The principal, and as much of what was earned as the subnet's pot pays. */
  readonly redeemableRao: bigint;
};

/** Reads of what stands behind stake, on Assay's own runtime only. */
export type Redemption = {
  /**
   * Account that holds a subnet's TAO. A transfer to it fills the pot.
   * @throws ChainError subnet-missing
   */
  subnetAccount(netuid: number, at?: Hex): Promise<Hex>;
  /** TAO that pays for earned alpha. @throws ChainError subnet-missing */
  subnetPot(netuid: number, at?: Hex): Promise<bigint>;
  /** @throws ChainError subnet-missing, invalid-address, runtime-incompatible (another runtime) */
  redeemable(
    coldkey: AccountText,
    hotkey: AccountText,
    netuid: number,
    at?: Hex,
  ): Promise<Redeemable>;
};

const subnetTao = u64Item("SubnetTAO");
const principal = u64Item("Principal");

async function readAccount(state: ChainState, netuid: number, at: Hex): Promise<Hex> {
  const name = "SubnetInfoRuntimeApi_get_subnet_account_id";
  const reader = await state.call(name, u16Bytes(netuid), at);
  if (!reader.bool()) throw await subnetMissing(state, netuid, at);
  return hexOf(reader.bytes(32));
}

/** What the subnet's account holds above its own deposit and all principals. */
async function readPot(state: ChainState, netuid: number, at: Hex): Promise<bigint> {
  const owner = await readAccount(state, netuid, at);
  const deposit = state.runtime.constant(existentialDeposit);
  const batch = state.batch();
  const free = batch.askValue(freeBalance, owner);
  const principals = batch.askValue(subnetTao, netuid);
  await batch.read(at);
  const above = free() - deposit - principals();
  return above > 0n ? above : 0n;
}

/** The group over a connected chain. */
export function redemptionOf(parts: ClientParts): Redemption {
  const { state } = parts;
  return {
    subnetAccount: async (netuid, at) => readAccount(state, netuid, await blockOf(state, at)),
    subnetPot: async (netuid, at) => readPot(state, netuid, await blockOf(state, at)),
    redeemable: async (coldkey, hotkey, netuid, at) => {
      const block = await blockOf(state, at);
      const [owner, on] = [publicKeyOf(coldkey), publicKeyOf(hotkey)];
      const batch = state.batch();
      const own = batch.askValue(principal, on, owner, netuid);
      const [pot, stakes] = await Promise.all([
        readPot(state, netuid, block),
        readStakes(parts, owner, [{ hotkey: on, netuid }], block),
        batch.read(block),
      ]);
      // Never less than the principal, as the runtime has it.
      const shares = stakes[0]?.stakeRao ?? 0n;
      const stakeRao = shares > own() ? shares : own();
      const earnedRao = stakeRao - own();
      const paidRao = earnedRao < pot ? earnedRao : pot;
      return { stakeRao, principalRao: own(), redeemableRao: own() + paidRao };
    },
  };
}
