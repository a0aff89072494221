/**
 * @file A change of who makes blocks and who votes, as storage that Root sets (`system.setStorage`).
 *
 * The runtime has no pallet of sessions and no call for it. Both pallets read their authorities from storage in every block: Aura's
 * change with the next block; GRANDPA's must be announced in a header, which its pallet does for a pending change at the end of
 * block `scheduledAt` (pallet-grandpa, `on_finalize`), so that every node, also one that joins later, learns of it from the headers.
 */
import { type Hex, concat, fromHex, toHex } from "../embedded/codec/bytes.ts";
import { twox128 } from "../embedded/codec/hashing.ts";
import { byteVector, compact, u32, u64 } from "../embedded/codec/scale.ts";
import { publicKeyOf } from "../wallet/account.ts";
import type { Authority } from "./authority-keys.ts";

const ENCODER = new TextEncoder();
/** Blocks between announcement and change: none, the old set finalises the announcing block and ends with it. */
const DELAY_BLOCKS = 0;
const NO_FORCE = 0;
/** Pallet 0, call 4 of every FRAME runtime. */
const SET_STORAGE = Uint8Array.of(0, 4);

/** A storage entry: key and value. */
export type StorageEntry = readonly [Hex, Hex];

function keyOf(pallet: string, item: string): Hex {
  return toHex(concat(twox128(ENCODER.encode(pallet)), twox128(ENCODER.encode(item))));
}

const keyBytes = (ss58: string): Uint8Array => fromHex(publicKeyOf(ss58));

/** A change. */
export type AuthorityChange = {
  /** Everybody who is an authority afterwards. */
  readonly authorities: readonly Authority[];
  /** `Grandpa.CurrentSetId`. */
  readonly setId: bigint;
  /** Whether `Grandpa.PendingChange` holds one, which this takes the place of; it is counted in `setId` already. */
  readonly isChanging: boolean;
  /** A block that will not have been made when the call is in one: its header tells every node. */
  readonly scheduledAt: number;
};

/**
 * What Root sets. In a block after `scheduledAt` it changes Aura alone: then set it again with a later one. Needs `cryptoReady`.
 * @throws RangeError no authorities
 */
export function authorityChange(change: AuthorityChange): StorageEntry[] {
  const { authorities, setId, isChanging, scheduledAt } = change;
  if (authorities.length === 0) throw new RangeError("a chain needs an authority");
  const aura = authorities.map((one) => keyBytes(one.aura));
  const grandpa = authorities.map((one) => concat(keyBytes(one.grandpa), u64(1)));
  const length = compact(authorities.length);
  return [
    [keyOf("Aura", "Authorities"), toHex(concat(length, ...aura))],
    [
      keyOf("Grandpa", "PendingChange"),
      toHex(
        concat(u32(scheduledAt), u32(DELAY_BLOCKS), length, ...grandpa, Uint8Array.of(NO_FORCE)),
      ),
    ],
    [keyOf("Grandpa", "CurrentSetId"), toHex(u64(isChanging ? setId : setId + 1n))],
  ];
}

/** SCALE of the call that sets these entries: what Root runs. */
export function setStorageCall(entries: readonly StorageEntry[]): Hex {
  const pairs = entries.map(([key, value]) =>
    concat(byteVector(fromHex(key)), byteVector(fromHex(value))),
  );
  return toHex(concat(SET_STORAGE, compact(entries.length), ...pairs));
}
