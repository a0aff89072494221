/**
 * @file The code of the gaps between ascending positions (docs/protocol.md#indices): remainders in one plane, whose size follows from the
 * counts alone, quotients in another. So a reader waits for nothing but the unary numbers, which it takes a word at a time.
 */
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

/** The most bits that the quotients can take: one each, and all gaps together are `length - count`. */
export function mostQuotientBits(extent: Extent): number {
  const { count, length } = extent;
  return count === length ? 0 : count + Math.floor((length - count) / gapCode(extent).base);
}
