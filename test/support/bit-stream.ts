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

/** Bytes behind a padded plane, so that a word that begins in its last byte can be read. */
export const PADDING = 4;

/** A copy of a plane with zeros behind it. */
export function paddedView(bytes: Uint8Array): DataView {
  const copy = new Uint8Array(bytes.length + PADDING);
  copy.set(bytes);
  return new DataView(copy.buffer);
}

/** Whether the bits of a byte of a padded plane from this one on are zeros. */
export function isZeroFrom(view: DataView, bit: number): boolean {
  return (bit & 7) === 0 || view.getUint8(bit >>> 3) >>> (bit & 7) === 0;
}

/** Reads numbers of a plane whose size was checked beforehand. */
export class BitReader {
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#view = paddedView(bytes);
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
    return isZeroFrom(this.#view, this.#position);
  }
}
