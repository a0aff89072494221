/** @file Which updates a window accepts: a majority of stake, of those who name the leading parameter digest (docs/protocol.md#7-acceptance). */
import { type Hex } from "./digest.ts";
import { type Vote } from "./vote.ts";

/** How many windows a validator may be silent for before its stake stops counting in the total. */
export const VOTER_MEMORY_WINDOWS = 3;

/** A neuron as the chain shows it at the last judge block of the window. */
export type Voter = {
  readonly uid: number;
  /** The integer that the epoch uses as stake. */
  readonly stake: bigint;
  readonly permit: boolean;
  /** Its counting votes of w, w-1 and w-2 (votes of other windows are ignored). */
  readonly votes: readonly Vote[];
};

/** The outcome of a window. */
export type Acceptance = {
  /** digest(theta_w) with the largest stake; null without any vote, or on a tie (then nothing can be accepted either). */
  readonly digest: Hex | null;
  /** A_w: ascending uids. Empty: a null window, theta stays. */
  readonly accepted: readonly number[];
  /** Stake of all voters, whether they voted in this window or not. */
  readonly totalStake: bigint;
  /** Stake behind `digest` in this window; 0 when it is null. */
  readonly digestStake: bigint;
  /** Uids whose vote names another digest: they should compare their parameters. */
  readonly dissenters: readonly number[];
};

type Ballot = { readonly uid: number; readonly stake: bigint; readonly vote: Vote };

/** Count the votes of a window. Order of voters and of votes does not matter. */
export function countVotes(options: {
  readonly window: number;
  readonly voters: readonly Voter[];
}): Acceptance {
  const { window } = options;
  const voters = options.voters.filter((voter) => isVoter(voter, window));
  const totalStake = voters.reduce((sum, voter) => sum + voter.stake, 0n);
  const ballots = voters.flatMap(({ uid, stake, votes }): Ballot[] => {
    const vote = votes.find((candidate) => candidate.window === window);
    return vote === undefined ? [] : [{ uid, stake, vote }];
  });
  const { digest, digestStake } = leadingDigest(ballots);
  const counted = ballots.filter(({ vote }) => vote.thetaDigest === digest);
  const accepted = [...stakePerUid(counted)]
    .filter(([, yes]) => 2n * yes > totalStake)
    .map(([uid]) => uid)
    .toSorted((a, b) => a - b);
  const dissenters = digest === null ? [] : ballots.filter((ballot) => !counted.includes(ballot));
  return {
    digest,
    accepted,
    totalStake,
    digestStake,
    dissenters: dissenters.map(({ uid }) => uid).toSorted((a, b) => a - b),
  };
}

function isVoter({ stake, permit, votes }: Voter, window: number): boolean {
  const recent = votes.some(
    (vote) => vote.window <= window && vote.window > window - VOTER_MEMORY_WINDOWS,
  );
  return permit && stake > 0n && recent;
}

function leadingDigest(ballots: readonly Ballot[]): {
  readonly digest: Hex | null;
  readonly digestStake: bigint;
} {
  const stakes = new Map<Hex, bigint>();
  for (const { stake, vote } of ballots) {
    stakes.set(vote.thetaDigest, (stakes.get(vote.thetaDigest) ?? 0n) + stake);
  }
  let best: { readonly digest: Hex | null; readonly digestStake: bigint } = {
    digest: null,
    digestStake: 0n,
  };
  for (const [digest, stake] of stakes) {
    if (stake > best.digestStake) best = { digest, digestStake: stake };
    // Two equal digests hold at most half the total each: neither can accept anything, so neither is "the" digest.
    else if (stake === best.digestStake) best = { digest: null, digestStake: stake };
  }
  return best.digest === null ? { digest: null, digestStake: 0n } : best;
}

function stakePerUid(ballots: readonly Ballot[]): Map<number, bigint> {
  const yes = new Map<number, bigint>();
  for (const { stake, vote } of ballots) {
    for (const uid of new Set(vote.acceptedUids)) yes.set(uid, (yes.get(uid) ?? 0n) + stake);
  }
  return yes;
}
