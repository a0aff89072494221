/** @file Bonds and the dividends that they earn, by either rule: Yuma2 (shares bought with weight times stake), Yuma3 (weights, paid by stake). */
import {
  bounded,
  difference,
  type Fixed,
  HALF,
  normalised,
  ofInteger,
  ofRatio,
  ofShare,
  ONE,
  product,
  quotient,
  sigmoidOfNegated,
  sum,
  ZERO,
} from "./fixed.ts";
import {
  type Entry,
  entryOf,
  kept,
  type Matrix,
  matrixOf,
  movingAverage,
  rightProduct,
  withNormalColumns,
  withScaledRows,
  withUpscaledColumns,
} from "./matrix.ts";
import type { BondTerms, EpochInput, LiquidAlpha } from "./terms.ts";

/** New bonds as they are stored, within 0 to 1, and the dividends by validator, which sum to at most 1. */
export type Bonded = { readonly bonds: Matrix; readonly dividends: readonly Fixed[] };

const MILLION = 1_000_000;
/** Steepness is given in hundredths; negative, because the sigmoid takes the negated product. */
const STEEPNESS_DIVISOR = ofInteger(-100);

/** The share of this epoch in the moving average. */
function fixedAlpha({ bondsMovingAverage }: EpochInput): Fixed {
  const old = Math.min(bondsMovingAverage, MILLION);
  return difference(ONE, ofRatio(BigInt(old), BigInt(MILLION)));
}

/** Stored bonds, without those in neurons that registered since the last epoch: they belonged to the uid's last holder. */
function standingBonds(input: EpochInput, read: (value: number) => Fixed): Matrix {
  const { block, tempo, lastEpoch, registeredAt } = input;
  const since = lastEpoch === 0 ? Math.max(0, block - tempo) : lastEpoch + 1;
  const stored = matrixOf(input.bonds, input.stakeRao.length, read);
  return kept(stored, (_, column) => since > (registeredAt[column] ?? 0));
}

/** Bonds and dividends of Yuma2. */
export function yuma2(terms: BondTerms): Bonded {
  const old = withNormalColumns(standingBonds(terms.input, ofInteger));
  const bought = withNormalColumns(withScaledRows(terms.weights, terms.activeStake));
  const bonds = withNormalColumns(movingAverage(bought, old, fixedAlpha(terms.input)));
  const dividends = normalised(rightProduct(bonds, terms.incentive));
  // Stored by column maximum, which keeps more digits than the share itself.
  return { bonds: withUpscaledColumns(bonds), dividends };
}

/** Bonds and dividends of Yuma3. */
export function yuma3(terms: BondTerms): Bonded {
  const { input, weights, activeStake } = terms;
  const old = standingBonds(input, ofShare);
  const hasConsensus = terms.consensus.some((share) => share !== ZERO);
  const { liquidAlpha } = input;
  const bonds =
    liquidAlpha !== null && hasConsensus
      ? liquidAverage(terms, old, liquidAlpha)
      : movingAverage(weights, old, fixedAlpha(input));
  const earned = rightProduct(withNormalColumns(bonds), terms.incentive);
  const paid = earned.map((one, uid) => product(one, activeStake[uid] ?? ZERO));
  return { bonds, dividends: normalised(paid) };
}

/** Only entries of the new weights survive, explicit zeros among them. */
function liquidAverage(
  { weights, consensus }: BondTerms,
  old: Matrix,
  liquid: LiquidAlpha,
): Matrix {
  return weights.map((row, uid) =>
    row.flatMap(([column, weight]): Entry[] => {
      const bond = entryOf(old[uid] ?? [], column);
      const alpha = liquidRate(liquid, { consensus: consensus[column] ?? ZERO, weight, bond });
      const gained = product(alpha, weight);
      const all = sum(product(difference(ONE, alpha), bond), gained > ZERO ? gained : ZERO);
      const value = all < ONE ? all : ONE;
      return value > ZERO ? [[column, value]] : [];
    }),
  );
}

/** Buying is measured against consensus, selling against the old bond. */
function liquidRate(
  { low, high, steepness }: LiquidAlpha,
  {
    consensus,
    weight,
    bond,
  }: { readonly consensus: Fixed; readonly weight: Fixed; readonly bond: Fixed },
): Fixed {
  const [least, most] = [ofShare(low), ofShare(high)];
  const gap = weight >= bond ? difference(weight, consensus) : difference(bond, weight);
  const distance = bounded(gap, ZERO, ONE);
  const negated = product(
    quotient(ofInteger(steepness), STEEPNESS_DIVISOR),
    difference(distance, HALF),
  );
  const rise = product(sigmoidOfNegated(negated), difference(most, least));
  return bounded(sum(least, rise), least, most);
}
