/** @file Whether two machines measured the same losses: floating-point libraries differ in last bits (docs/workers.md#what-agreement-means). */

/** Largest relative difference of a loss between machines. */
const LOSS_TOLERANCE = 1e-4;
/** Largest difference of what an update changes, as a share of the loss: rounding moves both sides alike, so it is tighter. */
export const CHANGE_TOLERANCE = 1e-5;

/** One sequence, before and after an update. */
export type SequenceLosses = { readonly before: number; readonly after: number };

/** Whether two losses are the same as far as machines agree; what is not finite agrees with its like alone. */
export function isCloseLoss(one: number, other: number): boolean {
  if (!Number.isFinite(one) || !Number.isFinite(other)) return Object.is(one, other);
  return Math.abs(one - other) <= LOSS_TOLERANCE * Math.max(Math.abs(one), Math.abs(other));
}

/** Whether two machines agree on a sequence: on its losses, and, more closely, on what the update did to them. */
export function agreesOn(one: SequenceLosses, other: SequenceLosses): boolean {
  if (!isCloseLoss(one.before, other.before) || !isCloseLoss(one.after, other.after)) return false;
  const [here, there] = [one.before - one.after, other.before - other.after];
  if (!Number.isFinite(here) || !Number.isFinite(there)) return true;
  const largest = Math.max(Math.abs(one.before), Math.abs(other.before));
  return Math.abs(here - there) <= CHANGE_TOLERANCE * largest;
}
