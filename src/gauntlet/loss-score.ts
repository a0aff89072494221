/** @file What an update did to the loss: on the data it was assigned and on data nobody was assigned (docs/gauntlet.md#3-loss-score). */

/** Mean loss (nats) of each sequence of a batch before and after the update; same sequences, same order. */
export type PairedLosses = {
  readonly before: readonly number[];
  readonly after: readonly number[];
};

/** The losses of one update: `own` on sequences of its assigned pages, `noise` on pages that nobody was assigned. */
export type UpdateLosses = { readonly own: PairedLosses; readonly noise: PairedLosses };

/** The outcome of an evaluation. */
export type LossScore = {
  /** Relative fall of the mean loss on own data: (before - after) / before. Positive is good. */
  readonly own: number;
  /** The same on noise data; it drives the rating. */
  readonly noise: number;
  /**
   * Did the update help its own data more than noise data? +1 yes, -1 less, 0 while the margin is within chance. It drives
   * trust. The published scorer takes the bare sign: a copier's coin flips then reach its threshold a quarter of the time.
   */
  readonly indicator: 1 | 0 | -1;
  /**
   * How sure the indicator is: difference of the mean relative falls over its standard error (Welch), sequences paired
   * before/after. Beyond about 2 it is hardly chance. Bounded to [-1000, 1000].
   */
  readonly margin: number;
};

const MARGIN_BOUND = 1000;
/** Standard errors beyond which a difference counts: chance alone reaches it in 5 % of windows. */
export const DECIDED_MARGIN = 2;

/**
 * Score an evaluation; null if any loss is not finite or a batch is empty (verdict "not-finite").
 * @throws RangeError if before and after do not pair up: the validator's bug, not the miner's.
 */
export function scoreLosses(evidence: UpdateLosses): LossScore | null {
  const own = relativeFalls(evidence.own);
  const noise = relativeFalls(evidence.noise);
  if (own === null || noise === null) return null;
  const margin = welch(own.falls, noise.falls);
  return { own: own.fall, noise: noise.fall, indicator: indicatorOf(margin), margin };
}

/** The indicator that a margin stands for. */
export function indicatorOf(margin: number): 1 | 0 | -1 {
  if (Math.abs(margin) < DECIDED_MARGIN) return 0;
  return margin > 0 ? 1 : -1;
}

type Falls = {
  /** Fall of the mean, relative to the mean before. */
  readonly fall: number;
  /** Fall of each sequence, relative to the same mean, so that they average to `fall`. */
  readonly falls: readonly number[];
};

function relativeFalls({ before, after }: PairedLosses): Falls | null {
  if (before.length !== after.length)
    throw new RangeError("losses before and after do not pair up");
  if (before.length === 0 || ![...before, ...after].every(Number.isFinite)) return null;
  const base = mean(before);
  // A batch without loss cannot fall; the published scorer's guard, which also keeps the division finite.
  if (base <= 0) return { fall: 0, falls: before.map(() => 0) };
  const falls = before.map((loss, index) => (loss - (after[index] ?? loss)) / base);
  return { fall: (base - mean(after)) / base, falls };
}

function welch(a: readonly number[], b: readonly number[]): number {
  const difference = mean(a) - mean(b);
  const error = Math.sqrt(varianceOfMean(a) + varianceOfMean(b));
  if (difference === 0) return 0;
  const margin = error === 0 ? Math.sign(difference) * MARGIN_BOUND : difference / error;
  return Math.max(-MARGIN_BOUND, Math.min(MARGIN_BOUND, margin));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOfMean(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return squares / (values.length - 1) / values.length;
}
