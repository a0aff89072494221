/** @file A list of storage changes, and its bytes in the database. */
import { keyOf } from "../codec/bytes.ts";
import { ScaleReader, compactSize, putCompact } from "../codec/scale.ts";

/** Key and new value; null = removed. */
export type StorageChange = readonly [key: string, value: Uint8Array | null];
/** Changes with distinct keys. */
export type StorageChanges = readonly StorageChange[];

const REMOVED = 0;
const PRESENT = 1;

/** `Vec<(Bytes, Option<Bytes>)>`, written into one buffer of the right size: a block changes thousands of values. */
export function encodeChanges(changes: StorageChanges): Uint8Array {
  let size = compactSize(changes.length);
  for (const [key, value] of changes) {
    size += compactSize(key.length) + key.length + 1;
    if (value !== null) size += compactSize(value.length) + value.length;
  }
  const out = Buffer.allocUnsafeSlow(size);
  let at = putCompact(out, 0, changes.length);
  for (const [key, value] of changes) {
    at = putCompact(out, at, key.length);
    at += out.write(key, at, "latin1");
    out[at++] = value === null ? REMOVED : PRESENT;
    if (value === null) continue;
    at = putCompact(out, at, value.length);
    out.set(value, at);
    at += value.length;
  }
  return out;
}

/** Reads {@link encodeChanges}. @throws RangeError */
export function decodeChanges(bytes: Uint8Array): StorageChanges {
  return new ScaleReader(bytes).list((reader) => {
    const key = keyOf(reader.bytes());
    return [key, reader.u8() === 0 ? null : reader.bytes()];
  });
}
