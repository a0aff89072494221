/** @file A validator that copies weights on a drawn subnet: what it sees, what it sets, and its dividends over its part of the stake. */
import { blake2b256 } from "../../src/protocol/digest.ts";
import { type Draws, drawsOf } from "../../src/protocol/draws.ts";
import { runEpoch, validatorPay } from "../../src/yuma/epoch.ts";
import type { StoredRow } from "../../src/yuma/matrix.ts";
import type { EpochInput } from "../../src/yuma/terms.ts";
import { moments, normal, ripeness } from "./worth.ts";

const EPOCHS = 60;
const MINERS = 12;
const TEMPO = 10;
const FIRST_BLOCK = 100;
/** Percent of the stake: those that judge, and the copier. */
const JUDGES = [25, 20, 18, 15, 12] as const;
const COPIER = 10;
const VALIDATORS = JUDGES.length + 1;
/** Bonds grow from nothing: what the first epochs pay says little. */
const SETTLED = 5;
const POOL_RAO = 10n ** 12n;
const RAO = 10n ** 12n;
const U16 = 65_535;
/** Weights of so many epochs are averaged by who hopes that luck evens out. */
const AVERAGED = 4;
const EVERYTHING = 100;

/** What an owner can set of it. */
export type Rules = Pick<
  EpochInput,
  "yuma3" | "bondsMovingAverage" | "bondsPenalty" | "kappa" | "liquidAlpha"
>;

/** New subnets have these. */
export const NEW_SUBNET: Rules = {
  yuma3: true,
  bondsMovingAverage: 900_000,
  bondsPenalty: U16,
  kappa: 32_767,
  liquidAlpha: null,
};

/**
 * How a copier copies: the stake-weighted median of what it can see; the median with newcomers raised by what the
 * rules will make of them; the row of the largest validator whose new one it sees, else the same; the mean of the last epochs' medians, newcomers raised likewise.
 */
export const COPIES = ["median", "largest", "foreseen", "average"] as const;
type Copy = (typeof COPIES)[number];

/** One game. Percentages are of epochs, drawn for each judge. */
export type Game = {
  readonly rules: Rules;
  /** Relative difference between judges of the same miner. */
  readonly disagreement: number;
  readonly windowsPerEpoch: number;
  /** Windows between what is copied and the copy. */
  readonly late: number;
  /** Weights that come in time, but so early that they are copied in their epoch. */
  readonly seenPercent: number;
  /** Weights that come after their epoch: those of the epoch before count once more. */
  readonly missedPercent: number;
  /** Whose weights the two percentages are about; null: everybody's. */
  readonly whose: number | null;
  /** Epochs in which a miner has all bonds in it dropped. */
  readonly resetPercent: number;
  readonly copy: Copy;
};

/** The game that the others change something of. */
export const GAME: Game = {
  rules: NEW_SUBNET,
  disagreement: 0,
  windowsPerEpoch: 1,
  late: 1,
  seenPercent: 0,
  missedPercent: 0,
  whose: null,
  resetPercent: 0,
  copy: "median",
};

/** Dividends over the part of the stake; 1 is what the stake would give. */
export type Earned = { readonly copier: number; readonly judges: readonly number[] };

/** A row as the chain stores it, from what a validator thinks of each miner. */
function rowOf(worth: readonly number[]): StoredRow {
  const largest = Math.max(...worth);
  return worth.map((one, miner) => [VALIDATORS + miner, Math.round((U16 * one) / largest)]);
}

/** The stake-weighted median of what the judges said, miner by miner. */
function medianOf(rows: readonly StoredRow[]): readonly number[] {
  const half = JUDGES.reduce((sum, stake) => sum + stake, 0) / 2;
  return Array.from({ length: MINERS }, (_, miner) => {
    const said = rows.map((row, judge) => [row[miner]?.[1] ?? 0, JUDGES[judge] ?? 0] as const);
    let below = 0;
    for (const [value, stake] of said.toSorted(([a], [b]) => a - b)) {
      below += stake;
      if (below >= half) return value;
    }
    return 0;
  });
}

/** What a copier has to go by. */
type Sight = {
  /** The newest row of each judge that is public in time. */
  readonly rows: readonly StoredRow[];
  /** The largest judge whose row of this epoch is among them. */
  readonly fresh: StoredRow | null;
  /** Medians of the epochs before, newest last. */
  readonly past: readonly (readonly number[])[];
  /** Age of each hotkey in windows: when what is seen was said (0: not there yet), and now. */
  readonly ages: readonly (readonly [then: number, now: number])[];
};

/** What the copied weights become by the rules alone: those of newcomers grow, and who took a uid meanwhile begins low. */
function raised(values: readonly number[], { ages }: Sight): readonly number[] {
  const usual = Math.max(...values) / 2;
  return values.map((value, miner) => {
    const [then, now] = ages[miner] ?? [1, 1];
    return then <= 0 ? usual * ripeness(now) : (value * ripeness(now)) / ripeness(then);
  });
}

function copied(how: Copy, sight: Sight): StoredRow {
  if (how === "largest" && sight.fresh !== null) return sight.fresh;
  const median = medianOf(sight.rows);
  if (how === "median") return rowOf(median);
  const kept = how === "average" ? [...sight.past.slice(1 - AVERAGED), median] : [median];
  const mean = median.map(
    (_, miner) => kept.reduce((sum, one) => sum + (one[miner] ?? 0), 0) / kept.length,
  );
  return rowOf(raised(mean, sight));
}

const everybody = <T>(judge: T, miner: T): readonly T[] =>
  Array.from({ length: VALIDATORS + MINERS }, (_, uid) => (uid < VALIDATORS ? judge : miner));

/** The subnet before its first epoch. */
function subnet(rules: Rules): EpochInput {
  const stakes = [...JUDGES, COPIER].map((percent) => BigInt(percent) * RAO);
  return {
    ...rules,
    block: FIRST_BLOCK,
    tempo: TEMPO,
    activityCutoff: 5000,
    maxValidators: 64,
    ownerUid: null,
    lastEpoch: FIRST_BLOCK - TEMPO,
    stakeRao: everybody(0n, 0n).map((none, uid) => stakes[uid] ?? none),
    stakeThresholdRao: 0n,
    lastUpdate: everybody(FIRST_BLOCK - 1, 0),
    registeredAt: everybody(0, 0),
    permits: everybody(true, false),
    weights: [],
    bonds: [],
  };
}

/** What became of each judge's weights in an epoch. */
type Came = "hidden" | "seen" | "missed";

function cameOf(draws: Draws, { seenPercent, missedPercent, whose }: Game): readonly Came[] {
  return JUDGES.map((_, judge) => {
    const drawn = draws.below(EVERYTHING);
    if (whose !== null && whose !== judge) return "hidden";
    if (drawn < seenPercent) return "seen";
    return drawn < seenPercent + missedPercent ? "missed" : "hidden";
  });
}

/** The rows that count in an epoch, the copier's last, and the window in which each miner's hotkey came. */
type Counted = { readonly rows: readonly StoredRow[]; readonly since: readonly number[] };

/** What every judge says in every epoch, what counts of it, and what a copier makes of what it sees. */
function* epochs(seed: number, game: Game): Generator<Counted> {
  const draws = drawsOf(blake2b256(new TextEncoder().encode(`copier ${seed}`)));
  const luck = drawsOf(blake2b256(new TextEncoder().encode(`timing ${seed}`)));
  const { windowsPerEpoch, late } = game;
  const windows = EPOCHS * windowsPerEpoch;
  const all = moments(draws, { miners: MINERS, windows, perEpoch: windowsPerEpoch });
  const judgements = all.map(({ worth }) =>
    JUDGES.map(() =>
      rowOf(worth.map((one) => one * Math.max(0, 1 + game.disagreement * normal(draws)))),
    ),
  );
  let standing: readonly StoredRow[] = judgements[windowsPerEpoch - 1] ?? [];
  const past: (readonly number[])[] = [];
  for (let window = windowsPerEpoch - 1; window < windows; window += windowsPerEpoch) {
    const said = judgements[window] ?? [];
    const came = cameOf(luck, game);
    const then = Math.max(0, window - late);
    // Weights that came late are public too by the next epoch.
    const before = judgements[then] ?? [];
    const known = said.map((row, judge) => (came[judge] === "seen" ? row : (before[judge] ?? row)));
    const fresh = came.indexOf("seen");
    const sinceNow = all[window]?.since ?? [];
    const ages = sinceNow.map((since) => [then - since + 1, window - since + 1] as const);
    const sight = { rows: known, fresh: said[fresh] ?? null, past: [...past], ages };
    const counted = said.map((row, judge) =>
      came[judge] === "missed" ? (standing[judge] ?? row) : row,
    );
    yield { rows: [...counted, copied(game.copy, sight)], since: sinceNow };
    past.push(medianOf(known));
    standing = counted;
  }
}

/** Plays a game on the subnet of a seed. */
export function played(seed: number, game: Game): Earned {
  let input = subnet(game.rules);
  const earned = [...JUDGES, COPIER].map(() => 0n);
  const resets = drawsOf(blake2b256(new TextEncoder().encode(`resets ${seed}`)));
  let epoch = 0;
  for (const { rows, since } of epochs(seed, game)) {
    const block = FIRST_BLOCK + epoch * TEMPO;
    const registeredAt = input.registeredAt.map((_, uid) => {
      const came = Math.floor((since[uid - VALIDATORS] ?? 0) / game.windowsPerEpoch);
      return uid < VALIDATORS ? 0 : FIRST_BLOCK + came * TEMPO - TEMPO / 2;
    });
    const lastUpdate = everybody(block - 1, 0);
    input = { ...input, block, lastEpoch: block - TEMPO, lastUpdate, registeredAt, weights: rows };
    const output = runEpoch(input);
    const dropped = input.stakeRao.map(() => resets.below(EVERYTHING) < game.resetPercent);
    const bonds = output.bonds.map((row) => row.filter(([column]) => dropped[column] !== true));
    input = { ...input, permits: output.permits, bonds };
    if (epoch++ < SETTLED) continue;
    for (const [uid, pay] of validatorPay(output, POOL_RAO).entries())
      if (uid < VALIDATORS) earned[uid] = (earned[uid] ?? 0n) + pay;
  }
  const total = Number(earned.reduce((sum, one) => sum + one, 0n));
  const shares = earned.map((one, uid) => {
    const stake = JUDGES[uid] ?? COPIER;
    return (Number(one) / total) * (EVERYTHING / stake);
  });
  return { copier: shares.at(-1) ?? 0, judges: shares.slice(0, -1) };
}
