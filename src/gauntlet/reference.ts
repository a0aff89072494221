/** @file The reference of pay: the credit that the strongest trusted miners reach, and what lies above a share of it. */

/**
 * Largest c such that the credits of at least c make up at least `share` of the sum of all; 0 when none is above 0.
 * Added in descending order.
 */
export function referenceOf(credits: readonly number[], share: number): number {
  const sorted = credits.filter((credit) => credit > 0).toSorted((a, b) => b - a);
  const wanted = share * sorted.reduce((sum, credit) => sum + credit, 0);
  let sum = 0;
  for (const credit of sorted) {
    sum += credit;
    if (sum >= wanted) return credit;
  }
  return 0;
}

/** What a hotkey earns in: its credit above the floor, times its trust. */
export function payOf(
  { credit, trust }: { readonly credit: number; readonly trust: number },
  { floor, reference }: { readonly floor: number; readonly reference: number },
): number {
  return Math.max(0, credit - floor * reference) * trust;
}
