#!/usr/bin/env node
/** @file `npm run league`: every strategy against honest miners on the simulated subnet, and what each of them earned. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reasonOf } from "../base/fault.ts";
import {
  type Asked,
  castsOf,
  choiceOf,
  endWhenAsked,
  OPTIONS,
  regimesOf,
  requireKept,
  seconds,
  shapesOf,
  tell,
  tellFar,
  UsageError,
  whole,
} from "./asked.ts";
import type { CastOrder } from "./cast-process.ts";
import { plateauTheta } from "./material.ts";
import { keepResult, keptResultOf, recordsPathIn } from "./kept.ts";
import { compare, fit, modelledLeague } from "./modelled-league.ts";
import { curvePicture, sharesPicture } from "./pictures.ts";
import { castOf, type PlannedCast, planOf } from "./plan.ts";
import { playAll } from "./pool.ts";
import { standingsOf } from "./standings.ts";
import { strategiesByName } from "./strategy-list.ts";
import { commandOf, jsonOf, markdownOf, payText, strategiesJson, textOf } from "./table.ts";
import type { LeagueStrategy } from "./tools/strategy.ts";

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
  --resume           does not play casts again that --keep FOLDER has under the same settings (and, as you know, of the same program)
  --model            draws losses from the fitted model (league/model) instead of training: casts of any size, on the real chain
  --validators N     validators of a modelled cast (2)
  --fit FOLDER       fits that model to what --keep wrote, and ends
  --agree FOLDER     plays the casts that --keep wrote of several seeds by the model, and prints both
  --json             ends with one line of JSON
  --list             the strategies, with --json as one line
  --help
`;

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

/** Writes theta_0 of the plateau where the casts' processes read it. */
async function writeTheta(asked: Asked, first: PlannedCast, folder: string): Promise<string> {
  const began = performance.now();
  const theta = await plateauTheta(choiceOf(asked, first));
  const path = join(folder, "theta.bin");
  writeFileSync(path, new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength));
  tell(`plateau: parameters trained in ${seconds(began)}`);
  return path;
}

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

async function league(asked: Asked): Promise<void> {
  requireKept(asked);
  const known = await strategiesByName();
  if (asked.list) return list(asked, [...known.values()]);
  if (asked.fit !== undefined) return fit(asked.fit);
  if (asked.agree !== undefined) return compare(asked.agree, asked, known);
  if (asked.model) return modelledLeague(asked, known);
  await trainedLeague(asked, known);
}

/** The strategies there are. */
function list({ json }: Asked, known: readonly LeagueStrategy[]): void {
  if (json) process.stdout.write(`${strategiesJson(known)}\n`);
  else for (const { name, about } of known) process.stdout.write(`${name.padEnd(20)}${about}\n`);
}

async function trainedLeague(
  asked: Asked,
  known: ReadonlyMap<string, LeagueStrategy>,
): Promise<void> {
  const casts = plan(asked, known);
  if (asked.keep !== undefined) mkdirSync(asked.keep, { recursive: true });
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "assay-league-"));
  endWhenAsked(() => rmSync(folder, { recursive: true, force: true }));
  try {
    const plateau = casts.find(({ regime }) => regime === "plateau");
    const theta = plateau === undefined ? null : await writeTheta(asked, plateau, folder);
    const orders = casts.map((cast): CastOrder => ({
      spec: cast.spec,
      run: choiceOf(asked, cast),
      thetaPath: cast.regime === "plateau" ? theta : null,
      recordsPath: asked.keep === undefined ? null : recordsPathIn(asked.keep, cast),
    }));
    const kept = orders.map((order) => (asked.resume ? keptResultOf(order) : null));
    const left = orders.filter((_, index) => kept[index] === null);
    tell(`${casts.length} casts, ${left.length} to be played, ${asked.workers} at a time`);
    const of = left.reduce((sum, { spec }) => sum + spec.windows, 0);
    let done = 0;
    const results = await playAll(left, whole(asked, "workers"), {
      onWindow() {
        done += 1;
        tellFar({ what: "playing casts", done, of, unit: "windows" });
      },
      onResult(order, result) {
        const { spec, run } = order;
        const played = { regime: run.regime, spec, result };
        keepResult(order, result);
        const paid = payText(played, known);
        tell(`${seconds(began)}: ${run.regime}, ${spec.name}: done; ${paid}`);
      },
    });
    const fresh = results.values();
    const played = casts.flatMap((cast, index) => {
      const result = kept[index] ?? fresh.next().value;
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
