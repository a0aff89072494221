/** @file The equal-work table as text, and as one line of JSON. */
import { MISS_PERCENT } from "./casts.ts";
import type { MinerRow, Outcome } from "./outcome.ts";
import { AIM_CV, BOUNDS, cheaterShare, honestSpread, type Standing } from "./standing.ts";

const VERDICTS_SHOWN = 3;
const FAULT_CHARACTERS = 60;

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const yesNo = (holds: boolean): string => (holds ? "yes" : "NO");

/** Columns side by side; the first to the left, the others to the right. */
function aligned(grid: readonly (readonly string[])[]): readonly string[] {
  const widths = (grid[0] ?? []).map((_, at) =>
    Math.max(...grid.map((row) => row[at]?.length ?? 0)),
  );
  return grid.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

const total = (miners: readonly MinerRow[], of: "away" | "missed"): number =>
  miners.reduce((sum, miner) => sum + miner[of], 0);

const RUN_HEAD = [
  "run",
  "honest",
  "cheaters",
  "repeat",
  "windows",
  "cv",
  "deviation",
  "cheaters' share",
  "stayed away",
  "missed",
  "s",
  "s/window",
  "failed",
] as const;

function runCells(outcome: Outcome): readonly string[] {
  const { cast, repeat, miners, windowsRecorded, seconds, windowMs, faults } = outcome;
  const { cv, maxDeviation } = honestSpread(outcome);
  return [
    cast.name,
    String(cast.honest),
    cast.cheats.length === 0 ? "no" : "yes",
    String(repeat),
    `${windowsRecorded}/${cast.windows}`,
    percent(cv),
    percent(maxDeviation),
    cast.cheats.length === 0 ? "-" : percent(cheaterShare(outcome)),
    String(total(miners, "away")),
    String(total(miners, "missed")),
    seconds.toFixed(0),
    (windowMs / 1000).toFixed(1),
    faults.join("; ").slice(0, FAULT_CHARACTERS) || "-",
  ];
}

const MEAN_HEAD = ["mean", "runs", "cv", "deviation", "cheaters' share", "holds"] as const;

function meanLines({ means }: Standing): readonly string[] {
  if (means.length === 0) return [];
  const body = means.map((one) => [
    one.name,
    String(one.repeats),
    percent(one.cv),
    percent(one.maxDeviation),
    one.cheaters === 0 ? "-" : percent(one.cheaterShare),
    yesNo(one.holds),
  ]);
  const bounds = `bounds: cv at most ${percent(BOUNDS.cv)} (aim ${percent(AIM_CV)}), deviation at most ${percent(BOUNDS.maxDeviation)}`;
  return [...aligned([MEAN_HEAD, ...body]), bounds, ""];
}

function curveLines({ payCurve }: Standing): readonly string[] {
  if (payCurve.length === 0) return [];
  const body = payCurve.map(({ steps, pay, holds }) => [
    String(steps),
    pay.toFixed(2),
    (steps + (steps < 1 ? BOUNDS.aboveDiagonal : 0)).toFixed(2),
    steps === 0.5 ? BOUNDS.leastAtHalf.toFixed(2) : "-",
    yesNo(holds),
  ]);
  return [...aligned([["share of steps", "pay", "at most", "at least", "holds"], ...body]), ""];
}

function newcomerLines({ newcomer }: Standing, outcomes: readonly Outcome[]): readonly string[] {
  if (newcomer === null) return [];
  const { joins, from, pay, holds } = newcomer;
  const runs = outcomes.flatMap((one) => one.newcomer ?? []);
  const byWindow = runs.map(({ came, pays }) => {
    const figures = pays.map((one) => one.toFixed(2)).join(" ");
    return `  window by window: ${figures}; its first update that was judged: ${came === null ? "never" : `window ${came}`}`;
  });
  return [
    `newcomer of window ${joins}: paid ${pay.toFixed(2)} of the others' mean from window ${from} on; within ${percent(BOUNDS.newcomer)}: ${yesNo(holds)}`,
    ...byWindow,
    "",
  ];
}

/** How many windows ended in which verdict, by strategy, over all runs: why somebody earned what it did. */
function verdictLines(outcomes: readonly Outcome[]): readonly string[] {
  const miners = outcomes.flatMap((outcome) => outcome.miners);
  const kinds = [...new Set(miners.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const counts = new Map<string, number>();
    for (const { verdicts } of miners.filter((one) => one.kind === kind))
      for (const [name, count] of Object.entries(verdicts))
        counts.set(name, (counts.get(name) ?? 0) + count);
    const sorted = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, VERDICTS_SHOWN);
    return `${kind}: ${sorted.map(([name, count]) => `${name} ${count}`).join(", ")}`;
  });
}

/** One run in a line, as soon as it is over. */
export function outcomeText(outcome: Outcome): string {
  const { cv, maxDeviation } = honestSpread(outcome);
  const { miners, newcomer, faults, seconds } = outcome;
  return [
    `${seconds.toFixed(0)} s`,
    `cv ${percent(cv)}`,
    `deviation ${percent(maxDeviation)}`,
    `missed ${total(miners, "missed")}`,
    ...(newcomer === null ? [] : [`newcomer ${newcomer.pay.toFixed(2)}`]),
    ...faults.map((fault) => `FAILED: ${fault}`),
  ].join(", ");
}

/** The whole table for people. */
export function tableOf(outcomes: readonly Outcome[], standing: Standing): string {
  return [
    ...aligned([RUN_HEAD, ...outcomes.map(runCells)]),
    `every miner was told to stay away from ${MISS_PERCENT} % of the windows; missed: other windows without an update that could be judged`,
    "",
    ...meanLines(standing),
    ...curveLines(standing),
    ...newcomerLines(standing, outcomes),
    "verdicts, in windows of all runs",
    ...verdictLines(outcomes),
  ].join("\n");
}

/** The same as one line; keys that the league's line has mean the same here. Shares are fractions. */
export function jsonOf(outcomes: readonly Outcome[], standing: Standing): string {
  const { means, honest, payCurve, newcomer, passed } = standing;
  const casts = outcomes.map(({ cast, miners, ...rest }) => ({
    name: cast.name,
    windows: cast.windows,
    ...rest,
    ...honestSpread({ miners }),
    cheaterShare: cheaterShare({ cast, miners }),
    rows: miners.map(({ kind, ...row }) => ({ strategy: kind, ...row })),
  }));
  return JSON.stringify({
    bench: "equal-work",
    honest,
    payCurve,
    newcomer,
    means,
    bounds: BOUNDS,
    passed,
    casts,
  });
}
