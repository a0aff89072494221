/** @file Statistics of the scorer and of the gate. */

/** Lower median: element floor((n - 1) / 2) in ascending order; NaN of nothing. */
export function lowerMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
