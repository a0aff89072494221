/** @file Reads SCALE, the byte format of Substrate: little endian, no self-description. */

/** Walks over bytes; every method reads one value and moves on. Past the end it throws RangeError. */
export class ScaleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  bool(): boolean {
    return this.u8() !== 0;
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#step(8), true);
  }

  u128(): bigint {
    const low = this.u64();
    return low | (this.u64() << 64n);
  }

  /** Compact integer below 2^30: every length on a chain. */
  compact(): number {
    const first = this.u8();
    const mode = first & 3;
    if (mode === 0) return first >> 2;
    if (mode === 1) return (first >> 2) | (this.u8() << 6);
    if (mode === 3) throw new RangeError("a compact length beyond 2^30");
    return ((first >> 2) | (this.u8() << 6) | (this.u16() << 14)) >>> 0;
  }

  /** A copy of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    const from = this.#step(length);
    return this.#bytes.slice(from, from + length);
  }

  /** A vector of bytes. */
  blob(): Uint8Array {
    return this.bytes(this.compact());
  }

  /** All bytes that are left. */
  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at);
  }

  /** A vector of values that `read` reads. */
  vec<T>(read: (reader: ScaleReader) => T): T[] {
    const length = this.compact();
    const out: T[] = [];
    for (let i = 0; i < length; i++) out.push(read(this));
    return out;
  }

  #step(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw new RangeError("SCALE value ends early");
    this.#at += length;
    return from;
  }
}

/** Little-endian bytes of an unsigned 16-bit integer: how a netuid or uid enters a storage key. */
export function u16Bytes(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff);
}

/** Compact encoding of an integer in 0 .. 2^32 - 1. */
export function compactBytes(value: number): Uint8Array {
  if (value < 1 << 6) return Uint8Array.of(value << 2);
  if (value < 1 << 14) return u16Bytes((value << 2) | 1);
  const out = Buffer.alloc(value < 2 ** 30 ? 4 : 5);
  if (value < 2 ** 30) out.writeUInt32LE(value * 4 + 2);
  else {
    out.writeUInt8(3);
    out.writeUInt32LE(value, 1);
  }
  return out;
}
