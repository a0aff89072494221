/** @file The part of SCALE the host itself speaks: integers, compact integers, byte vectors, text. */
import { concat } from "./bytes.ts";

/** Compact encoding of an integer in 0 .. 2^53 - 1. */
export function compact(value: number): Uint8Array {
  if (value < 1 << 6) return Uint8Array.of(value << 2);
  if (value < 1 << 14) return Uint8Array.of(((value & 0x3f) << 2) | 1, value >> 6);
  if (value < 2 ** 30) {
    const out = new Uint8Array(4);
    new DataView(out.buffer).setUint32(0, value * 4 + 2, true);
    return out;
  }
  const digits: number[] = [];
  for (let rest = value; rest > 0 || digits.length < 4; rest = Math.floor(rest / 256)) {
    digits.push(rest % 256);
  }
  return Uint8Array.of(((digits.length - 4) << 2) | 3, ...digits);
}

/** Bytes of the compact encoding of an integer in 0 .. 2^53 - 1. */
export function compactSize(value: number): number {
  if (value < 1 << 6) return 1;
  if (value < 1 << 14) return 2;
  return value < 2 ** 30 ? 4 : compact(value).length;
}

/** Writes the compact encoding of an integer in 0 .. 2^53 - 1 at `at`; returns where it ends. */
export function putCompact(out: Uint8Array, at: number, value: number): number {
  if (value < 1 << 6) {
    out[at] = value << 2;
    return at + 1;
  }
  if (value < 1 << 14) {
    out[at] = ((value & 0x3f) << 2) | 1;
    out[at + 1] = value >> 6;
    return at + 2;
  }
  const encoded = compact(value);
  out.set(encoded, at);
  return at + encoded.length;
}

/** Bytes behind their compact length: `Vec<u8>`. */
export function byteVector(bytes: Uint8Array): Uint8Array {
  return concat(compact(bytes.length), bytes);
}

/** `Vec<Vec<u8>>`. */
export function byteVectors(items: readonly Uint8Array[]): Uint8Array {
  return concat(compact(items.length), ...items.map(byteVector));
}

/** Text as `Vec<u8>` of its UTF-8. */
export function textVector(text: string): Uint8Array {
  return byteVector(new TextEncoder().encode(text));
}

/** u32, little endian. */
export function u32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}

/** u64, little endian. */
export function u64(value: bigint | number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true);
  return out;
}

/** Reads SCALE from the front. Every method @throws RangeError when the bytes end early. */
export class ScaleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes consumed so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes not yet consumed. */
  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  #advance(count: number): number {
    const at = this.#offset;
    if (count > this.left) throw new RangeError(`SCALE: ${count} bytes wanted, ${this.left} left`);
    this.#offset += count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  /** A copy of the next `count` bytes. */
  take(count: number): Uint8Array {
    const at = this.#advance(count);
    return this.#bytes.slice(at, at + count);
  }

  /** Compact integer; a RangeError above 2^53 - 1. */
  compact(): number {
    const first = this.u8();
    const mode = first & 3;
    if (mode === 0) return first >> 2;
    if (mode === 1) return (first >> 2) | (this.u8() << 6);
    if (mode === 2) {
      this.#offset -= 1;
      return Math.floor(this.u32() / 4);
    }
    let value = 0;
    let scale = 1;
    for (const digit of this.take((first >> 2) + 4)) {
      value += digit * scale;
      scale *= 256;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError("SCALE: compact integer above 2^53");
    return value;
  }

  /** `Vec<u8>`. */
  bytes(): Uint8Array {
    return this.take(this.compact());
  }

  /** UTF-8 text. */
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** `Vec<T>`. */
  list<Item>(read: (reader: ScaleReader) => Item): Item[] {
    const count = this.compact();
    const items: Item[] = [];
    for (let i = 0; i < count; i++) items.push(read(this));
    return items;
  }
}
