/** @file Planes of bits in a byte string, least significant bit first: what the update codec writes and reads. */

/** The bytes that hold so many bits. */
export function bytesOfBits(bits: number): number {
  return Math.ceil(bits / 8);
}

/** Appends numbers to a plane. */
export class BitWriter {
  readonly #bytes: Uint8Array;
  #position = 0;

  /** @param bytes - zeroed buffer that is long enough; writing past it is the caller's bug and is lost silently. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes that hold the bits written so far. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, bytesOfBits(this.#position));
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

  /** Write so many zeros and a one. */
  writeUnary(zeros: number): void {
    this.#position += zeros;
    this.write(1, 1);
  }
}

/** Bytes with zeros behind them, so that a read that begins in the last one stays inside. */
function padded(bytes: Uint8Array): DataView {
  const copy = new Uint8Array(bytes.length + 4);
  copy.set(bytes);
  return new DataView(copy.buffer);
}

/** Reads numbers of a plane whose size was checked beforehand. */
export class BitReader {
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#view = padded(bytes);
  }

  /** The number of `width` (0..24) bits that stands `offset` bits from here. */
  at(offset: number, width: number): number {
    const position = this.#position + offset;
    const word = this.#view.getUint32(position >>> 3, true);
    return (word >>> (position & 7)) & ((1 << width) - 1);
  }

  /** Go on so many bits. */
  skip(bits: number): void {
    this.#position += bits;
  }

  /** Reads a sign for each entry from `from` up to `to`, which becomes +-magnitude. Returns whether one was negative. */
  readSigned(out: Float32Array, from: number, to: number, magnitude: number): boolean {
    const view = this.#view;
    let position = this.#position;
    let any = 0;
    for (let at = from; at < to;) {
      let bits = view.getUint32(position >>> 3, true) >>> (position & 7);
      const end = Math.min(to, at + 24);
      position += end - at;
      for (; at < end; at += 1) {
        out[at] = (1 - 2 * (bits & 1)) * magnitude;
        any |= bits & 1;
        bits >>>= 1;
      }
    }
    this.#position = position;
    return any === 1;
  }

  /** Whether the bits behind the last one read are zeros: less than a byte in a plane of the right size. */
  get restIsZero(): boolean {
    const used = this.#position & 7;
    return used === 0 || this.#view.getUint8(this.#position >>> 3) >>> used === 0;
  }
}

/** Reads a plane of unary numbers, a word at a time: its cost is its one-bits and its words, whatever stands in it. */
export class UnaryReader {
  readonly #view: DataView;
  /** Bits of the current word that were not read yet, in place. */
  #word = 0;
  /** Byte behind the current word. */
  #next = 0;
  /** The one-bit read last. */
  #last = -1;

  constructor(bytes: Uint8Array) {
    this.#view = padded(bytes);
  }

  /** Reads numbers into entries `from` up to `to` of `out`. Returns false where one is above `most` or the plane ends. */
  read(out: Uint32Array, from: number, to: number, most: number): boolean {
    const view = this.#view;
    // The padding lets the last word that begins inside the plane be read whole.
    const end = view.byteLength - 4;
    let word = this.#word;
    let next = this.#next;
    let last = this.#last;
    for (let at = from; at < to; at += 1) {
      while (word === 0) {
        if (next >= end) return false;
        word = view.getInt32(next, true);
        next += 4;
      }
      const one = 8 * next - 1 - Math.clz32(word & -word);
      word &= word - 1;
      const zeros = one - last - 1;
      if (zeros > most) return false;
      last = one;
      out[at] = zeros;
    }
    this.#word = word;
    this.#next = next;
    this.#last = last;
    return true;
  }

  /** Bytes up to the one-bit read last. */
  get byteLength(): number {
    return bytesOfBits(this.#last + 1);
  }

  /** Whether the byte of the one-bit read last holds no further one. */
  get restIsZero(): boolean {
    const used = (this.#last + 1) & 7;
    return used === 0 || this.#view.getUint8(this.#last >>> 3) >>> used === 0;
  }
}
