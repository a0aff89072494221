/** @file One epoch of the chain's Yuma consensus, bit for bit as chain/yuma computes it: from stake and weights to who is paid what. */
import { yuma2, yuma3 } from "./bonds.ts";
import {
  type Fixed,
  normalised,
  ofInteger,
  ofRatio,
  ofShare,
  shareOf,
  toShare,
  ZERO,
} from "./fixed.ts";
import {
  clipped,
  consensusOf,
  interpolated,
  kept,
  leftProduct,
  type Matrix,
  matrixOf,
  rowSums,
  type StoredRow,
  withNormalRows,
} from "./matrix.ts";
import type { EpochInput, EpochOutput } from "./terms.ts";

/** Runs one epoch of one subnet. */
export function runEpoch(input: EpochInput): EpochOutput {
  const stake = normalStake(input);
  const permits = withOwner(input, (uid) => input.permits[uid] ?? false);
  const top = topStaked(stake, input.maxValidators);
  const newPermits = withOwner(input, (uid) => top.has(uid));
  const activeStake = normalised(
    stake.map((share, uid) => (isActive(input, uid) && permits[uid] === true ? share : ZERO)),
  );
  const weights = validWeights(input, permits);
  const consensus = consensusOf(activeStake, weights, ofShare(input.kappa));
  const cut = clipped(weights, consensus);
  const incentive = normalised(leftProduct(cut, activeStake));
  const terms = {
    input,
    activeStake,
    weights: interpolated(weights, cut, ofShare(input.bondsPenalty)),
    consensus,
    incentive,
  };
  const { bonds, dividends } = input.yuma3 ? yuma3(terms) : yuma2(terms);
  return {
    consensus: consensus.map(toShare),
    incentive: incentive.map(toShare),
    dividends: dividends.map(toShare),
    permits: newPermits,
    bonds: storedBonds(input, bonds, { before: permits, after: newPermits }),
    consensusShare: consensus,
    incentiveShare: incentive,
    dividendShare: dividends,
    trustShare: rowSums(cut),
    fallbackShare: isZero(activeStake) ? stake : activeStake,
  };
}

function isActive({ lastUpdate, activityCutoff, block }: EpochInput, uid: number): boolean {
  return (lastUpdate[uid] ?? 0) + activityCutoff >= block;
}

/** Stake below the threshold counts as none, except the owner's. */
function normalStake({ stakeRao, stakeThresholdRao, ownerUid }: EpochInput): readonly Fixed[] {
  const counted = stakeRao.map((stake, uid) =>
    stake >= stakeThresholdRao || uid === ownerUid ? stake : 0n,
  );
  const all = counted.reduce((sum, stake) => sum + stake, 0n);
  return counted.map((stake) => ofRatio(stake, all));
}

/** The `count` largest that are not 0; at a tie the lower uid loses. */
function topStaked(stake: readonly Fixed[], count: number): ReadonlySet<number> {
  const order = stake.map((share, uid) => ({ share, uid }));
  order.sort((a, b) => (a.share === b.share ? b.uid - a.uid : a.share > b.share ? -1 : 1));
  const first = order.slice(0, count).filter(({ share }) => share !== ZERO);
  return new Set(first.map(({ uid }) => uid));
}

function withOwner({ stakeRao, ownerUid }: EpochInput, has: (uid: number) => boolean): boolean[] {
  return stakeRao.map((_, uid) => uid === ownerUid || has(uid));
}

/** Rows of permitted validators without self-weights and without weights older than their target, row-normalised. */
function validWeights(input: EpochInput, permits: readonly boolean[]): Matrix {
  const { lastUpdate, registeredAt, ownerUid } = input;
  const stored = matrixOf(input.weights, input.stakeRao.length, ofInteger);
  return withNormalRows(
    kept(
      stored,
      (row, column) =>
        permits[row] === true &&
        (row !== column || row === ownerUid) &&
        (lastUpdate[row] ?? 0) > (registeredAt[column] ?? 0),
    ),
  );
}

/** New bonds where there is a permit now, none where it was lost, the stored row where there was none. */
function storedBonds(
  input: EpochInput,
  bonds: Matrix,
  permits: { readonly before: readonly boolean[]; readonly after: readonly boolean[] },
): readonly StoredRow[] {
  return bonds.map((row, uid) => {
    if (permits.after[uid] === true)
      return row.map(([column, value]) => [column, toShare(value)] as const);
    return permits.before[uid] === true ? [] : (input.bonds[uid] ?? []);
  });
}

function isZero(shares: readonly Fixed[]): boolean {
  return shares.every((share) => share === ZERO);
}

/** Truncated parts of a pool, never more than it holds. */
function parts(shares: readonly Fixed[], pool: bigint): readonly bigint[] {
  let left = pool;
  return shares.map((share) => {
    const part = shareOf(share, pool);
    const given = part < left ? part : left;
    left -= given;
    return given;
  });
}

/** Whether somebody earned an incentive; an epoch without pays nobody on our chain (src/protocol/economy.ts). */
export function hasIncentive({ incentiveShare }: EpochOutput): boolean {
  return !isZero(incentiveShare);
}

/** The miners' pool by incentive, truncated. */
export function minerPay({ incentiveShare }: EpochOutput, pool: bigint): readonly bigint[] {
  return parts(incentiveShare, pool);
}

/** The validators' pool by dividends, or by stake where all dividends are 0. */
export function validatorPay(
  { dividendShare, fallbackShare }: EpochOutput,
  pool: bigint,
): readonly bigint[] {
  return parts(isZero(dividendShare) ? fallbackShare : dividendShare, pool);
}
