/** @file Little-endian integers and concatenation: the byte notation of docs/protocol.md#notation. */

/** `||` of docs/protocol.md#notation. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new Uint8Array(total);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** A u16, little-endian, 2 bytes. @throws RangeError outside 0..2^16-1. */
export function u16Bytes(value: number): Uint8Array {
  const out = new Uint8Array(2);
  new DataView(out.buffer).setUint16(0, checkedUint(value, 0xffff), true);
  return out;
}

/** A u32, little-endian, 4 bytes. @throws RangeError outside 0..2^32-1. */
export function u32Bytes(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, checkedUint(value, 0xffff_ffff), true);
  return out;
}

/** A u64, little-endian, 8 bytes. @throws RangeError outside 0..2^64-1 (numbers: outside the safe integers). */
export function u64Bytes(value: bigint | number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, checkedU64(value), true);
  return out;
}

/** Whether two byte strings are equal. Not constant in time: only for public bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The value if it is an integer in 0..max. @throws RangeError otherwise, because a wrapped integer would be hashed. */
export function checkedUint(value: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new RangeError(`${value} is not an integer from 0 to ${max}`);
  }
  return value;
}

function checkedU64(value: bigint | number): bigint {
  if (typeof value === "number") return BigInt(checkedUint(value, Number.MAX_SAFE_INTEGER));
  if (BigInt.asUintN(64, value) !== value) throw new RangeError(`${value} is not a u64`);
  return value;
}
