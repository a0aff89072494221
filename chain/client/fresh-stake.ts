/** @file Stake that is too new for the next epoch, which counts what has lain on a hotkey since the one before (docs/chain.md#6-consensus). */
import { type Hex } from "../wallet/hex.ts";
import { type ScaleReader } from "./scale.ts";
import { type Answer, type StateBatch } from "./state.ts";
import { countItem, subtensorItem } from "./storage-item.ts";

type Fresh = { readonly period: bigint; readonly rao: bigint };

const readFresh = (reader: ScaleReader): Fresh => ({ period: reader.u64(), rao: reader.u64() });
const NONE: Fresh = { period: 0n, rao: 0n };

const freshStake = subtensorItem("FreshStake", "(u64,u64)", readFresh);
const epochIndex = countItem("SubnetEpochIndex");

/** Asks how much of each hotkey's alpha the next epoch does not count, in rao; 0 on a chain that counts all of it. */
export function askFreshRao(
  batch: StateBatch,
  netuid: number,
  hotkeys: readonly Hex[],
): Answer<readonly bigint[]> {
  const index = batch.askOurs(epochIndex, 0, netuid);
  const entries = hotkeys.map((hotkey) => batch.askOurs(freshStake, NONE, netuid, hotkey));
  return () =>
    entries.map((entry) => {
      const { period, rao } = entry();
      return period === BigInt(index()) ? rao : 0n;
    });
}
