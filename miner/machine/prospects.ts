/** @file What a machine's speed is worth on a run: whether it finishes a window's work in time, and what it may earn. Pure. */

/** A run as far as the work of a miner goes. */
export type RunWork = {
  readonly steps: number;
  readonly batch: number;
  readonly context: number;
  /** Seconds of the part of a window in which miners train. */
  readonly trainSeconds: number;
};

/** What to expect of it. */
export type Prospects = {
  /** Seconds that the inner steps of a window take here. */
  readonly neededSeconds: number;
  /** Share of a window's steps that is done in time, 1 at most. */
  readonly share: number;
  /** Inner steps that this machine can do in the time. */
  readonly steps: number;
  /** Alpha of an epoch, in rao, that would be this machine's, or null without participants. */
  readonly expectedRao: bigint | null;
};

/**
 * Pay goes by what an update improves, and equal work earns equal pay: so a newcomer who does the share s of a window's steps is
 * counted as s of a miner, beside the present ones as they are paid now.
 * @param paidRao what each present miner got in the last epoch; those who got nothing do not count
 */
export function prospectsOf(
  tokensPerSecond: number,
  { steps, batch, context, trainSeconds }: RunWork,
  paidRao: readonly bigint[],
): Prospects {
  const neededSeconds = (steps * batch * context) / tokensPerSecond;
  const share = Math.min(1, trainSeconds / neededSeconds);
  const paid = paidRao.filter((one) => one > 0n);
  const total = paid.reduce((sum, one) => sum + one, 0n);
  const parts = paid.length + share;
  // Millionths: rao are integers.
  const mine = BigInt(Math.round((1e6 * share) / parts));
  return {
    neededSeconds,
    share,
    steps: Math.floor(steps * share),
    expectedRao: paid.length === 0 ? null : (total * mine) / 1_000_000n,
  };
}
