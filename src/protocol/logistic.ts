/** @file The logistic function out of sums, products and quotients alone: IEEE 754 fixes their bits, which it does not do for exp. */

/** ln 2 as a sum; the first part ends in zeros, so small whole multiples of it are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Terms of the series: beyond the 17th they are below the last bit of the sum. */
const TERMS = 17;
/** exp stays a normal number within it. */
const BOUND = 700;

/**
 * exp(x) for |x| <= 700, in this order: k = floor(x * LOG2E + 0.5); r = (x - k * LN2_HIGH) - k * LN2_LOW; the series of
 * exp(r) by Horner from the 17th term, sum = 1 + sum * r / i for i = 17 down to 1; times 2^k by doubling or halving.
 */
function exponential(x: number): number {
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let i = TERMS; i >= 1; i -= 1) sum = 1 + (sum * r) / i;
  const step = k < 0 ? 0.5 : 2;
  for (let i = Math.abs(k); i > 0; i -= 1) sum *= step;
  return sum;
}

/** 1 / (1 + exp(-x)) in (0, 1], the same bits on every machine. `x` is clipped to +-700. */
export function logistic(x: number): number {
  return 1 / (1 + exponential(-Math.max(-BOUND, Math.min(BOUND, x))));
}
