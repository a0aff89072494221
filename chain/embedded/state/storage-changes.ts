/** @file A list of storage changes, and its bytes in the database. */
import { bytesOfKey, concat, keyOf } from "../codec/bytes.ts";
import { ScaleReader, byteVector, compact } from "../codec/scale.ts";

/** Key and new value; null = removed. */
export type StorageChange = readonly [key: string, value: Uint8Array | null];
/** Changes with distinct keys. */
export type StorageChanges = readonly StorageChange[];

const REMOVED = Uint8Array.of(0);
const PRESENT = Uint8Array.of(1);

/** `Vec<(Bytes, Option<Bytes>)>`. */
export function encodeChanges(changes: StorageChanges): Uint8Array {
  const parts = [compact(changes.length)];
  for (const [key, value] of changes) {
    parts.push(byteVector(bytesOfKey(key)));
    if (value === null) parts.push(REMOVED);
    else parts.push(PRESENT, byteVector(value));
  }
  return concat(...parts);
}

/** Reads {@link encodeChanges}. @throws RangeError */
export function decodeChanges(bytes: Uint8Array): StorageChanges {
  return new ScaleReader(bytes).list((reader) => {
    const key = keyOf(reader.bytes());
    return [key, reader.u8() === 0 ? null : reader.bytes()];
  });
}
