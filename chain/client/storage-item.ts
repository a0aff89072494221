/** @file A storage item of the chain: its name, the shape its value must have, and how to read it. */
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { type ScaleReader, u16Bytes } from "./scale.ts";

/**
 * One storage item. `shape` is compared with the chain's metadata before the first read, so that a runtime with
 * another layout is refused by name instead of being misread. Newtypes count as what they wrap.
 */
export type StorageItem<T> = {
  readonly pallet: string;
  readonly name: string;
  readonly shape: string;
  readonly decode: (reader: ScaleReader) => T;
};

/** Makes an item of SubtensorModule. */
export function subtensorItem<T>(
  name: string,
  shape: string,
  decode: (reader: ScaleReader) => T,
): StorageItem<T> {
  return { pallet: "SubtensorModule", name, shape, decode };
}

/** Item of SubtensorModule holding a bool. */
export function flagItem(name: string): StorageItem<boolean> {
  return subtensorItem(name, "bool", (reader) => reader.bool());
}

/** Item of SubtensorModule holding a u16. */
export function u16Item(name: string): StorageItem<number> {
  return subtensorItem(name, "u16", (reader) => reader.u16());
}

/** Item of SubtensorModule holding a u32. */
export function u32Item(name: string): StorageItem<number> {
  return subtensorItem(name, "u32", (reader) => reader.u32());
}

/** Item of SubtensorModule holding a u64 that is an amount. */
export function u64Item(name: string): StorageItem<bigint> {
  return subtensorItem(name, "u64", (reader) => reader.u64());
}

/** Item of SubtensorModule holding a u64 that is a block number or a count: far below 2^53. */
export function countItem(name: string): StorageItem<number> {
  return subtensorItem(name, "u64", (reader) => Number(reader.u64()));
}

/** Item of SubtensorModule holding an account. */
export function accountItem(name: string): StorageItem<Hex> {
  return subtensorItem(name, "[u8;32]", (reader) => hexOf(reader.bytes(32)));
}

/** Item of SubtensorModule holding a list of accounts. */
export function accountsItem(name: string): StorageItem<readonly Hex[]> {
  return subtensorItem(name, "Vec<[u8;32]>", (reader) => reader.vec((one) => hexOf(one.bytes(32))));
}

/** Item of SubtensorModule holding one value per uid. */
export function vecItem<T>(
  name: string,
  shape: string,
  decode: (reader: ScaleReader) => T,
): StorageItem<readonly T[]> {
  return subtensorItem(name, `Vec<${shape}>`, (reader) => reader.vec(decode));
}

/** A key part: a netuid or uid (u16) or an account. */
export type KeyPart = number | Hex;

/** The SCALE bytes of a key part. */
export function keyBytes(part: KeyPart): Uint8Array {
  return typeof part === "number" ? u16Bytes(part) : bytesOf(part);
}
