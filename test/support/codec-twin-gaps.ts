/** @file Gaps of a body in plain TypeScript, bit after bit: the slow twin of kernels/exact/assembly/body-decode.ts and body-encode.ts. */
import { type Extent, type GapCode, gapCode } from "../../src/protocol/codec-gaps.ts";
import { type BitWriter, bytesOfBits, isZeroFrom, PADDING, paddedView } from "./bit-stream.ts";

/** Bits of the remainders. Where every position is taken none is written. */
export function remainderBits(extent: Extent): number {
  const { count, length } = extent;
  if (count === length) return 0;
  const { pairBits } = gapCode(extent);
  return (count >> 1) * pairBits + (count & 1) * ((pairBits + 1) >> 1);
}

/** The two planes that gaps are written to. */
export type GapWriters = { readonly remainders: BitWriter; readonly quotients: BitWriter };

/** A chunk's extent, and the code that follows from it. */
export type CodedExtent = Extent & { readonly code: GapCode };

/** Where a chunk lies: its first entry in the list of indices, its first coordinate. */
export type Place = { readonly from: number; readonly start: number };

/** No second remainder is left over from a pair. */
const NONE = -1;

/** Pairs wider than this are written as two numbers, which gives the same bits: their base is a power of two. */
const WIDEST_READ = 24;

/** Writes a chunk's indices. Returns false if they do not ascend inside it. */
export function writeGaps(
  out: GapWriters,
  indices: Uint32Array,
  { count, length, code }: CodedExtent,
  { from, start }: Place,
): boolean {
  const { base, pairBits } = code;
  const to = from + count;
  const single = (pairBits + 1) >> 1;
  const paired = pairBits <= WIDEST_READ;
  let previous = start - 1;
  let first = 0;
  for (let at = from; at < to; at += 1) {
    const index = indices[at] ?? 0;
    const gap = index - previous - 1;
    if (gap < 0 || index >= start + length) return false;
    previous = index;
    if (count === length) continue;
    const quotient = Math.floor(gap / base);
    const remainder = gap - quotient * base;
    out.quotients.writeUnary(quotient);
    if (paired && ((at - from) & 1) === 1) out.remainders.write(first + base * remainder, pairBits);
    else if (!paired || at === to - 1) out.remainders.write(remainder, single);
    else first = remainder;
  }
  return true;
}

/**
 * Reads chunk after chunk. Both planes in one loop, quotients a word at a time: what it costs is the entries and the words of the planes,
 * whatever stands in them.
 */
export class GapReader {
  readonly #remainders: DataView;
  readonly #quotients: DataView;
  /** Bit of the remainders that comes next. */
  #position = 0;
  /** Bits of the current word of the quotients that were not read yet, in place, and the byte behind it. */
  #word = 0;
  #next = 0;
  /** The one-bit of the quotients that was read last. */
  #last = -1;

  constructor(planes: { readonly remainders: Uint8Array; readonly quotients: Uint8Array }) {
    this.#remainders = paddedView(planes.remainders);
    this.#quotients = paddedView(planes.quotients);
  }

  /** Reads a chunk's indices. Returns false where the bits are not those of any inside it. */
  read(indices: Uint32Array, chunk: CodedExtent, { from, start }: Place): boolean {
    if (chunk.count < chunk.length) return this.#readCoded(indices, chunk, from, start);
    for (let at = 0; at < chunk.count; at += 1) indices[from + at] = start + at;
    return true;
  }

  #readCoded(indices: Uint32Array, chunk: CodedExtent, from: number, start: number): boolean {
    const { base, pairBits } = chunk.code;
    const to = from + chunk.count;
    const pairsEnd = pairBits > WIDEST_READ ? from : to - (chunk.count & 1);
    const most = Math.floor(chunk.length / base);
    // The half keeps the product clear of whole numbers, so that its rounding cannot move the quotient.
    const inverse = 1 / base;
    const quotients = this.#quotients;
    const end = quotients.byteLength - PADDING;
    let [position, word, next, last] = [this.#position, this.#word, this.#next, this.#last];
    let index = start - 1;
    let second = NONE;
    for (let at = from; at < to; at += 1) {
      let remainder = second;
      if (second !== NONE) second = NONE;
      else if (at < pairsEnd) {
        const pair = this.#bits(position, pairBits);
        position += pairBits;
        second = ((pair + 0.5) * inverse) | 0;
        remainder = pair - Math.imul(second, base);
      } else {
        remainder = this.#bits(position, (pairBits + 1) >> 1);
        position += (pairBits + 1) >> 1;
      }
      while (word === 0) {
        if (next >= end) return false;
        word = quotients.getInt32(next, true);
        next += 4;
      }
      const one = 8 * next - 1 - Math.clz32(word & -word);
      const zeros = one - last - 1;
      word &= word - 1;
      last = one;
      index += 1 + Math.imul(zeros, base) + remainder;
      // Each refuses numbers that would leave 32 bits before they are used.
      if (zeros > most || remainder >= base || second >= base || index >= start + chunk.length)
        return false;
      indices[at] = index;
    }
    this.#position = position;
    this.#word = word;
    this.#next = next;
    this.#last = last;
    return true;
  }

  #bits(position: number, width: number): number {
    const word = this.#remainders.getUint32(position >>> 3, true);
    return (word >>> (position & 7)) & ((1 << width) - 1);
  }

  /** Bytes of the quotients up to the one-bit read last. */
  get quotientBytes(): number {
    return bytesOfBits(this.#last + 1);
  }

  /** Whether nothing but zeros follows in the last byte of each plane. */
  get restIsZero(): boolean {
    return (
      isZeroFrom(this.#remainders, this.#position) && isZeroFrom(this.#quotients, this.#last + 1)
    );
  }
}
