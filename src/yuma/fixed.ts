/** @file Signed fixed point with 32 integer and 32 fraction bits, as the chain's epoch computes: saturating, floored, exact. */

/** A number times 2^32, within 64 bits and sign. */
export type Fixed = bigint;

const FRACTION_BITS = 32n;
const LARGEST = (1n << 63n) - 1n;
const SMALLEST = -(1n << 63n);
const LARGEST_U64 = (1n << 64n) - 1n;
const LARGEST_U16 = 65_535n;

/** 0, 1/2 and 1. */
export const ZERO: Fixed = 0n;
export const HALF: Fixed = 1n << (FRACTION_BITS - 1n);
export const ONE: Fixed = 1n << FRACTION_BITS;

/** exp(1), for which the chain's library has a constant of 23 fraction bits instead of the series. */
const E_BITS: Fixed = 22_802_600n << 9n;
/** Last term of the exponential series, exclusive. */
const EXP_TERMS = 32;
const EXP_LIMIT: Fixed = 20n << FRACTION_BITS;

const saturated = (wide: bigint): Fixed => {
  if (wide > LARGEST) return LARGEST;
  return wide < SMALLEST ? SMALLEST : wide;
};
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** An integer, exactly. */
export function ofInteger(value: number): Fixed {
  return BigInt(value) << FRACTION_BITS;
}

/** `value / 65535`, truncated: how shares are read. */
export function ofShare(value: number): Fixed {
  return quotient(ofInteger(value), ofInteger(65_535));
}

/** `numerator / denominator`, floored and saturating; 0 where the denominator is 0. Neither is negative. */
export function ofRatio(numerator: bigint, denominator: bigint): Fixed {
  return denominator === 0n ? ZERO : smaller(LARGEST, (numerator << FRACTION_BITS) / denominator);
}

/** `trunc(value * 65535)` within u16: how shares are stored. */
export function toShare(value: Fixed): number {
  return toU16(product(value, LARGEST_U16 << FRACTION_BITS));
}

/** The integer part within u16. */
function toU16(value: Fixed): number {
  return Number(smaller(LARGEST_U16, larger(0n, value >> FRACTION_BITS)));
}

/** Half up, then the integer part within u16. */
export function rounded(value: Fixed): number {
  return toU16(sum(value, HALF));
}

/** `floor(value * amount)` within u64; a negative value gives 0. */
export function shareOf(value: Fixed, amount: bigint): bigint {
  return smaller(LARGEST_U64, (larger(0n, value) * amount) >> FRACTION_BITS);
}

/** Saturating sum. */
export function sum(a: Fixed, b: Fixed): Fixed {
  return saturated(a + b);
}

/** Saturating difference. */
export function difference(a: Fixed, b: Fixed): Fixed {
  return saturated(a - b);
}

/** Saturating product, rounded toward minus infinity. */
export function product(a: Fixed, b: Fixed): Fixed {
  return saturated((a * b) >> FRACTION_BITS);
}

/** Saturating quotient, truncated toward zero; 0 where the divisor is 0. */
export function quotient(a: Fixed, b: Fixed): Fixed {
  return b === 0n ? ZERO : saturated((a << FRACTION_BITS) / b);
}

/** At least `low`, at most `high`; where they cross, `low` wins. */
export function bounded(value: Fixed, low: Fixed, high: Fixed): Fixed {
  return larger(smaller(value, high), low);
}

/** e to the power of `value`, clamped to plus or minus 20: the series up to x^31 / 31!, inverted for a negative argument. */
function exponential(value: Fixed): Fixed {
  const x = bounded(value, -EXP_LIMIT, EXP_LIMIT);
  if (x === ONE) return E_BITS;
  const size = x < 0n ? -x : x;
  let term = size;
  let series = sum(ONE, size);
  for (let i = 2; i < EXP_TERMS; i++) {
    term = quotient(product(term, size), ofInteger(i));
    series = sum(series, term);
  }
  return x < 0n ? quotient(ONE, series) : series;
}

/** `1 / (1 + exp(-x))`, given -x: the caller negates inside its product, where rounding happens. */
export function sigmoidOfNegated(negated: Fixed): Fixed {
  return quotient(ONE, sum(ONE, exponential(negated)));
}

/** Saturating sum of all, in order. */
export function total(values: Iterable<Fixed>): Fixed {
  let all = ZERO;
  for (const value of values) all = sum(all, value);
  return all;
}

/** Each divided by their sum; all zeros stay as they are. */
export function normalised(values: readonly Fixed[]): readonly Fixed[] {
  const all = total(values);
  return all === ZERO ? values : values.map((value) => quotient(value, all));
}
