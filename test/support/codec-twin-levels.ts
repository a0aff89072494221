/** @file The magnitudes of a chunk in plain TypeScript: the slow twin of kernels/exact/assembly/levels.ts. */

/** What each byte means, ascending. */
export const MAGNITUDES: Float32Array = Float32Array.from({ length: 256 }, (_, byte) =>
  byte === 0 ? 0 : (8 + (byte & 7)) * 2 ** ((byte >> 3) - 27),
);

/** Rounds of Lloyd's method after the first split at the mean magnitude. */
const ROUNDS = 4;

/** The bytes of a chunk's magnitudes; those above `threshold` are large. Equal bytes: none is. */
export type Levels = { readonly low: number; readonly high: number; readonly threshold: number };

/** The byte whose magnitude is nearest to `mean`, the larger one at a tie. `mean` is finite and not negative. */
function magnitudeByte(mean: number): number {
  let low = 0;
  let high = MAGNITUDES.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    // Sums of two neighbours are exact, and so is doubling.
    const isNearer = 2 * mean >= (MAGNITUDES[middle] ?? 0) + (MAGNITUDES[middle - 1] ?? 0);
    if (isNearer) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Means of the magnitudes up to and above a threshold; a side without values takes the other's. Float64 sums, ascending. */
function means(
  values: Float32Array,
  threshold: number,
): { readonly low: number; readonly high: number } {
  let [low, high, above] = [0, 0, 0];
  for (let at = 0; at < values.length; at += 1) {
    const magnitude = Math.abs(values[at] ?? 0);
    if (magnitude > threshold) {
      high += magnitude;
      above += 1;
    } else low += magnitude;
  }
  const below = values.length - above;
  if (above === 0 || below === 0)
    return { low: (low + high) / values.length, high: (low + high) / values.length };
  return { low: low / below, high: high / above };
}

/** The levels for the values of a chunk. */
export function levelsOf(values: Float32Array, magnitudes: 1 | 2): Levels {
  let threshold = means(values, Number.POSITIVE_INFINITY).low;
  const one = {
    low: magnitudeByte(threshold),
    high: magnitudeByte(threshold),
    threshold: Number.POSITIVE_INFINITY,
  };
  if (magnitudes === 1) return one;
  let both = means(values, threshold);
  for (let round = 0; round < ROUNDS && both.high > both.low; round += 1) {
    threshold = (both.low + both.high) / 2;
    both = means(values, threshold);
  }
  const [low, high] = [magnitudeByte(both.low), magnitudeByte(both.high)];
  return low === high
    ? { low, high, threshold: Number.POSITIVE_INFINITY }
    : { low, high, threshold };
}
