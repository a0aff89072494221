/** @file What goes into an epoch and what comes out. */
import type { Fixed } from "./fixed.ts";
import type { StoredRow } from "./matrix.ts";

/** The bonds' moving average depends on how far a weight lies from consensus; low and high of 65535, steepness in hundredths. */
export type LiquidAlpha = {
  readonly low: number;
  readonly high: number;
  readonly steepness: number;
};

/** One subnet at one block, as the chain stores it. Lists are by uid; `stakeRao` says how many neurons there are. */
export type EpochInput = {
  readonly block: number;
  /** Blocks between epochs. */
  readonly tempo: number;
  /** A neuron whose last update lies more than this many blocks back is inactive. */
  readonly activityCutoff: number;
  /** Majority of stake that makes consensus, of 65535. */
  readonly kappa: number;
  /** How far bonds follow the clipped weights instead of the raw ones, of 65535. */
  readonly bondsPenalty: number;
  /** Share of the old bonds in the moving average, in millionths. */
  readonly bondsMovingAverage: number;
  readonly yuma3: boolean;
  /** Only Yuma3 knows it. */
  readonly liquidAlpha: LiquidAlpha | null;
  readonly maxValidators: number;
  /** The owner's neuron: always permitted, exempt from the threshold, may weight itself. */
  readonly ownerUid: number | null;
  /** Block of the last epoch; 0 if there was none. */
  readonly lastEpoch: number;
  readonly stakeRao: readonly bigint[];
  /** Stake below this counts as 0. */
  readonly stakeThresholdRao: bigint;
  readonly lastUpdate: readonly number[];
  readonly registeredAt: readonly number[];
  /** Validator permits of the last epoch. */
  readonly permits: readonly boolean[];
  readonly weights: readonly StoredRow[];
  readonly bonds: readonly StoredRow[];
};

/** What the epoch found; `*Share` are exact, the u16 ones as they are stored. */
export type EpochOutput = {
  readonly consensus: readonly number[];
  readonly incentive: readonly number[];
  readonly dividends: readonly number[];
  readonly permits: readonly boolean[];
  readonly bonds: readonly StoredRow[];
  readonly consensusShare: readonly Fixed[];
  readonly incentiveShare: readonly Fixed[];
  readonly dividendShare: readonly Fixed[];
  readonly trustShare: readonly Fixed[];
  /** Who is paid when nobody earned a dividend. */
  readonly fallbackShare: readonly Fixed[];
};

/** What one epoch's bonds are computed from. */
export type BondTerms = {
  readonly input: EpochInput;
  readonly activeStake: readonly Fixed[];
  readonly weights: readonly (readonly (readonly [number, Fixed])[])[];
  readonly consensus: readonly Fixed[];
  readonly incentive: readonly Fixed[];
};
