/** @file Bits in a byte string, least significant first: what the update codec writes and reads. */

/** Appends bits to a byte buffer of known capacity. */
export class BitWriter {
  readonly #bytes: Uint8Array;
  #position = 0;

  /** @param bytes - zeroed buffer that is long enough; writing past it is the caller's bug and is lost silently. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The number of bytes that hold the bits written so far. */
  get byteLength(): number {
    return (this.#position + 7) >>> 3;
  }

  /** Write the low `width` (0..24) bits of a value. */
  write(value: number, width: number): void {
    const bytes = this.#bytes;
    let at = this.#position >>> 3;
    let rest = value << (this.#position & 7);
    for (let left = width + (this.#position & 7); left > 0; left -= 8) {
      bytes[at] = (bytes[at] ?? 0) | (rest & 0xff);
      rest >>>= 8;
      at += 1;
    }
    this.#position += width;
  }

  /** Write `ones` one-bits and a zero. */
  writeUnary(ones: number): void {
    let left = ones;
    for (; left >= 16; left -= 16) this.write(0xffff, 16);
    this.write((1 << left) - 1, left + 1);
  }
}

/** Reads bits; past the end it reads zeros and `overran` says so, so a reader checks once instead of at every bit. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether more bits were read than there are. */
  get overran(): boolean {
    return this.#position > this.#bytes.length * 8;
  }

  /** Bytes of which at least one bit was read. */
  get byteLength(): number {
    return (this.#position + 7) >>> 3;
  }

  /** Read `width` (0..24) bits. */
  read(width: number): number {
    const value = this.#peek() & ((1 << width) - 1);
    this.#position += width;
    return value;
  }

  /** Count one-bits up to the next zero, which is consumed; stops with more than `limit` once the limit is passed. */
  readUnary(limit: number): number {
    let ones = 0;
    for (;;) {
      // clz32 of the lowest zero bit isolated: how many ones come first in the next 24 bits.
      const zeros = ~this.#peek() & 0xff_ffff;
      if (zeros !== 0) {
        const run = 31 - Math.clz32(zeros & -zeros);
        this.#position += run + 1;
        return ones + run;
      }
      ones += 24;
      this.#position += 24;
      if (ones > limit) return ones;
    }
  }

  /** Whether the bits from here to the next byte boundary are zero. */
  restOfByteIsZero(): boolean {
    const used = this.#position & 7;
    return used === 0 || (this.#bytes[this.#position >>> 3] ?? 0) >>> used === 0;
  }

  #peek(): number {
    const bytes = this.#bytes;
    const at = this.#position >>> 3;
    const low =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    return low >>> (this.#position & 7);
  }
}
