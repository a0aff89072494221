/** @file The reference of pay: the worth that the strongest trusted miners reach, and what lies above a share of it. */

/**
 * Largest c such that the worths of at least c make up at least `share` of the sum of all; 0 when none is above 0.
 * Added in descending order.
 */
export function referenceOf(worths: readonly number[], share: number): number {
  const sorted = worths.filter((worth) => worth > 0).toSorted((a, b) => b - a);
  const wanted = share * sorted.reduce((sum, worth) => sum + worth, 0);
  let sum = 0;
  for (const worth of sorted) {
    sum += worth;
    if (sum >= wanted) return worth;
  }
  return 0;
}

/** What a hotkey earns in: its worth above the floor, times its trust. */
export function payOf(
  { worth, trust }: { readonly worth: number; readonly trust: number },
  { floor, reference }: { readonly floor: number; readonly reference: number },
): number {
  return Math.max(0, worth - floor * reference) * trust;
}
