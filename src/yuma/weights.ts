/** @file Weights as the chain stores them, scaled so that the largest is 65535, and which of them an epoch leaves out while others are hidden. */
import { ofInteger, product, quotient, rounded } from "./fixed.ts";
import type { StoredRow } from "./matrix.ts";

/** Above this, the chain divides first: the product would leave 31 integer bits. */
const DIVIDE_FIRST_ABOVE = 32_768;

/** What `set_mechanism_weights` stores of u16 values; a row of zeros stays. */
export function storedWeights(values: readonly number[]): readonly number[] {
  const largest = Math.max(0, ...values);
  if (largest === 0) return values;
  const [top, divisor] = [ofInteger(65_535), ofInteger(largest)];
  const factor = quotient(top, divisor);
  return values.map((value) => {
    const one = ofInteger(value);
    return rounded(
      largest > DIVIDE_FIRST_ABOVE ? product(one, factor) : quotient(product(one, top), divisor),
    );
  });
}

/**
 * Leaves out weights for neurons that registered after their validator committed to others: with commit-reveal on, the stored weights
 * may be older than the neuron that now holds the uid. `earliestCommit`: by uid of the validator, null without an open commit.
 */
export function maskCommitted(
  weights: readonly StoredRow[],
  earliestCommit: readonly (number | null)[],
  registeredAt: readonly number[],
): readonly StoredRow[] {
  return weights.map((row, uid) => {
    const commit = earliestCommit[uid] ?? null;
    return commit === null ? row : row.filter(([target]) => commit >= (registeredAt[target] ?? 0));
  });
}
