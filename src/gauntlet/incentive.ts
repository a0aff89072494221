/** @file From ratings, trust and penalties to the u16 weights on chain (docs/protocol.md#11-weights). */

const MAXIMUM_WEIGHT = 65535;

/**
 * The final score: (ordinal - smallest ordinal of the rated + 1) * trust * penalties. The shift keeps the rating's zero
 * point from zeroing a miner who helps but ranks below the median.
 */
export function finalScore(options: {
  readonly ordinal: number;
  readonly smallestOrdinal: number;
  /** trustFactor: in [0, 1]. */
  readonly trust: number;
  /** multiplierOf: in [0, 1]. */
  readonly multiplier: number;
}): number {
  const { ordinal, smallestOrdinal, trust, multiplier } = options;
  return (ordinal - smallestOrdinal + 1) * trust * multiplier;
}

/** Weights as set_weights takes them: parallel lists, uids ascending, no zeros. */
export type ChainWeights = {
  readonly uids: readonly number[];
  readonly weights: readonly number[];
};

/**
 * u16 weights: x = final^power, floor(65535 * x / max(x) + 0.5), zeros dropped. Finals at or below zero, or not finite,
 * earn nothing; if nobody earns, the lists are empty and no weights should be set.
 */
export function weightsOf(
  finals: readonly { readonly uid: number; readonly final: number }[],
  power: number,
): ChainWeights {
  const powers = finals
    .map(({ uid, final }) => ({ uid, x: raised(final, power) }))
    .toSorted((a, b) => a.uid - b.uid);
  const largest = powers.reduce((max, { x }) => Math.max(max, x), 0);
  if (largest === 0) return { uids: [], weights: [] };
  const scaled = powers
    .map(({ uid, x }) => ({ uid, weight: Math.floor((MAXIMUM_WEIGHT * x) / largest + 0.5) }))
    .filter(({ weight }) => weight > 0);
  return { uids: scaled.map(({ uid }) => uid), weights: scaled.map(({ weight }) => weight) };
}

function raised(final: number, power: number): number {
  if (!Number.isFinite(final) || final <= 0) return 0;
  // The usual powers are plain products: IEEE fixes their bits, which it does not do for pow.
  if (power === 1) return final;
  return power === 2 ? final * final : final ** power;
}
