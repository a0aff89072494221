/**
 * @file Ascending positions as Golomb-coded gaps (docs/protocol.md#indices): remainders in one plane, whose size follows from the
 * counts alone, quotients in another. So a reader waits for nothing but the unary numbers, which it takes a word at a time.
 */
import type { BitReader, BitWriter, UnaryReader } from "./bit-stream.ts";

/** A gap is `quotient * base + remainder`; two remainders take `pairBits` bits together, a single one half, rounded up. */
export type GapCode = { readonly base: number; readonly pairBits: number };

/**
 * Powers of two, and between them the largest base of which two remainders fit an odd number of bits: half a bit steps. Between 1 and 8
 * that gains nothing, and above 2,896 no odd pair fits the 24 bits that are read at once.
 */
const GAP_CODES: readonly GapCode[] = [
  0, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 30, 32,
  34, 36, 38, 40,
].map((pairBits) => ({ base: Math.floor(Math.sqrt(2 ** pairBits)), pairBits }));

/** `count` ascending positions below `length`. */
export type Extent = { readonly count: number; readonly length: number };

/** The code for positions that lie anywhere: the next base while `25 * base * count < 14 * (length - count)`. Integers only. */
export function gapCode({ count, length }: Extent): GapCode {
  const wider = GAP_CODES.findIndex(({ base }) => 25 * base * count >= 14 * (length - count));
  return GAP_CODES.at(wider) ?? { base: 1, pairBits: 0 };
}

/** Bits of the remainders. Where every position is taken none is written. */
export function remainderBits(extent: Extent): number {
  const { count, length } = extent;
  if (count === length) return 0;
  const { pairBits } = gapCode(extent);
  return (count >> 1) * pairBits + (count & 1) * ((pairBits + 1) >> 1);
}

/** The most bits that the quotients can take: one each, and all gaps together are `length - count`. */
export function mostQuotientBits(extent: Extent): number {
  const { count, length } = extent;
  return count === length ? 0 : count + Math.floor((length - count) / gapCode(extent).base);
}

/** The two planes that gaps are written to. */
export type GapWriters = { readonly remainders: BitWriter; readonly quotients: BitWriter };

/** The two planes that gaps are read from. */
export type GapReaders = { readonly remainders: BitReader; readonly quotients: UnaryReader };

/** A chunk's extent, and the code that follows from it. */
export type CodedExtent = Extent & { readonly code: GapCode };

/** Where a chunk lies: its first entry in the list of indices, its first coordinate. */
export type Place = { readonly from: number; readonly start: number };

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

/** Reads a chunk's indices. Returns false where the bits are not those of any inside it. */
export function readGaps(
  planes: GapReaders,
  indices: Uint32Array,
  chunk: CodedExtent,
  place: Place,
): boolean {
  const { count, length, code } = chunk;
  const { from, start } = place;
  const to = from + count;
  if (count === length) {
    for (let at = from; at < to; at += 1) indices[at] = start + at - from;
    return true;
  }
  const most = Math.floor(length / code.base);
  if (!planes.quotients.read(indices, from, to, most)) return false;
  const paired = code.pairBits <= WIDEST_READ;
  const last = paired ? addPairs(planes.remainders, indices, chunk, place) : start - 1;
  if (last === NONE) return false;
  const at = paired ? to - (count & 1) : from;
  return at === to || addSingles(planes, indices, chunk, { at, to, last, end: start + length });
}

/** No index: all are below 2^32, and so is what they are counted from. */
const NONE = -2;

/** Makes quotients with remainders in pairs into indices. Returns the last one, NONE where one is outside the chunk. */
function addPairs(
  remainders: BitReader,
  indices: Uint32Array,
  { count, length, code }: CodedExtent,
  { from, start }: Place,
): number {
  const { base, pairBits } = code;
  const end = start + length;
  const pairs = from + count - (count & 1);
  // The half keeps the product clear of whole numbers, so that its rounding cannot move the quotient.
  const inverse = 1 / base;
  let position = start - 1;
  let offset = 0;
  for (let at = from; at < pairs; at += 2) {
    const pair = remainders.at(offset, pairBits);
    const second = ((pair + 0.5) * inverse) | 0;
    offset += pairBits;
    if (second >= base) return NONE;
    position += 1 + Math.imul(indices[at] ?? 0, base) + pair - Math.imul(second, base);
    indices[at] = position;
    position += 1 + Math.imul(indices[at + 1] ?? 0, base) + second;
    indices[at + 1] = position;
    if (position >= end) return NONE;
  }
  remainders.skip(offset);
  return position;
}

/** The same from entry `at` on for remainders that stand alone; `last` is the index before them. */
function addSingles(
  { remainders }: GapReaders,
  indices: Uint32Array,
  { code }: CodedExtent,
  rest: { readonly at: number; readonly to: number; readonly last: number; readonly end: number },
): boolean {
  const width = (code.pairBits + 1) >> 1;
  let position = rest.last;
  for (let at = rest.at; at < rest.to; at += 1) {
    const remainder = remainders.at(0, width);
    remainders.skip(width);
    position += 1 + Math.imul(indices[at] ?? 0, code.base) + remainder;
    if (remainder >= code.base || position >= rest.end) return false;
    indices[at] = position;
  }
  return true;
}
