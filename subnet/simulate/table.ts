/** @file A simulation for people and for scripts. */
import { percent } from "../report/numbers.ts";
import type { KnownStrategy, Outcome, PlayedStrategy } from "./outcome.ts";
import { cheatShareOf, isOver, type Simulated } from "./standing.ts";

type Grid = readonly (readonly string[])[];

/** Columns side by side; the first to the left, numbers to the right. */
function aligned(grid: Grid): readonly string[] {
  const widths = (grid[0] ?? []).map((_, at) =>
    Math.max(...grid.map((row) => row[at]?.length ?? 0)),
  );
  const padded = (cell: string, at: number): string =>
    at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return grid.map((row) => row.map(padded).join("  ").trimEnd());
}

/** The strategies there are, as lines. */
export function listLines(known: readonly KnownStrategy[]): readonly string[] {
  const width = Math.max(...known.map(({ name }) => name.length));
  return known.map(({ name, about }) => `${name.padEnd(width)}  ${about}`);
}

function strategyCells(one: PlayedStrategy): readonly string[] {
  const { name, share, computeShare, most } = one;
  const bound = most === null ? ["", ""] : [percent(most), isOver(one) ? "NO" : "yes"];
  return [name, percent(share), percent(computeShare), ...bound];
}

/** Where the losses came from. */
export function lossesText(model: string | null): string {
  return model ?? "losses are measured: every miner trained, every validator evaluated";
}

function outcomeLines({
  strategies,
  honest,
  payCurve,
  lossAboveClean,
  model,
}: Outcome): readonly string[] {
  const head = ["strategy", "earned", "compute", "at most", "holds"];
  const curve = payCurve.map(({ steps, pay }) => `${steps}: ${pay.toFixed(2)}`).join(", ");
  return [
    ...aligned([head, ...strategies.map(strategyCells)]),
    "",
    `variation of honest pay  ${percent(honest.cv)}, largest deviation ${percent(honest.maxDeviation)}`,
    ...(curve === "" ? [] : [`pay by share of the steps  ${curve}`]),
    ...(lossAboveClean === null
      ? []
      : [`loss above the run without cheats  ${percent(lossAboveClean)}`]),
    lossesText(model),
  ];
}

/** A simulation as lines. */
export function simulationLines({ runs }: Simulated): readonly string[] {
  return runs.flatMap(({ outcome }) => outcomeLines(outcome));
}

/** A sweep as lines: one row a value. */
export function sweepLines({ runs }: Simulated): readonly string[] {
  const head = ["value", "earned by cheats", "variation", "deviation", "loss above clean"];
  const rows = runs.map(({ setting, outcome }) => [
    setting ?? "",
    percent(cheatShareOf(outcome)),
    percent(outcome.honest.cv),
    percent(outcome.honest.maxDeviation),
    outcome.lossAboveClean === null ? "-" : percent(outcome.lossAboveClean),
  ]);
  return aligned([head, ...rows]);
}

/** A simulation as one JSON object: what the league says of the file, or of each value of a sweep. */
export function simulationJson({ options: { file, set }, runs }: Simulated): string {
  const [only] = runs;
  if (only?.setting === null) return JSON.stringify({ file, set, ...only.outcome });
  return JSON.stringify({
    file,
    set,
    sweep: runs.map(({ setting, outcome }) => ({ setting, ...outcome })),
  });
}
