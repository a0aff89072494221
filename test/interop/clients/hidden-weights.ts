/** @file Weights that are hidden at first: hashed with a salt, or sealed for a round of the beacon. */
import { blake2AsHex } from "@polkadot/util-crypto";
import { uidOf } from "./checks.ts";
import { CREATED_NETUID, type Stage } from "./stage.ts";

const SALT = [4, 8, 15, 16, 23, 42];
/** The largest share. */
const FULL = 65_535;

/** Weights of a hotkey, u16 each. */
export type HiddenWeights = {
  readonly hotkey: string;
  readonly netuid: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly versionKey: number;
};

/** A round of the beacon quicknet as it was published; its key is fixed in the clients, so nothing else opens what they seal. */
export const PULSE: { readonly round: number; readonly signature: string } = {
  round: 1000,
  signature:
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
};

/** What commit_weights takes: the hash of all that reveal_weights will say. */
export function commitHash({ api }: Stage, hidden: HiddenWeights): string {
  const { hotkey, netuid, uids, values, salt, versionKey } = hidden;
  const type = "(AccountId32, u16, Vec<u16>, Vec<u16>, Vec<u16>, u64)";
  const fields = [hotkey, netuid, uids, values, salt, versionKey];
  return blake2AsHex(api.createType(type, fields).toU8a(), 256);
}

/** What is sealed for the beacon, in hex without 0x: the hotkey's bytes, uids, values, version key. */
export function sealedPayload({ api }: Stage, hidden: HiddenWeights): string {
  const { hotkey, uids, values, versionKey } = hidden;
  const key = api.createType("AccountId32", hotkey).toU8a();
  const type = "(Vec<u8>, Vec<u16>, Vec<u16>, u64)";
  return Buffer.from(api.createType(type, [[...key], uids, values, versionKey]).toU8a()).toString(
    "hex",
  );
}

/** Of the validator for the guest, and `least` for the owner: each act has its own, so that old ones are not taken for new. */
export async function hiddenWeights(stage: Stage, least: number): Promise<HiddenWeights> {
  const { owner, validator, guest } = stage.cast;
  const common = { hotkey: validator.hotkey, netuid: CREATED_NETUID, salt: SALT, versionKey: 0 };
  const uids = [
    await uidOf(stage, CREATED_NETUID, owner.hotkey),
    await uidOf(stage, CREATED_NETUID, guest.hotkey),
  ];
  return { ...common, uids, values: [least, FULL] };
}
