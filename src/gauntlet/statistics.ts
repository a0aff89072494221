/** @file Statistics of the scorer and of the gate. */

/** Lower median: element floor((n - 1) / 2) in ascending order; NaN of nothing. */
export function lowerMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** A value and how much it counts. */
export type Weighted = { readonly value: number; readonly weight: number };

/**
 * Lower weighted median: in ascending order (equal values as they come) the first value at which the weights so far, added
 * one by one, reach half of their sum in the same order; NaN of nothing.
 */
export function weightedMedian(values: readonly Weighted[]): number {
  const sorted = values.toSorted((a, b) => a.value - b.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const { value, weight } of sorted) {
    sum += weight;
    if (sum >= half) return value;
  }
  return Number.NaN;
}
