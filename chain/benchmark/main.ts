/**
 * @file `npm run chain:benchmark`: measures every call in the embedded engine and writes the weights that the runtime
 * declares; with `--check` it measures again and compares.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { CHAIN_FOLDER } from "../build/artifact-files.ts";
import { type Benchmark } from "./api.ts";
import { benchmarkWasm, buildBenchmark } from "./build-benchmark.ts";
import { fitLine } from "./fit.ts";
import { originOf } from "./machine.ts";
import { BenchmarkEngine, type Effort } from "./measure.ts";
import { type Outcome } from "./outcome.ts";
import { termsOf } from "./plan.ts";
import { placeOf } from "./places.ts";
import { type Margin, marginsOf, shortIn } from "./margin.ts";
import {
  declare,
  type Declared,
  isWeightFile,
  readWeightFile,
  type WeightFunction,
  writeWeightFile,
} from "./weight-file.ts";

const EFFORT: Effort = { steps: 5, repeats: 12 };
/** Before anything counts all of it runs a little: V8 compiles what is used often, better each time. */
const WARM_UP: Effort = { steps: 2, repeats: 1 };

const HELP = `npm run chain:benchmark -- [options]

Builds the runtime with its benchmarks (never the artifact), runs each in the embedded engine and writes the weights:
chain/pallets/*/src/weights.rs, chain/runtime/src/weights/*.rs. Build the artifact afterwards: npm run chain:build.

  --check          measure again, print declared / measured, end with 1 where that is below 1.5; writes nothing
  --only <name>    only this crate, for example pallet_balances, or only this benchmark of it: pallet_balances::burn_keep_alive
  --built          do not build: use what the last run built
  --json           end with one line of JSON
`;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

type Options = {
  readonly isCheck: boolean;
  readonly isBuilt: boolean;
  readonly isJson: boolean;
  readonly only: readonly string[];
};

function optionsOf(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      check: { type: "boolean", default: false },
      built: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
    },
  });
  if (values.help) return null;
  const { check: isCheck, built: isBuilt, json: isJson, only } = values;
  return { isCheck, isBuilt, isJson, only };
}

/** A file is written whole, so that of a benchmark that is named alone all of its crate are measured then. */
function isWanted({ pallet, name }: Benchmark, { only, isCheck }: Options): boolean {
  const isNamed = (word: string): boolean =>
    isCheck ? word === `${pallet}::${name}` : word.startsWith(`${pallet}::`);
  return only.length === 0 || only.includes(pallet) || only.some(isNamed);
}

/** What could not be measured keeps what its file declares; where that says nothing, the SDK's own weight. */
function functionOf(outcome: Outcome, former: ReadonlyMap<string, Declared>): WeightFunction {
  const { benchmark } = outcome;
  if ("measured" in outcome) {
    const line = fitLine(termsOf(benchmark), outcome.measured);
    return { benchmark, declared: declare(benchmark, line, outcome.elsewhereNs) };
  }
  const declared = former.get(benchmark.name);
  return { benchmark, kept: outcome.reason.split("\n")[0] ?? "", ...(declared && { declared }) };
}

/** Writes a file, unless there is one that this command did not write. */
function replace(path: string, text: string): void {
  if (existsSync(path) && !isWeightFile(readFileSync(path, "utf8")))
    throw new Error(`${path} was written by hand: move it, weights come there.`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function declaredIn(pallet: string): ReadonlyMap<string, Declared> {
  const path = join(CHAIN_FOLDER, placeOf(pallet).path);
  return existsSync(path) ? readWeightFile(readFileSync(path, "utf8")) : new Map();
}

/** Writes the files of all pallets that were measured. */
function write(outcomes: readonly Outcome[]): void {
  const byPallet = Map.groupBy(outcomes, ({ benchmark }) => benchmark.pallet);
  for (const [pallet, group] of byPallet) {
    const place = placeOf(pallet);
    const former = declaredIn(pallet);
    const functions = group.map((outcome) => functionOf(outcome, former));
    const text = writeWeightFile({ ...place, functions }, originOf(EFFORT));
    replace(join(CHAIN_FOLDER, place.path), text);
    say(`chain/${place.path}: ${group.length} weights`);
  }
}

/** Nanoseconds as a column of microseconds. */
function us(ns: number): string {
  return (ns / 1000).toFixed(1).padStart(10);
}

function sayMargin({ name, declaredNs, measuredNs, ratio }: Margin): void {
  say(`${us(declaredNs)} / ${us(measuredNs)} us  ${ratio.toFixed(2).padStart(6)}  ${name}`);
}

/** Compares; a call that is short is looked at again, for a busy machine makes it slower than it is. */
function check(engine: BenchmarkEngine, outcomes: readonly Outcome[]): readonly Margin[] {
  const margins = outcomes.flatMap((outcome) =>
    marginsOf(outcome, declaredIn(outcome.benchmark.pallet), () =>
      engine.measure(outcome.benchmark, EFFORT),
    ),
  );
  say("  declared /   measured      ratio");
  for (const margin of margins) sayMargin(margin);
  return margins;
}

function measureAll(engine: BenchmarkEngine, options: Options): Outcome[] {
  const wanted = engine.benchmarks().filter((benchmark) => isWanted(benchmark, options));
  for (const benchmark of wanted) engine.measure(benchmark, WARM_UP);
  let last = "";
  return wanted.map((benchmark) => {
    const { pallet, name } = benchmark;
    if (pallet !== last) complain(`measuring ${pallet}`);
    last = pallet;
    const outcome = engine.measure(benchmark, EFFORT);
    if ("reason" in outcome) complain(`not measured: ${pallet}::${name}: ${outcome.reason}`);
    return outcome;
  });
}

async function run(options: Options): Promise<void> {
  if (!options.isBuilt) buildBenchmark();
  const engine = await BenchmarkEngine.open(readFileSync(benchmarkWasm()));
  const outcomes = measureAll(engine, options);
  const margins = options.isCheck ? check(engine, outcomes) : [];
  if (!options.isCheck) write(outcomes);
  const short = shortIn(margins);
  for (const { name, ratio } of short) complain(`declares too little: ${name} (${ratio})`);
  if (short.length > 0) process.exitCode = 1;
  const skipped = outcomes.flatMap((one) => ("reason" in one ? [one.benchmark.name] : []));
  if (options.isJson)
    say(JSON.stringify({ measured: outcomes.length - skipped.length, skipped, margins }));
}

const options = optionsOf(process.argv.slice(2));
if (options === null) say(HELP);
else await run(options);
