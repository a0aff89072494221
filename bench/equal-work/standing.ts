/** @file From the outcomes of runs to what they are held to: equal work paid equally, less work less, newcomers soon. */
import { type Cast, isEqualWork } from "./casts.ts";
import type { MinerRow, NewcomerPay, Outcome } from "./outcome.ts";

/** How far equal pay is from equal: shares of the mean. */
export type Spread = { readonly cv: number; readonly maxDeviation: number };

/** What must hold in the mean of the repeats. */
export const BOUNDS = {
  maxDeviation: 0.15,
  cv: 0.1,
  /** Of the pay curve: how far above its share of the steps a point may lie, and how low the one at half of them. */
  aboveDiagonal: 0.02,
  leastAtHalf: 0.35,
  /** A newcomer's pay against the mean of the others, either way. */
  newcomer: 0.25,
} as const;

/** What the coefficient of variation should come to. */
export const AIM_CV = 0.08;

/** A cast in the mean of its runs. */
type Mean = Spread & {
  readonly name: string;
  readonly honest: number;
  readonly cheaters: number;
  readonly repeats: number;
  readonly cheaterShare: number;
  readonly holds: boolean;
};

/** A point of the pay curve; pay in shares of the mean honest miner of the same run. */
type Point = { readonly steps: number; readonly pay: number; readonly holds: boolean };

/** A newcomer in the mean of the runs. */
type Arrival = Pick<NewcomerPay, "joins" | "from" | "pay"> & { readonly holds: boolean };

/** Everything that came of the runs. */
export type Standing = {
  readonly means: readonly Mean[];
  /** Mean over the casts of equal work; null: none was played. */
  readonly honest: Spread | null;
  readonly payCurve: readonly Point[];
  readonly newcomer: Arrival | null;
  /** Whether every bound holds that was measured, and no run failed. */
  readonly passed: boolean;
};

const HONEST = "honest";
const STEPS = /^steps-([\d.]+)$/;
const HALF = 0.5;

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : sum(values) / values.length;

/** Coefficient of variation of a sample and its largest distance from the mean; nobody paid is as far from equal as can be. */
export function spreadOf(pays: readonly number[]): Spread {
  const middle = mean(pays);
  if (!(middle > 0)) return { cv: 1, maxDeviation: 1 };
  if (pays.length < 2) return { cv: 0, maxDeviation: 0 };
  const variance = sum(pays.map((pay) => (pay - middle) ** 2)) / (pays.length - 1);
  const maxDeviation = Math.max(...pays.map((pay) => Math.abs(pay / middle - 1)));
  return { cv: Math.sqrt(variance) / middle, maxDeviation };
}

const sharesOf = (miners: readonly MinerRow[], ofKind: (kind: string) => boolean): number[] =>
  miners.filter(({ kind }) => ofKind(kind)).map(({ share }) => share);

/** Spread of honest pay in one run. */
export function honestSpread({ miners }: Pick<Outcome, "miners">): Spread {
  return spreadOf(sharesOf(miners, (kind) => kind === HONEST));
}

/** What cheaters were paid in one run, of all that miners were paid. */
export function cheaterShare({ cast, miners }: Pick<Outcome, "cast" | "miners">): number {
  return sum(sharesOf(miners, (kind) => cast.cheats.includes(kind)));
}

function meanOf(cast: Cast, outcomes: readonly Outcome[]): Mean {
  const spreads = outcomes.map(honestSpread);
  const cv = mean(spreads.map((one) => one.cv));
  const maxDeviation = mean(spreads.map((one) => one.maxDeviation));
  return {
    name: cast.name,
    honest: cast.honest,
    cheaters: cast.cheats.length,
    repeats: outcomes.length,
    cv,
    maxDeviation,
    cheaterShare: mean(outcomes.map(cheaterShare)),
    holds: cv <= BOUNDS.cv && maxDeviation <= BOUNDS.maxDeviation,
  };
}

/** Pay by strategy in shares of the mean honest miner of its own run, averaged over runs. */
function curveOf(outcomes: readonly Outcome[]): readonly Point[] {
  const pays = new Map<number, number[]>();
  for (const { miners } of outcomes) {
    const honest = mean(sharesOf(miners, (kind) => kind === HONEST));
    for (const { kind, share } of miners) {
      const steps = Number(STEPS.exec(kind)?.[1] ?? 0);
      if (steps > 0) pays.set(steps, [...(pays.get(steps) ?? []), honest > 0 ? share / honest : 0]);
    }
  }
  if (pays.size === 0) return [];
  const points = [...pays].map(([steps, found]): Point => {
    const pay = mean(found);
    const isEnough = steps !== HALF || pay >= BOUNDS.leastAtHalf;
    return { steps, pay, holds: pay <= steps + BOUNDS.aboveDiagonal && isEnough };
  });
  return [...points, { steps: 1, pay: 1, holds: true }].toSorted((a, b) => a.steps - b.steps);
}

function arrivalOf(outcomes: readonly Outcome[]): Arrival | null {
  const found = outcomes.flatMap(({ newcomer }) => newcomer ?? []);
  const [first] = found;
  if (first === undefined) return null;
  const pay = mean(found.map((one) => one.pay));
  const { joins, from } = first;
  return { joins, from, pay, holds: Math.abs(pay - 1) <= BOUNDS.newcomer };
}

/** Adds it all up. */
export function standingOf(outcomes: readonly Outcome[]): Standing {
  const equal = outcomes.filter(({ cast }) => isEqualWork(cast));
  const names = [...new Set(equal.map(({ cast }) => cast.name))];
  const means = names.flatMap((name) => {
    const own = equal.filter(({ cast }) => cast.name === name);
    const [first] = own;
    return first === undefined ? [] : [meanOf(first.cast, own)];
  });
  const payCurve = curveOf(outcomes);
  const newcomer = arrivalOf(outcomes);
  const bounded = [...means, ...payCurve, ...(newcomer === null ? [] : [newcomer])];
  const isSound = outcomes.every(({ faults }) => faults.length === 0);
  return {
    means,
    honest:
      means.length === 0
        ? null
        : {
            cv: mean(means.map(({ cv }) => cv)),
            maxDeviation: mean(means.map((one) => one.maxDeviation)),
          },
    payCurve,
    newcomer,
    passed: isSound && bounded.every(({ holds }) => holds),
  };
}
