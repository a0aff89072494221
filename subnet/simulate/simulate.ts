/** @file `subnet simulate`: plays the league under a subnet.toml, and says who would earn what. */
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import type { TellFar } from "../../src/command/progress.ts";
import { requirePlace, writeReport } from "../report/file.ts";
import { castWords, isModelled, leaguesOf } from "./asked.ts";
import { runLeague } from "./league-process.ts";
import type { SimulateOptions } from "./options.ts";
import { knownOf, outcomeOf } from "./outcome.ts";
import { simulationReport } from "./report.ts";
import type { Simulated } from "./standing.ts";
import { listLines, simulationJson, simulationLines, sweepLines } from "./table.ts";

/** Where results and progress go. */
export type SimulateOutput = {
  readonly print: (line: string) => void;
  readonly step: (line: string) => void;
  /** Told how far it is. */
  readonly far?: TellFar;
};

async function simulate(
  options: SimulateOptions,
  { print, step, far }: SimulateOutput,
  signal: AbortSignal,
): Promise<void> {
  const listing = { args: ["--list", "--json"], read: knownOf, signal, step };
  if (options.list) {
    const known = await runLeague(listing);
    for (const line of options.json ? [JSON.stringify(known)] : listLines(known)) print(line);
    return;
  }
  // What is wrong with the file, the numbers or the report's place is known before any process is started.
  const leagues = leaguesOf(options);
  if (options.report !== undefined) await requirePlace(options.report);
  const casts = castWords(options, await runLeague(listing), isModelled(options));
  const runs: Simulated["runs"][number][] = [];
  for (const { setting, args } of leagues) {
    if (setting !== null) step(`with ${setting}`);
    const words = [...args, ...casts];
    const call = { args: words, read: outcomeOf, signal, step, ...(far && { far }) };
    runs.push({ setting, outcome: await runLeague(call) });
  }
  const simulated = { options, runs };
  if (options.report !== undefined) {
    await writeReport(options.report, simulationReport(simulated));
    step(`report: ${options.report}`);
  }
  const lines = leagues.length > 1 ? sweepLines(simulated) : simulationLines(simulated);
  for (const line of options.json ? [simulationJson(simulated)] : lines) print(line);
}

/** Runs the command. @throws AssayError bad-option, simulation-failed */
export async function runSimulate(options: SimulateOptions, output: SimulateOutput): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, () => simulate(options, output, lifecycle.signal));
}
