/** @file `npm run league -- --model`, `--fit` and `--agree`: what is asked of the fitted model of losses. */
import { reasonOf } from "../base/fault.ts";
import {
  type Asked,
  castsOf,
  choiceOf,
  endWhenAsked,
  seconds,
  shapesOf,
  tell,
  tellFar,
  UsageError,
  whole,
} from "./asked.ts";
import { HONEST } from "./cast.ts";
import { IDLE } from "./model/loss-draws.ts";
import type { LossModel } from "./model/loss-model.ts";
import { placesOf } from "./model/play.ts";
import { agree, fittedModel, modelText, playDrawn, refit } from "./modelled.ts";
import { filledCastOf, type PlannedCast } from "./plan.ts";
import { type Played, standingsOf } from "./standings.ts";
import { agreementText, jsonOf, textOf } from "./table.ts";
import type { LeagueStrategy } from "./tools/strategy.ts";

/** Of a new subnet of the runtime. */
const MOST_UIDS = 256;

/** Casts by the model: those that are asked for, else one of every strategy that it knows. */
function modelledPlan(
  asked: Asked,
  known: ReadonlyMap<string, LeagueStrategy>,
  { regime, strategies }: LossModel,
): readonly PlannedCast[] {
  if (asked.full || asked.write || asked.keep !== undefined)
    throw new UsageError("--full, --write and --keep are for a league that trains");
  if (asked.regime !== undefined && asked.regime !== regime)
    throw new UsageError(`the model of losses is fitted to regime ${regime} alone`);
  const every = [...strategies.keys()].filter((name) => name !== HONEST);
  const casts = asked.cast === undefined ? [every] : castsOf(asked.cast, known);
  const unknown = casts.flat().find((name) => !strategies.has(name) && name !== IDLE);
  if (unknown !== undefined)
    throw new UsageError(
      `"${unknown}" is in no recorded window; losses are modelled of ${[...strategies.keys()].join(", ")}`,
    );
  const [shape] = shapesOf(asked);
  if (shape === undefined) return [];
  const specs = casts.map((names) => filledCastOf(names, shape, known));
  const most = Math.max(...specs.map((spec) => placesOf(spec, known).length));
  const uids = most + whole(asked, "validators");
  if (uids > MOST_UIDS)
    throw new UsageError(`${uids} uids are more than the ${MOST_UIDS} that a new subnet has`);
  return specs.map((spec) => ({ regime, spec }));
}

/** Plays a league by the model and prints it. @throws UsageError; Error for a strategy that it does not know */
export async function modelledLeague(
  asked: Asked,
  strategies: ReadonlyMap<string, LeagueStrategy>,
): Promise<void> {
  const began = performance.now();
  endWhenAsked();
  const model = fittedModel();
  const casts = modelledPlan(asked, strategies, model);
  tell(modelText(model));
  const of = casts.reduce((sum, { spec }) => sum + spec.windows, 0);
  let done = 0;
  const played: Played[] = [];
  for (const cast of casts) {
    const { regime, spec } = cast;
    const choice = choiceOf(asked, cast);
    const league = { model, strategies, validators: whole(asked, "validators"), choice };
    const result = await playDrawn(spec, league, () => {
      done += 1;
      tellFar({ what: "playing casts", done, of, unit: "windows" });
    });
    played.push({ regime, spec, result });
    tell(`${seconds(began)}: ${spec.name}: done`);
  }
  const standings = standingsOf(played, strategies);
  const { user, system } = process.cpuUsage();
  const took = `${of} windows of ${played[0]?.result.rows.length ?? 0} miners and ${asked.validators} validators in ${seconds(began)}, ${((user + system) / 1e6).toFixed(0)} s of the processor`;
  tell(took);
  process.stdout.write(`${textOf(standings)}\n`);
  if (asked.json) process.stdout.write(`${jsonOf(standings, played, modelText(model))}\n`);
}

/** Fits the model to a kept folder. @throws UsageError for what is none */
export function fit(folder: string): void {
  try {
    const model = refit(folder);
    const names = [...model.strategies.keys()].join(", ");
    process.stdout.write(`${modelText(model)}: ${names}\n`);
  } catch (error) {
    throw new UsageError(`--fit ${folder}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Says how well the model agrees with a kept folder; exit code 1 where it does not. @throws UsageError */
export async function compare(
  folder: string,
  asked: Asked,
  strategies: ReadonlyMap<string, LeagueStrategy>,
): Promise<void> {
  const model = fittedModel();
  const { regime } = model;
  const compared = await agree(folder, {
    model,
    strategies,
    choiceOf: (spec) => choiceOf(asked, { regime, spec }),
  });
  if (compared.length === 0)
    throw new UsageError(`--agree ${folder}: no cast in it was played with two seeds`);
  process.stdout.write(`${agreementText(compared)}\n`);
  if (compared.some(({ holds }) => !holds)) process.exitCode = 1;
}
