/** @file Which updates a window accepts: more than half of all counting stake has to vote by the rules in force, name the same parameters and the update (docs/protocol.md#7-acceptance). */
import { type Hex } from "./digest.ts";
import { type Vote } from "./vote.ts";

/** How many windows back, the window itself included, a silence is looked for. */
export const LOOK_BACK_WINDOWS = 32;

/** Windows after an outer step in which votes have to name some parameters, else it is void (docs/protocol.md#void-windows). */
export const CONFIRMED_WITHIN_WINDOWS = 3;

/** Windows of silence that cost nothing. */
const FREE_SILENCE = 3;
/** Sixteenths of its stake with which a validator that votes counts, and one that is silent for ever. */
const FULL_SIXTEENTHS = 16;
const LEAST_SIXTEENTHS = 4;

/** A validator as the chain shows it: one that never voted in the run is none. */
export type Voter = {
  readonly uid: number;
  /** In rao: the smallest of the stakes that docs/protocol.md#stake names. */
  readonly stake: bigint;
  /** Whether it held this uid and a permit in all of that time. */
  readonly permit: boolean;
  /** Windows since its last vote in which another permit holder voted; 0 if it voted in this window. */
  readonly silence: number;
  /** Its vote of the window, if any (votes of other windows are ignored). */
  readonly votes: readonly Vote[];
};

/** The outcome of a window. */
export type Acceptance = {
  /** digest(theta_w) that more than half of all counting stake names; null when there is none: nothing is accepted then. */
  readonly digest: Hex | null;
  /** A_w: ascending uids. Empty: a null window, theta stays. */
  readonly accepted: readonly number[];
  /** Counting stake of all voters in sixteenths of a rao, whether they voted in this window or not. */
  readonly totalSixteenths: bigint;
  /** The part of it behind `digest`; 0 when that is null. */
  readonly digestSixteenths: bigint;
  /** Uids whose vote names another digest than the majority's: they should derive their parameters again. */
  readonly dissenters: readonly number[];
};

type Ballot = { readonly uid: number; readonly weight: bigint; readonly vote: Vote };

/** Counting stake in sixteenths of a rao. Nothing is divided, so nothing is rounded. */
export function countingSixteenths({ stake, silence }: Pick<Voter, "stake" | "silence">): bigint {
  const lost = Math.max(0, silence - FREE_SILENCE);
  return stake * BigInt(Math.max(LEAST_SIXTEENTHS, FULL_SIXTEENTHS - lost));
}

/**
 * Count the votes of a window. Order of voters does not matter. `rules`: rulesDigest of the rules in force in it; a vote by
 * others counts for nothing, and its stake stays in the total.
 */
export function countVotes(options: {
  readonly window: number;
  readonly rules: Hex;
  readonly voters: readonly Voter[];
}): Acceptance {
  const voters = options.voters.filter(({ permit, stake }) => permit && stake > 0n);
  const totalSixteenths = voters.reduce((sum, voter) => sum + countingSixteenths(voter), 0n);
  const ballots = voters.flatMap((voter): Ballot[] => {
    const vote = voter.votes.find(
      ({ window, rulesDigest }) => window === options.window && rulesDigest === options.rules,
    );
    return vote === undefined ? [] : [{ uid: voter.uid, weight: countingSixteenths(voter), vote }];
  });
  const isMajority = (weight: bigint): boolean => 2n * weight > totalSixteenths;
  const [digest, digestSixteenths] = [...weightPerDigest(ballots)].find(([, weight]) =>
    isMajority(weight),
  ) ?? [null, 0n];
  const counted = ballots.filter(({ vote }) => vote.thetaDigest === digest);
  const accepted = [...weightPerUid(counted)]
    .filter(([, weight]) => isMajority(weight))
    .map(([uid]) => uid)
    .toSorted((a, b) => a - b);
  const dissenters = digest === null ? [] : ballots.filter((ballot) => !counted.includes(ballot));
  return {
    digest,
    accepted,
    totalSixteenths,
    digestSixteenths,
    dissenters: dissenters.map(({ uid }) => uid).toSorted((a, b) => a - b),
  };
}

function weightPerDigest(ballots: readonly Ballot[]): Map<Hex, bigint> {
  const weights = new Map<Hex, bigint>();
  for (const { weight, vote } of ballots)
    weights.set(vote.thetaDigest, (weights.get(vote.thetaDigest) ?? 0n) + weight);
  return weights;
}

function weightPerUid(ballots: readonly Ballot[]): Map<number, bigint> {
  const yes = new Map<number, bigint>();
  for (const { weight, vote } of ballots)
    for (const uid of new Set(vote.acceptedUids)) yes.set(uid, (yes.get(uid) ?? 0n) + weight);
  return yes;
}
