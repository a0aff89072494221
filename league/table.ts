/** @file The standings of a league as text: for a terminal, and as Markdown. */
import {
  type Harm,
  type Played,
  type Standing,
  type Standings,
  standingsOf,
  TOLERANCE,
} from "./standings.ts";
import { HONEST } from "./cast.ts";
import type { Agreement } from "./model/agree.ts";
import type { Regime } from "./material.ts";
import type { LeagueStrategy } from "./tools/strategy.ts";

const VERDICTS_SHOWN = 3;

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** The commonest verdicts. */
function verdictText({ verdicts }: Standing): string {
  const sorted = Object.entries(verdicts).toSorted(([, a], [, b]) => b - a);
  return sorted
    .slice(0, VERDICTS_SHOWN)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

/** Whether a strategy stayed within what it may earn. */
export function isWithin({ most, share }: Standing): boolean {
  return most === null || share <= most;
}

function strategyCells(one: Standing): readonly string[] {
  return [
    one.regime === "plateau" ? `${one.name} (plateau)` : one.name,
    String(one.uids),
    percent(one.share),
    percent(one.fairShare),
    percent(one.computeShare),
    one.honestShares.toFixed(2),
    one.most === null ? "" : percent(one.most),
    one.most === null ? "" : isWithin(one) ? "yes" : "NO",
    verdictText(one),
  ];
}

const lossText = (loss: number | null): string => (loss === null ? "" : loss.toFixed(4));

function harmCells(one: Harm): readonly string[] {
  return [
    one.regime === "plateau" ? `${one.name} (plateau)` : one.name,
    String(one.seed),
    lossText(one.loss),
    one.aboveClean === null
      ? ""
      : `${one.aboveClean >= 0 ? "+" : ""}${(100 * one.aboveClean).toFixed(2)} %`,
    percent(one.cv),
    percent(one.maxDeviation),
    `${one.moved}/${one.windows}`,
  ];
}

const STRATEGY_HEAD = [
  "strategy",
  "uids",
  "share",
  "fair",
  "compute",
  "honest shares",
  "at most",
  "holds",
  "verdicts",
] as const;
const HARM_HEAD = [
  "cast",
  "seed",
  "loss",
  "above clean",
  "honest cv",
  "deviation",
  "moved",
] as const;

type Grid = readonly (readonly string[])[];

function aligned(grid: Grid): string[] {
  const widths = (grid[0] ?? []).map((_, column) =>
    Math.max(...grid.map((row) => row[column]?.length ?? 0)),
  );
  return grid.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function markdown([head = [], ...rows]: Grid): string[] {
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** The lines that follow both tables. */
function summary({ honest, payCurve, newcomer, lossAboveClean }: Standings): string[] {
  const curve = payCurve.map(({ steps, pay }) => `${steps}: ${pay.toFixed(2)}`).join(", ");
  const over = payCurve.filter(({ steps, pay }) => pay > steps + TOLERANCE);
  const verdict =
    over.length === 0
      ? "nowhere above the share"
      : `above the share at ${over.map(({ steps }) => steps).join(", ")}`;
  return [
    `Equal work: coefficient of variation ${percent(honest.cv)}, largest deviation ${percent(honest.maxDeviation)} (means of the learning casts).`,
    ...(curve === ""
      ? []
      : [`Pay by share of the steps: ${curve}; ${verdict} by more than ${TOLERANCE}.`]),
    ...(newcomer === null
      ? []
      : [
          `Newcomer: ${newcomer.pay.toFixed(2)} of the others' pay from ${newcomer.after} windows after it came on.`,
        ]),
    ...(lossAboveClean === null
      ? []
      : [`Loss at most ${percent(lossAboveClean)} above the run without cheats.`]),
  ];
}

function gridsOf({ strategies, harms }: Standings): readonly Grid[] {
  return [
    [STRATEGY_HEAD, ...strategies.map(strategyCells)],
    [HARM_HEAD, ...harms.map(harmCells)],
  ];
}

/** What one cast came to, in a line: who earned what, and the loss. */
export function payText(played: Played, known: ReadonlyMap<string, LeagueStrategy>): string {
  const { strategies, harms } = standingsOf([played], known);
  const shares = strategies.map(({ name, share }) => `${name} ${percent(share)}`);
  return [
    ...shares,
    ...harms.map(({ cv }) => `cv ${percent(cv)}`),
    ...(played.result.loss === null ? [] : [`loss ${lossText(played.result.loss)}`]),
  ].join(", ");
}

/** The standings for a terminal. */
export function textOf(standings: Standings): string {
  const tables = gridsOf(standings).flatMap((grid) => [...aligned(grid), ""]);
  return [...tables, ...summary(standings)].join("\n");
}

/** The standings as Markdown. */
export function markdownOf(standings: Standings): string {
  const tables = gridsOf(standings).flatMap((grid) => [...markdown(grid), ""]);
  return [...tables, ...summary(standings).flatMap((sentence) => [sentence, ""])].join("\n");
}

const nameIn = (regime: Regime, name: string): string =>
  regime === "plateau" ? `plateau/${name}` : name;

/** A cast for scripts: what it did, and what each of its places was paid by window. */
function castJson(one: Played, harm: Harm | undefined): unknown {
  return { ...harm, work: HONEST, rows: one.result.rows };
}

/**
 * The standings as one line of JSON, with the casts `played` that they sum up; shares are fractions. `model`: what losses were drawn from; null: they were
 * trained for.
 */
export function jsonOf(
  standings: Standings,
  played: readonly Played[],
  model: string | null = null,
): string {
  const { strategies, harms, honest, payCurve, newcomer, lossAboveClean } = standings;
  return JSON.stringify({
    strategies: strategies.map((one) => ({ ...one, name: nameIn(one.regime, one.name) })),
    honest,
    payCurve,
    newcomer,
    lossAboveClean,
    model,
    casts: played.map((one, index) => castJson(one, harms[index])),
  });
}

const spreadText = ({ mean, deviation }: Agreement["trained"]): string =>
  `${(100 * mean).toFixed(2)} +- ${(100 * deviation).toFixed(2)} %`;

/** Trained and modelled casts side by side: shares of all emission, mean and deviation over seeds. */
export function agreementText(compared: readonly Agreement[]): string {
  const rows = compared.map(({ cast, strategy, seeds, trained, modelled, allowed, holds }) => [
    cast,
    strategy,
    String(seeds),
    spreadText(trained),
    spreadText(modelled),
    `${(100 * Math.abs(trained.mean - modelled.mean)).toFixed(2)} of ${(100 * allowed).toFixed(2)} %`,
    holds ? "yes" : "NO",
  ]);
  const head = ["cast", "strategy", "seeds", "trained", "modelled", "apart", "agrees"];
  return aligned([head, ...rows]).join("\n");
}

/** Strategies as one line of JSON, for whoever starts a league as a process. */
export function strategiesJson(known: readonly LeagueStrategy[]): string {
  return JSON.stringify(
    known.map(({ name, about, bound, uids = 1 }) => ({ name, about, bound, uids })),
  );
}

/** Options that change nothing about what is played: where logs go is one machine's business, and what lay there before. */
const ASIDE = new Set(["--keep", "--workers"]);
const ALONE = new Set(["--json", "--resume"]);

/** The command that plays the same again, of the words of this one. */
export function commandOf(words: readonly string[]): string {
  const kept = words.filter(
    (word, index) =>
      !ALONE.has(word) &&
      !ASIDE.has(word.split("=")[0] ?? "") &&
      !ASIDE.has(words[index - 1] ?? ""),
  );
  return ["npm run league --", ...kept].join(" ");
}
