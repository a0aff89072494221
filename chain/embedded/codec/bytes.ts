/** @file Bytes, hex text and storage keys: the three shapes data has in the embedded chain. */

/** Lowercase hex with 0x. */
export type Hex = `0x${string}`;

/** No bytes: the argument of a runtime call without parameters. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** A `Buffer` over the same memory, for its conversions. */
function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes as lowercase hex with 0x. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bufferOver(bytes).toString("hex")}`;
}

/** Whether `text` is 0x and an even number of hex digits (of `byteLength` bytes, if given). */
export function isHex(text: unknown, byteLength?: number): text is Hex {
  return (
    typeof text === "string" &&
    text.length % 2 === 0 &&
    /^0x[0-9a-fA-F]*$/.test(text) &&
    (byteLength === undefined || text.length === 2 + byteLength * 2)
  );
}

/** Bytes of a hex text that passed {@link isHex}. */
export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), "hex"));
}

/**
 * A storage key as a latin1 string, one char per byte: usable in a Map, and string order is byte order,
 * which is the order `next_key` promises.
 */
export function keyOf(bytes: Uint8Array): string {
  return bufferOver(bytes).toString("latin1");
}

/** Bytes of a storage key. */
export function bytesOfKey(key: string): Uint8Array {
  return new Uint8Array(Buffer.from(key, "latin1"));
}

/** Storage key of a hex text. */
export function keyOfHex(hex: string): string {
  return Buffer.from(hex.slice(2), "hex").toString("latin1");
}

/** Hex text of a storage key. */
export function hexOfKey(key: string): Hex {
  return `0x${Buffer.from(key, "latin1").toString("hex")}`;
}

/** All parts in one new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Whether both hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
