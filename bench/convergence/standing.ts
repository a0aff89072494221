/** @file What the runs so far say: the final loss of each arm against synchronous AdamW, and which goals hold, are missed, or are open. */
import { type Arm, ARMS, CURVE, FINAL_SEEDS, type Setting } from "./arms.ts";
import { bestOf, curveOf, finalsOf, sweepOf } from "./plan.ts";
import type { Results } from "./results.ts";

/** What is known of an arm. */
export type ArmStanding = {
  readonly name: string;
  /** Runs of its sweep that are done, of how many. */
  readonly swept: number;
  readonly settings: number;
  /** Null until the sweep is done. */
  readonly best: Setting | null;
  /** Whether the best setting lies at an end of one of its ranges, so that a better one may lie beyond. */
  readonly atEdge: readonly (keyof Setting)[];
  /** Lowest validation loss of the sweep so far. */
  readonly sweepLoss: number | null;
  /** Test losses by seed; null: not run yet. A run that diverged is infinite. */
  readonly finals: readonly (number | null)[];
  /** Mean of the finals; null until all are run. */
  readonly mean: number | null;
  /** Mean over the synchronous arm's; null until both are run. */
  readonly ratio: number | null;
};

/** A goal: null as long as its runs are not done. */
export type Goal = { readonly text: string; readonly seen: string; readonly holds: boolean | null };

/** One point of the curve over compression. */
type CurvePoint = { readonly k: number; readonly loss: number | null };

/** All that is printed. */
export type Standing = {
  readonly arms: readonly ArmStanding[];
  readonly goals: readonly Goal[];
  readonly curve: readonly CurvePoint[];
};

const AXES = ["rate", "alpha", "momentum", "decay"] as const;
const MOST_ABOVE = 1.04;

/** Axes of more than two values at whose ends the setting lies: of two values both are ends. */
function edges({ settings }: Arm, best: Setting): (keyof Setting)[] {
  return AXES.filter((axis) => {
    const values = [...new Set(settings.flatMap((setting) => setting[axis] ?? []))];
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return values.length > 2 && (best[axis] === least || best[axis] === most);
  });
}

/** A loss as people read it. */
export const lossText = (loss: number): string =>
  Number.isFinite(loss) ? loss.toFixed(4) : "diverged";

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function armStanding(arm: Arm, results: Results): Omit<ArmStanding, "ratio"> {
  const swept = sweepOf(arm).flatMap((cell) => results.of(cell) ?? []);
  const losses = swept.flatMap(({ validation }) => validation ?? []);
  const best = bestOf(arm, results) ?? null;
  const finals = FINAL_SEEDS.map((_seed, at) => {
    const cell = best === null ? undefined : finalsOf(arm, best)[at];
    const result = cell === undefined ? undefined : results.of(cell);
    return result === undefined ? null : (result.test ?? Infinity);
  });
  const done = finals.filter((loss) => loss !== null);
  return {
    name: arm.name,
    swept: swept.length,
    settings: arm.settings.length,
    best,
    atEdge: best === null ? [] : edges(arm, best),
    sweepLoss: losses.length === 0 ? null : Math.min(...losses),
    finals,
    mean: done.length === finals.length ? mean(done) : null,
  };
}

/** Whether `one` ends no higher than `other`. */
function noHigher(arms: readonly ArmStanding[], one: string, other: string): Goal {
  const [a, b] = [one, other].map((name) => arms.find((arm) => arm.name === name)?.mean ?? null);
  const text = `${one} ends no higher than ${other}`;
  if (a === null || b === null || a === undefined || b === undefined)
    return { text, seen: "not run", holds: null };
  return {
    text,
    seen: `${lossText(a)} against ${lossText(b)}`,
    holds: Number.isFinite(a) && a <= b,
  };
}

function nearSynchronous(arms: readonly ArmStanding[]): Goal {
  const text = "the best setting of sparseloco is within 4 % of synchronous AdamW (aim 3 %)";
  const ratios = arms
    .filter(({ name }) => name.startsWith("sparseloco"))
    .flatMap(({ ratio }) => ratio ?? []);
  if (ratios.length === 0) return { text, seen: "not run", holds: null };
  const least = Math.min(...ratios);
  const seen = `${(100 * (least - 1)).toFixed(1)} % above`;
  const isOpen = arms.some(({ name, ratio }) => name.startsWith("sparseloco") && ratio === null);
  if (least > MOST_ABOVE && isOpen) return { text, seen: `${seen} so far`, holds: null };
  return { text, seen, holds: least <= MOST_ABOVE };
}

function curvePoints(results: Results, arms: readonly ArmStanding[]): CurvePoint[] {
  const arm = arms.find(({ name }) => name === CURVE.arm);
  const best = arm?.best ?? null;
  const points = CURVE.kept.map((k, at) => {
    const cell = best === null ? undefined : curveOf(best)[at];
    const result = cell === undefined ? undefined : results.of(cell);
    return { k, loss: result === undefined ? null : (result.test ?? Infinity) };
  });
  const own = best?.k === undefined ? [] : [{ k: best.k, loss: arm?.finals[0] ?? null }];
  return [...points, ...own].toSorted((a, b) => b.k - a.k);
}

/** What the results say so far. */
export function standingOf(results: Results): Standing {
  const bare = ARMS.map((arm) => armStanding(arm, results));
  const base = bare.find(({ name }) => name === "synchronous")?.mean ?? null;
  const arms = bare.map((arm) => ({
    ...arm,
    ratio: arm.mean === null || base === null ? null : arm.mean / base,
  }));
  const goals = [
    ...[5, 10, 30].map((inner) => noHigher(arms, `sparseloco-${inner}`, `diloco-${inner}`)),
    ...[5, 10].map((inner) => noHigher(arms, `sparseloco-${inner}`, `average-${inner}`)),
    nearSynchronous(arms),
  ];
  return { arms, goals, curve: curvePoints(results, arms) };
}
