/**
 * @file What a validator earns that copies weights instead of judging: its dividends over its part of the stake, by how late it copies and how the
 * subnet keeps bonds. The chain's epoch (src/yuma) on twenty drawn subnets of twelve miners and eighty epochs, whose weights move as those of mode credit do.
 * `npm run bench -- copier`; one JSON line a row, the least and the largest of the seeds in percent.
 */
import { type Draws, drawsOf } from "../src/protocol/draws.ts";
import { blake2b256 } from "../src/protocol/digest.ts";
import { runEpoch, validatorPay } from "../src/yuma/epoch.ts";
import type { StoredRow } from "../src/yuma/matrix.ts";
import type { EpochInput } from "../src/yuma/terms.ts";

const SEEDS = 20;
const EPOCHS = 80;
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

/** How weights move: quality of a miner, luck of a window, new hotkeys, and the average and floor of mode credit. */
const MODEL = { quality: 0.06, luck: 0.45, churn: 0.02, alpha: 0.1, floor: 0.35, ripe: 6 } as const;

type Rules = Pick<EpochInput, "yuma3" | "bondsMovingAverage" | "liquidAlpha">;
const RULES: Readonly<Record<string, Rules>> = {
  "yuma3 (new subnets)": { yuma3: true, bondsMovingAverage: 900_000, liquidAlpha: null },
  "yuma3, liquid alpha": {
    yuma3: true,
    bondsMovingAverage: 900_000,
    liquidAlpha: { low: 45_875, high: 58_982, steepness: 1000 },
  },
  "yuma3, bonds half as slow": { yuma3: true, bondsMovingAverage: 500_000, liquidAlpha: null },
  yuma2: { yuma3: false, bondsMovingAverage: 900_000, liquidAlpha: null },
};
/** Relative difference between judges of the same miner. */
const DISAGREEMENTS = [0, 0.01, 0.1];
/** Epochs between what is copied and the copy. */
const DELAYS = [0, 1, 2];

/** Of the standard normal distribution, by Box and Muller. */
function normal(draws: Draws): number {
  const uniform = (): number => (draws.below(2 ** 32) + 1) / (2 ** 32 + 1);
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

type Moment = { readonly worth: readonly number[]; readonly since: readonly number[] };

/** What each miner is worth in each epoch, and the epoch in which its hotkey came. */
function moments(draws: Draws): readonly Moment[] {
  const quality = Array.from({ length: MINERS }, () => 1 + MODEL.quality * normal(draws));
  const credit = quality.map(() => 0);
  const since = quality.map(() => 0);
  return Array.from({ length: EPOCHS }, (_, epoch): Moment => {
    for (const [uid, good] of quality.entries()) {
      if (draws.below(1000) < 1000 * MODEL.churn) [credit[uid], since[uid]] = [0, epoch];
      const fall = Math.min(2, Math.max(0, good * (1 + MODEL.luck * normal(draws))));
      const alpha = Math.max(MODEL.alpha, 1 / (epoch - (since[uid] ?? 0) + 1));
      credit[uid] = (credit[uid] ?? 0) + alpha * (fall - (credit[uid] ?? 0));
    }
    const reference = credit.toSorted((a, b) => b - a)[Math.floor(MINERS / 4) - 1] ?? 0;
    const worth = credit.map((value, uid) => {
      const ripeness = Math.min(1, (epoch - (since[uid] ?? 0) + 1) / MODEL.ripe);
      return Math.max(0, value - MODEL.floor * reference) * ripeness;
    });
    return { worth, since: [...since] };
  });
}

/** A row as the chain stores it, from what a validator thinks of each miner. */
function rowOf(worth: readonly number[]): StoredRow {
  const largest = Math.max(...worth);
  return worth.map((one, miner) => [VALIDATORS + miner, Math.round((U16 * one) / largest)]);
}

/** The stake-weighted median of what the judges said: the best copy there is. */
function copyOf(rows: readonly StoredRow[]): StoredRow {
  const half = JUDGES.reduce((sum, stake) => sum + stake, 0) / 2;
  return Array.from({ length: MINERS }, (_, miner) => {
    const said = rows.map((row, judge) => [row[miner]?.[1] ?? 0, JUDGES[judge] ?? 0] as const);
    let below = 0;
    for (const [value, stake] of said.toSorted(([a], [b]) => a - b)) {
      below += stake;
      if (below >= half) return [VALIDATORS + miner, value] as const;
    }
    return [VALIDATORS + miner, 0] as const;
  });
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
    kappa: 32_767,
    bondsPenalty: U16,
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

/** Dividends of the copier over its part of the stake. */
function played(seed: number, rules: Rules, delay: number, disagreement: number): number {
  const draws = drawsOf(blake2b256(new TextEncoder().encode(`copier ${seed}`)));
  let input = subnet(rules);
  let [copied, paid] = [0n, 0n];
  const said: (readonly StoredRow[])[] = [];
  for (const [epoch, { worth, since }] of moments(draws).entries()) {
    const block = FIRST_BLOCK + epoch * TEMPO;
    const judge = (): StoredRow =>
      rowOf(worth.map((one) => one * Math.max(0, 1 + disagreement * normal(draws))));
    said.push(JUDGES.map(judge));
    const copy = copyOf(said[Math.max(0, epoch - delay)] ?? []);
    const registeredAt = input.registeredAt.map((_, uid) =>
      uid < VALIDATORS ? 0 : FIRST_BLOCK + (since[uid - VALIDATORS] ?? 0) * TEMPO - TEMPO / 2,
    );
    const lastUpdate = everybody(block - 1, 0);
    const weights = [...(said[epoch] ?? []), copy];
    input = { ...input, block, lastEpoch: block - TEMPO, lastUpdate, registeredAt, weights };
    const output = runEpoch(input);
    input = { ...input, permits: output.permits, bonds: output.bonds };
    if (epoch < SETTLED) continue;
    const pay = validatorPay(output, POOL_RAO);
    copied += pay[VALIDATORS - 1] ?? 0n;
    paid += pay.reduce((sum, one) => sum + one, 0n);
  }
  return (Number(copied) / Number(paid)) * (100 / COPIER);
}

const percent = (value: number): number => Math.round(1e4 * value) / 100;

for (const [name, rules] of Object.entries(RULES))
  for (const disagreement of DISAGREEMENTS) {
    const delays = DELAYS.map((delay) => {
      const found = Array.from({ length: SEEDS }, (_, seed) =>
        played(seed, rules, delay, disagreement),
      );
      return [`${delay}`, [percent(Math.min(...found)), percent(Math.max(...found))]] as const;
    });
    const percentByDelay = Object.fromEntries(delays);
    console.log(JSON.stringify({ rules: name, disagreement, percentByDelay }));
  }
