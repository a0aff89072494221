#!/usr/bin/env node
/** @file `npm run league`: every strategy against honest miners on the simulated subnet, and what each of them earned. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reasonOf } from "../base/fault.ts";
import type { CastOrder } from "./cast-process.ts";
import { plateauTheta, type Regime, type RunChoice } from "./material.ts";
import { curvePicture, sharesPicture } from "./pictures.ts";
import { HONEST } from "./cast.ts";
import { agree, fittedModel, modelText, playDrawn, refit } from "./modelled.ts";
import type { LossModel } from "./model/loss-model.ts";
import { castOf, filledCastOf, type PlannedCast, planOf, type Shape } from "./plan.ts";
import { playAll } from "./pool.ts";
import { type Played, standingsOf } from "./standings.ts";
import { strategiesByName } from "./strategy-list.ts";
import type { LeagueStrategy } from "./tools/strategy.ts";
import {
  agreementText,
  commandOf,
  jsonOf,
  markdownOf,
  payText,
  strategiesJson,
  textOf,
} from "./table.ts";

const HELP = `npm run league -- [options]

Plays the strategies of league/strategies (without --full not the rare ones) against honest miners, in processes of their own, and prints what each earned.

  --cast a,b,c       one cast of these strategies instead of all casts (names of league/strategies; repeatable)
  --miners N         miners of a cast (12)
  --cheats N         how many of them cheat (3)
  --windows N        windows of a cast (60)
  --seed N           seed of the chain's hashes (1)
  --regime NAME      learning or plateau (both)
  --config FILE      a subnet.toml instead of the demo
  --set KEY=VALUE    a key of it (repeatable)
  --workers N        processes at a time (the cores there are)
  --full             all strategies, 3 and 5 cheats of 12 and 3 of 7 miners, three seeds; writes docs/league/
  --write            writes docs/league/ of what was played, whatever that was
  --keep FOLDER      the validators' logs and what came of them, two files for each cast
  --model            draws losses from the fitted model (league/model) instead of training: casts of any size, on the real chain
  --validators N     validators of a modelled cast (2)
  --fit FOLDER       fits that model to what --keep wrote, and ends
  --agree FOLDER     plays the casts that --keep wrote of several seeds by the model, and prints both
  --json             ends with one line of JSON
  --list             the strategies, with --json as one line
  --help
`;

const OPTIONS = {
  cast: { type: "string", multiple: true },
  miners: { type: "string", default: "12" },
  cheats: { type: "string", default: "3" },
  windows: { type: "string", default: "60" },
  seed: { type: "string", default: "1" },
  regime: { type: "string" },
  config: { type: "string" },
  set: { type: "string", multiple: true },
  workers: { type: "string", default: String(availableParallelism()) },
  keep: { type: "string" },
  model: { type: "boolean", default: false },
  validators: { type: "string", default: "2" },
  fit: { type: "string" },
  agree: { type: "string" },
  full: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const FULL_SEEDS: readonly number[] = [1, 2, 3];
const FULL_SIZES = [
  { miners: 12, cheats: 3 },
  { miners: 12, cheats: 5 },
  { miners: 7, cheats: 3 },
] as const;
const PROGRESS_EVERY = 10;

/** What was asked for on the command line. */
type Asked = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

class UsageError extends Error {}

function whole(
  asked: Asked,
  key: "miners" | "cheats" | "windows" | "seed" | "workers" | "validators",
): number {
  const text = asked[key];
  if (!/^\d{1,6}$/.test(text) || (Number(text) === 0 && key !== "seed" && key !== "cheats"))
    throw new UsageError(`--${key} takes a whole number, not "${text}"`);
  return Number(text);
}

function regimesOf({ regime }: Asked): readonly Regime[] {
  if (regime === undefined) return ["learning", "plateau"];
  if (regime === "learning" || regime === "plateau") return [regime];
  throw new UsageError(`--regime is learning or plateau, not "${regime}"`);
}

function shapesOf(asked: Asked): readonly Shape[] {
  const windows = whole(asked, "windows");
  if (!asked.full) {
    const [miners, cheats] = [whole(asked, "miners"), whole(asked, "cheats")];
    return [{ miners, cheats, windows, seed: whole(asked, "seed") }];
  }
  return FULL_SEEDS.flatMap((seed) => FULL_SIZES.map((size) => ({ ...size, windows, seed })));
}

/** All casts that are asked for. */
function plan(asked: Asked, known: Awaited<ReturnType<typeof strategiesByName>>): PlannedCast[] {
  const regimes = regimesOf(asked);
  return shapesOf(asked).flatMap((shape): readonly PlannedCast[] => {
    if (asked.cast === undefined) return planOf(shape, known, { all: asked.full, regimes });
    const casts = castsOf(asked.cast, known);
    return regimes.flatMap((regime) =>
      [[], ...casts].map((names) => ({ regime, spec: castOf(names, shape, known) })),
    );
  });
}

/** Names of strategies by cast. */
function castsOf(
  words: readonly string[],
  known: ReadonlyMap<string, LeagueStrategy>,
): readonly (readonly string[])[] {
  const casts = words.map((names) => names.split(",").filter((name) => name !== ""));
  const unknown = casts.flat().find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new UsageError(`no strategy "${unknown}"; --list names those there are`);
  return casts;
}

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
  const [shape] = shapesOf(asked);
  return shape === undefined
    ? []
    : casts.map((names) => ({ regime, spec: filledCastOf(names, shape, known) }));
}

/** A league by the model. */
async function modelledLeague(
  asked: Asked,
  strategies: ReadonlyMap<string, LeagueStrategy>,
): Promise<void> {
  const began = performance.now();
  const model = fittedModel();
  const casts = modelledPlan(asked, strategies, model);
  tell(modelText(model));
  const played: Played[] = [];
  for (const cast of casts) {
    const { regime, spec } = cast;
    const choice = choiceOf(asked, cast);
    const league = { model, strategies, validators: whole(asked, "validators"), choice };
    const result = await playDrawn(spec, league, (window) => {
      if ((window + 1) % PROGRESS_EVERY ** 2 === 0)
        tell(`${seconds(began)}: ${spec.name}: window ${window + 1} of ${spec.windows}`);
    });
    played.push({ regime, spec, result });
    tell(`${seconds(began)}: ${spec.name}: done`);
  }
  const standings = standingsOf(played, strategies);
  const took = `${casts.reduce((sum, { spec }) => sum + spec.windows, 0)} windows of ${played[0]?.result.rows.length ?? 0} miners and ${asked.validators} validators in ${seconds(began)}`;
  process.stdout.write(`${textOf(standings)}\n${took}\n`);
  if (asked.json) process.stdout.write(`${jsonOf(standings, played, modelText(model))}\n`);
}

/** Fits the model to a kept folder, or says how well it agrees with one. */
async function aboutModel(
  asked: Asked,
  strategies: ReadonlyMap<string, LeagueStrategy>,
): Promise<void> {
  if (asked.fit !== undefined) {
    const model = refit(asked.fit);
    return void process.stdout.write(
      `${modelText(model)}: ${[...model.strategies.keys()].join(", ")}\n`,
    );
  }
  const model = fittedModel();
  const { regime } = model;
  const compared = await agree(asked.agree ?? "", {
    model,
    strategies,
    choiceOf: (spec) => choiceOf(asked, { regime, spec }),
  });
  if (compared.length === 0)
    throw new UsageError(`${asked.agree} holds no cast that was played with two seeds`);
  process.stdout.write(`${agreementText(compared)}\n`);
  if (compared.some(({ holds }) => !holds)) process.exitCode = 1;
}

const choiceOf = (asked: Asked, { regime, spec }: PlannedCast): RunChoice => ({
  regime,
  windows: spec.windows,
  config: asked.config ?? null,
  set: asked.set ?? [],
});

/** Where the log of a cast goes. */
function recordsPathOf({ keep }: Asked, { regime, spec }: PlannedCast): string | null {
  if (keep === undefined) return null;
  const who = spec.name.replaceAll(" + ", "+");
  return join(keep, `${regime}-${spec.seed}-${spec.honest}-honest-${who}.jsonl`);
}

/** Beside the log of a cast: who had which uid, and what each was paid. */
const resultPathOf = (recordsPath: string): string => `${recordsPath}.result.json`;

/** Writes theta_0 of the plateau where the casts' processes read it. */
async function writeTheta(asked: Asked, first: PlannedCast, folder: string): Promise<string> {
  const began = performance.now();
  const theta = await plateauTheta(choiceOf(asked, first));
  const path = join(folder, "theta.bin");
  writeFileSync(path, new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength));
  tell(`plateau: parameters trained in ${seconds(began)}`);
  return path;
}

/** As it was typed. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(0)} s`;

function writeDocs(
  command: string,
  markdown: string,
  pictures: Readonly<Record<string, string>>,
): void {
  const folder = fileURLToPath(new URL("../docs/league/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const images = Object.keys(pictures).map((name) => `![${name}](${name})\n`);
  const head = `# The league\n\nWritten by \`${command}\`: do not edit. What it plays stands in [league](../../league/README.md).\n`;
  writeFileSync(join(folder, "README.md"), [head, ...images, markdown].join("\n"));
  for (const [name, picture] of Object.entries(pictures))
    writeFileSync(join(folder, name), picture);
}

/** Ends at once, leaving nothing behind: on a signal, and when whoever started it with an IPC channel is gone. */
function endWhenAsked(folder: string): void {
  const leave = (): void => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, leave);
  if (process.channel === undefined) return;
  process.once("disconnect", leave);
  process.channel?.unref();
}

async function league(asked: Asked): Promise<void> {
  const known = await strategiesByName();
  if (asked.list && asked.json)
    return void process.stdout.write(`${strategiesJson([...known.values()])}\n`);
  if (asked.list) {
    for (const { name, about } of known.values())
      process.stdout.write(`${name.padEnd(20)}${about}\n`);
    return;
  }
  if (asked.fit !== undefined || asked.agree !== undefined) return aboutModel(asked, known);
  if (asked.model) return modelledLeague(asked, known);
  const casts = plan(asked, known);
  if (asked.keep !== undefined) mkdirSync(asked.keep, { recursive: true });
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "assay-league-"));
  endWhenAsked(folder);
  try {
    const plateau = casts.find(({ regime }) => regime === "plateau");
    const theta = plateau === undefined ? null : await writeTheta(asked, plateau, folder);
    const orders = casts.map((cast): CastOrder => ({
      spec: cast.spec,
      run: choiceOf(asked, cast),
      thetaPath: cast.regime === "plateau" ? theta : null,
      recordsPath: recordsPathOf(asked, cast),
    }));
    tell(`${orders.length} casts, ${asked.workers} at a time`);
    const results = await playAll(orders, whole(asked, "workers"), {
      onWindow({ spec, run }, window) {
        if ((window + 1) % PROGRESS_EVERY === 0)
          tell(
            `${seconds(began)}: ${run.regime}, ${spec.name}: window ${window + 1} of ${spec.windows}`,
          );
      },
      onResult({ spec, run, recordsPath }, result) {
        const played = { regime: run.regime, spec, result };
        if (recordsPath !== null) writeFileSync(resultPathOf(recordsPath), JSON.stringify(played));
        const paid = payText(played, known);
        tell(`${seconds(began)}: ${run.regime}, ${spec.name}: done; ${paid}`);
      },
    });
    const played = casts.flatMap((cast, index) => {
      const result = results[index];
      return result === undefined ? [] : [{ ...cast, result }];
    });
    const standings = standingsOf(played, known);
    process.stdout.write(`${textOf(standings)}\n`);
    if (asked.full || asked.write)
      writeDocs(commandOf(process.argv.slice(2)), markdownOf(standings), {
        "shares.svg": sharesPicture(standings),
        "pay-curve.svg": curvePicture(standings),
      });
    if (asked.json) process.stdout.write(`${jsonOf(standings, played)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) process.stdout.write(HELP);
  else await league(values);
} catch (error) {
  const isUsage = error instanceof UsageError || error instanceof TypeError;
  tell(`error: ${reasonOf(error)}${isUsage ? "; npm run league -- --help lists the options" : ""}`);
  process.exitCode = isUsage ? 2 : 1;
}
