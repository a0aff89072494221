/**
 * @file Who earns at an epoch: Yuma's consensus, clipping and incentive as chain/yuma/src/epoch.rs has them, in float64
 * instead of its I32F32, so shares differ from the chain's by some 1e-9. Bonds and dividends are left out: validators'
 * stakes stand still here.
 */

/** The weights of a validator with a permit. */
export type Row = {
  readonly stake: number;
  /** uid -> weight, any scale. */
  readonly weights: ReadonlyMap<number, number>;
};

const normalised = (values: readonly number[]): number[] => {
  const sum = values.reduce((all, one) => all + one, 0);
  return sum > 0 ? values.map((one) => one / sum) : values.map(() => 0);
};

/** The largest score that those with more than half of the stake give or exceed; stakes sum to 1. */
function consensusOf(stakes: readonly number[], scores: readonly number[]): number {
  const falling = scores
    .map((score, index) => ({ score, stake: stakes[index] ?? 0 }))
    .toSorted((a, b) => b.score - a.score);
  let held = 0;
  for (const { score, stake } of falling) {
    held += stake;
    if (held > 0.5) return score;
  }
  return 0;
}

/** Share of the miners' emission by uid; all 0 when nobody sets weights. */
export function incentiveOf(rows: readonly Row[], neurons: number): readonly number[] {
  const stakes = normalised(rows.map((row) => row.stake));
  const shares = rows.map(({ weights }) =>
    normalised(Array.from({ length: neurons }, (_, uid) => weights.get(uid) ?? 0)),
  );
  const ranks = Array.from({ length: neurons }, (_, uid) => {
    const scores = shares.map((row) => row[uid] ?? 0);
    const consensus = consensusOf(stakes, scores);
    return scores.reduce((sum, score, i) => sum + (stakes[i] ?? 0) * Math.min(score, consensus), 0);
  });
  return normalised(ranks);
}
