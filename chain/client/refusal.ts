/** @file Why a chain refused a call, by the pallet's own name, whether its pool or a block said so. */
import { ChainError } from "../errors.ts";

/** Refusals that pass by waiting: the same call is accepted some blocks later. */
const RATE_LIMITS: ReadonlySet<string> = new Set([
  "ServingRateLimitExceeded",
  "SettingWeightsTooFast",
  "CommittingWeightsTooFast",
  "NetworkTxRateLimitExceeded",
  "TxRateLimitExceeded",
  "StakingRateLimitExceeded",
  "HotKeySetTxRateLimitExceeded",
  "DelegateTxRateLimitExceeded",
]);

/**
 * Names of the pallet errors by which a chain refused a call: one when a block refused it, sometimes several when the
 * pool did (its codes are shared), none for any other failure.
 */
export function refusalNames(error: unknown): readonly string[] {
  if (!(error instanceof ChainError)) return [];
  const { fault } = error;
  if (fault.code === "extrinsic-failed") return [fault.error];
  // Pallet errors are written as one word of several capitalised parts; the pool's own sentences are not.
  return fault.code === "extrinsic-invalid"
    ? (fault.reason.match(/\b(?:[A-Z][a-z]+){2,}\b/g) ?? [])
    : [];
}

/** Whether the chain refused a call only because it came too soon: wait and call again. */
export function isRateLimited(error: unknown): boolean {
  return refusalNames(error).some((name) => RATE_LIMITS.has(name));
}
