/** @file Runs the chosen cases and says how each ended. */
import { join } from "node:path";
import { AssayError } from "../src/errors.ts";
import { type CaseResult, causeLines, jsonOf, lineOf, passed } from "./outcome/result.ts";
import type { ChaosOptions } from "./options.ts";
import { REAL_FAULTS } from "./real/faults.ts";
import { runKills } from "./real/kills.ts";
import { type RealOptions, runRealCase } from "./real/run-case.ts";
import { playProcesses } from "./rpc/processes.ts";
import { held, runRpc } from "./rpc/run.ts";
import { runMatrix } from "./simulated/matrix.ts";
import { type Cell, matrixOf, shortForm } from "./simulated/plan.ts";

/** A case on real processes that can be run. */
type RealCase = {
  readonly name: string;
  readonly about: string;
  readonly run: () => Promise<CaseResult>;
};

/** What the options choose. */
type Chosen = { readonly real: readonly RealCase[]; readonly cells: readonly Cell[] };

/** Pay by magnitude is what the bound on pay is about. */
const SCORING = "scoring.mode=credit";

function realCases(options: ChaosOptions, say: (text: string) => void): readonly RealCase[] {
  const { windowSeconds, after, seed, kills } = options;
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-").slice(0, 19);
  const real: RealOptions = {
    output: join(options.output, `${stamp}-${process.pid}`),
    windowMs: windowSeconds * 1000,
    after,
    set: [SCORING, ...options.set],
    say,
  };
  if (kills > 0) {
    const name = `kills-${kills}-seed-${seed}`;
    const about = `${kills} seeded kills in ${kills} windows`;
    return [{ name, about, run: () => runKills({ ...real, count: kills, seed }) }];
  }
  return REAL_FAULTS.map((fault) => ({
    name: fault.name,
    about: fault.about,
    run: () => runRealCase(fault, real),
  }));
}

/** The cases that the options name. @throws AssayError bad-option */
function chosenOf(options: ChaosOptions, say: (text: string) => void): Chosen {
  const { only, pairs, seed, kills } = options;
  if (options.short) return { real: [], cells: shortForm() };
  const real = realCases(options, say);
  const cells = kills > 0 ? [] : matrixOf(pairs, seed);
  const unknown = only.find((name) => ![...real, ...cells].some((one) => one.name === name));
  if (unknown !== undefined)
    throw new AssayError({
      code: "bad-option",
      detail: `There is no case ${unknown}; --list names them.`,
    });
  if (only.length > 0)
    return {
      real: real.filter(({ name }) => only.includes(name)),
      cells: cells.filter(({ name }) => only.includes(name)),
    };
  const both = options.real === options.simulated;
  return {
    real: both || options.real ? real : [],
    cells: both || options.simulated ? cells : [],
  };
}

function listOf({ real, cells }: Chosen): string[] {
  return [
    ...real.map(({ name, about }) => `${name}  real: ${about}`),
    ...cells.map(({ name }) => `${name}  simulated`),
  ];
}

/** Faults of endpoints, under a client or under processes; resolves with the exit code. */
async function runEndpoints(
  options: ChaosOptions,
  say: (line: string) => void,
  print: (line: string) => void,
): Promise<number> {
  const { windowSeconds, output, processes, json } = options;
  if (processes) {
    const found = await playProcesses({ windowMs: 1000 * windowSeconds, output, say });
    if (json) print(JSON.stringify(found));
    return found.causes.length === 0 ? 0 : 1;
  }
  const report = await runRpc(options, say);
  if (json) print(JSON.stringify(report));
  return held(report) ? 0 : 1;
}

/** Runs the cases; resolves with the exit code. @throws AssayError bad-option */
export async function runChaos(
  options: ChaosOptions,
  print: (line: string) => void,
): Promise<number> {
  const output = options.json ? process.stderr : process.stdout;
  const say = (line: string): void => void output.write(`${line}\n`);
  if (options.rpc) return runEndpoints(options, say, print);
  const { real, cells } = chosenOf(options, say);
  if (options.list) {
    for (const line of listOf({ real, cells })) print(line);
    return 0;
  }
  const results: CaseResult[] = [];
  const told = (result: CaseResult): void => {
    results.push(result);
    const of = real.length + cells.length;
    for (const line of [`${results.length}/${of} ${lineOf(result)}`, ...causeLines(result)])
      say(line);
  };
  await runMatrix(cells, told);
  for (const one of real) told(await one.run());
  const failed = results.filter((result) => !passed(result)).length;
  say(`${results.length} cases, ${failed} failed`);
  if (options.json) print(jsonOf(results));
  return failed === 0 ? 0 : 1;
}
