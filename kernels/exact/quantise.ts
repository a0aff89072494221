/**
 * @file What values become when they are sent (docs/protocol.md#magnitudes): each chunk has one magnitude or two of its own, of four
 * significant bits. Part of the codec: changing it changes bits. src/protocol reads and writes the bytes.
 */

type Rule = { readonly k: number; readonly chunk: number };

/** The smallest magnitude, 9 * 2^-27, half of it, and the largest. */
const SMALLEST = 9 * 2 ** -27;
const LEAST = SMALLEST / 2;
const LARGEST = 240;

/** Bits of the mantissa in the upper word of a float64 number, and those of them that are kept. */
const MANTISSA = 20;
const KEPT = 3;

/** Rounds of Lloyd's method after the first split at the mean magnitude. */
const ROUNDS = 4;

const view = new DataView(new ArrayBuffer(8));

/** The magnitude nearest to a mean, the larger one at a tie: half of the last kept bit is added and what lies below it cut off. */
export function sentMagnitude(mean: number): number {
  if (mean < LEAST) return 0;
  if (mean < SMALLEST) return SMALLEST;
  view.setFloat64(0, mean);
  const word = view.getUint32(0) + 2 ** (MANTISSA - KEPT - 1);
  view.setUint32(0, word - (word % 2 ** (MANTISSA - KEPT)));
  view.setUint32(4, 0);
  return Math.min(LARGEST, view.getFloat64(0));
}

/**
 * The values that a tensor of `length` keeps, as they arrive: signs, and in each chunk the magnitude nearest to the mean of its own, or
 * two found by Lloyd's method where more than one coordinate in 32 is kept (float64 sums, ascending). Zero has no sign.
 * @throws RangeError if a value is NaN or infinite
 */
export function quantise(
  values: Float32Array,
  length: number,
  rule: Rule,
): Float32Array<ArrayBuffer> {
  const sent = new Float32Array(values.length);
  const two = 32 * rule.k > rule.chunk;
  let from = 0;
  for (let start = 0; start < length; start += rule.chunk) {
    const size = Math.min(rule.chunk, length - start);
    const to =
      from + (size === rule.chunk ? rule.k : Math.max(1, Math.ceil((rule.k * size) / rule.chunk)));
    quantiseChunk(values.subarray(from, to), sent.subarray(from, to), two);
    from = to;
  }
  return sent;
}

function quantiseChunk(values: Float32Array, sent: Float32Array, two: boolean): void {
  let threshold = Infinity;
  let levels = means(values, threshold);
  if (!Number.isFinite(levels.low)) throw new RangeError("a value to quantise is NaN or infinite");
  const rounds = two ? ROUNDS : -1;
  for (let round = 0; round <= rounds; round++) {
    if (round > 0 && levels.high === levels.low) break;
    threshold = (levels.low + levels.high) / 2;
    levels = means(values, threshold);
  }
  const low = sentMagnitude(levels.low);
  const high = sentMagnitude(levels.high);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    const magnitude = Math.abs(value) > threshold ? high : low;
    sent[at] = value < 0 && magnitude > 0 ? -magnitude : magnitude;
  }
}

/** Means of the magnitudes up to and above a threshold; a side without values takes the other's. */
function means(
  values: Float32Array,
  threshold: number,
): { readonly low: number; readonly high: number } {
  let low = 0;
  let high = 0;
  let above = 0;
  for (let at = 0; at < values.length; at++) {
    const magnitude = Math.abs(values[at]!);
    // Both sums take every turn, one of them +0: the branch could not be predicted.
    const large = magnitude > threshold;
    high += large ? magnitude : 0;
    low += large ? 0 : magnitude;
    above += large ? 1 : 0;
  }
  const below = values.length - above;
  if (above === 0) return { low: low / below, high: low / below };
  if (below === 0) return { low: high / above, high: high / above };
  return { low: low / below, high: high / above };
}
