/** @file A league by the fitted model of losses: its casts one after the other, the fit, and whether it agrees with trained leagues. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CastResult, CastSpec } from "./cast.ts";
import { modelledRulesOf, type RunChoice } from "./material.ts";
import { type Agreement, agreementOf, seedsOf } from "./model/agree.ts";
import { fitOf } from "./model/fit.ts";
import { encodeLossModel, type LossModel, parseLossModel } from "./model/loss-model.ts";
import { playModelled } from "./model/play.ts";
import { type KeptResult, keptCasts, keptResults } from "./model/recorded.ts";
import type { LeagueStrategy } from "./tools/strategy.ts";

const FILE = ["league", "model", "losses.jsonl"];
/** Of the validators of a trained league. */
const VALIDATORS = 2;
/** Seeds that a modelled cast is played with to be compared. */
const COMPARED_SEEDS: readonly number[] = [101, 102, 103, 104, 105];

/** The committed file of the model: from sources and from a build, which holds no copy of it. */
function modelPath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder)
    folder = dirname(folder);
  return join(folder, ...FILE);
}

/** The committed model. @throws Error when it cannot be read */
export function fittedModel(): LossModel {
  return parseLossModel(readFileSync(modelPath(), "utf8"));
}

/** What losses were drawn from, in a sentence for every output. */
export function modelText({ regime, windows, levels }: LossModel): string {
  const recorded = levels.reduce((sum, own) => sum + own.length, 0);
  return `losses are drawn from a model fitted to ${recorded} recorded windows of the demo (${regime}, runs of ${windows} windows), nothing is trained; scorer, votes, weights and epochs are real`;
}

/** How modelled casts are played. */
export type ModelledLeague = {
  readonly model: LossModel;
  readonly validators: number;
  readonly choice: RunChoice;
  readonly strategies: ReadonlyMap<string, LeagueStrategy>;
};

/** Plays one cast. @throws AssayError bad-option; Error for a strategy that the model does not know */
export async function playDrawn(
  spec: CastSpec,
  { choice, ...league }: ModelledLeague,
  onWindow: (window: number) => void = () => undefined,
): Promise<CastResult> {
  return playModelled(spec, { ...league, ...modelledRulesOf(choice), onWindow });
}

/** Fits the model to a kept folder and writes the committed file. @throws Error for what is no such folder */
export function refit(folder: string): LossModel {
  const model = fitOf(keptCasts(folder));
  writeFileSync(modelPath(), encodeLossModel(model));
  return model;
}

/** Plays every cast that a kept folder has of several seeds by the model, and lays both side by side. */
export async function agree(
  folder: string,
  league: Pick<ModelledLeague, "model" | "strategies"> & {
    readonly choiceOf: (spec: CastSpec) => RunChoice;
  },
  seeds = COMPARED_SEEDS,
): Promise<readonly Agreement[]> {
  const groups = seedsOf(keptResults(folder)).filter(
    ({ regime }) => regime === league.model.regime,
  );
  const all: Agreement[] = [];
  for (const group of groups) {
    const played: KeptResult["result"][] = [];
    for (const seed of seeds) {
      const { rows } = await playDrawn(
        { ...group.spec, seed },
        { ...league, choice: league.choiceOf(group.spec), validators: VALIDATORS },
      );
      played.push({ rows: [...rows] });
    }
    all.push(...agreementOf(group, played));
  }
  return all;
}
