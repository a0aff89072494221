/** @file Plackett-Luce rating over the noise scores of a window (docs/gauntlet.md#5-rating): equal to openskill 6.2, one player a team. */

/** A belief about a hotkey's skill: normal with mean `mu` and deviation `sigma`. */
export type Rating = { readonly mu: number; readonly sigma: number };

/** What a hotkey starts with. Its ordinal is 0. */
export const NEW_RATING: Rating = { mu: 25, sigma: 25 / 3 };

const KAPPA = 1e-4;
const ORDINAL_SIGMAS = 3;

/** A cautious estimate of skill: mu - 3 sigma. */
export function ordinalOf({ mu, sigma }: Rating): number {
  return mu - ORDINAL_SIGMAS * sigma;
}

/** A player of a window. Only the order of scores matters; -Infinity ranks last, equal scores tie. */
export type Player = { readonly rating: Rating; readonly score: number };

/**
 * The ratings after one window, in the order of the players. `beta`: spread of performance around skill; `tau`: how much
 * skill may drift per window. Fewer than two players say nothing, so their ratings are returned as they are.
 */
export function rate(
  players: readonly Player[],
  { beta, tau }: { readonly beta: number; readonly tau: number },
): readonly Rating[] {
  if (players.length < 2) return players.map(({ rating }) => rating);
  const field = fieldOf(players, beta, tau);
  const updated = field.members.map((member) => updatedRating(member, field));
  return averageTies(field.members, updated);
}

type Member = {
  readonly before: Rating;
  readonly mu: number;
  readonly sigmaSquared: number;
  readonly rank: number;
  readonly strength: number;
};

type Field = {
  readonly members: readonly Member[];
  /** c of the paper: total spread. */
  readonly spread: number;
  /** Per member: sum of the strengths of those ranked no better. */
  readonly sums: readonly number[];
  /** Per member: how many share its rank. */
  readonly shares: readonly number[];
};

function fieldOf(players: readonly Player[], beta: number, tau: number): Field {
  const drifted = players.map(({ rating }) => {
    // The square of the root, as openskill has it: the last bit differs from the plain sum.
    const sigma = Math.sqrt(rating.sigma * rating.sigma + tau * tau);
    return { before: rating, mu: rating.mu, sigmaSquared: sigma * sigma };
  });
  const spread = Math.sqrt(
    drifted.reduce((sum, { sigmaSquared }) => sum + (sigmaSquared + beta * beta), 0),
  );
  const members = drifted.map((member, index) => {
    const score = players[index]?.score ?? 0;
    const rank = players.filter((other) => other.score > score).length;
    return { ...member, rank, strength: Math.exp(member.mu / spread) };
  });
  const sums = members.map(({ rank }) =>
    members.reduce((sum, other) => (other.rank >= rank ? sum + other.strength : sum), 0),
  );
  const shares = members.map(({ rank }) => members.filter((other) => other.rank === rank).length);
  return { members, spread, sums, shares };
}

function updatedRating(member: Member, { members, spread, sums, shares }: Field): Rating {
  let omega = 0;
  let delta = 0;
  for (const [index, other] of members.entries()) {
    if (other.rank > member.rank) continue;
    const chance = member.strength / (sums[index] ?? 1);
    const share = shares[index] ?? 1;
    delta += (chance * (1 - chance)) / share;
    omega += (other === member ? 1 - chance : -chance) / share;
  }
  const { mu, sigmaSquared } = member;
  const gamma = Math.sqrt(sigmaSquared) / spread;
  const shrink = 1 - (sigmaSquared / (spread * spread)) * gamma * delta;
  return {
    mu: mu + (sigmaSquared / spread) * omega,
    sigma: Math.sqrt(sigmaSquared) * Math.sqrt(Math.max(shrink, KAPPA)),
  };
}

/** All members of a tie move by the average of their moves, as openskill does from 6.1 on. */
function averageTies(members: readonly Member[], updated: readonly Rating[]): readonly Rating[] {
  const moves = new Map<number, { sum: number; count: number }>();
  for (const [index, { rank, mu }] of members.entries()) {
    const move = moves.get(rank) ?? { sum: 0, count: 0 };
    move.sum += (updated[index]?.mu ?? mu) - mu;
    move.count += 1;
    moves.set(rank, move);
  }
  return members.map(({ rank, mu, before }, index) => {
    const own = updated[index] ?? before;
    const move = moves.get(rank);
    return move === undefined || move.count === 1
      ? own
      : { mu: mu + move.sum / move.count, sigma: own.sigma };
  });
}
