/** @file Runs the chosen cases one after the other and says how each ended. */
import { join } from "node:path";
import { AssayError } from "../src/errors.ts";
import { type CaseResult, causeLines, jsonOf, lineOf, passed } from "./outcome/result.ts";
import type { ChaosOptions } from "./options.ts";
import { REAL_FAULTS } from "./real/faults.ts";
import { runKills } from "./real/kills.ts";
import { type RealOptions, runRealCase } from "./real/run-case.ts";

/** A case that can be run. */
type Case = {
  readonly name: string;
  readonly about: string;
  readonly kind: "real" | "simulated";
  readonly run: () => Promise<CaseResult>;
};

/** Pay by magnitude is what the bound on pay is about. */
const SCORING = "scoring.mode=credit";

function casesOf(options: ChaosOptions, say: (text: string) => void): readonly Case[] {
  const { windowSeconds, after, seed, kills } = options;
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-").slice(0, 19);
  const real: RealOptions = {
    output: join(options.output, `${stamp}-${process.pid}`),
    windowMs: windowSeconds * 1000,
    after,
    set: [SCORING, ...options.set],
    say,
  };
  if (kills > 0)
    return [
      {
        name: `kills-${kills}-seed-${seed}`,
        about: `${kills} seeded kills in ${kills} windows`,
        kind: "real",
        run: () => runKills({ ...real, count: kills, seed }),
      },
    ];
  return REAL_FAULTS.map((fault) => ({
    name: fault.name,
    about: fault.about,
    kind: "real" as const,
    run: () => runRealCase(fault, real),
  }));
}

/** The cases that the options name. @throws AssayError bad-option */
function chosen(all: readonly Case[], options: ChaosOptions): readonly Case[] {
  const unknown = options.only.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new AssayError({
      code: "bad-option",
      detail: `There is no case ${unknown}; --list names them.`,
    });
  const both = options.real === options.simulated;
  const kinds = both ? ["real", "simulated"] : options.real ? ["real"] : ["simulated"];
  return all.filter(({ name, kind }) =>
    options.only.length === 0 ? kinds.includes(kind) : options.only.includes(name),
  );
}

/** Runs the cases; resolves with the exit code. @throws AssayError bad-option */
export async function runChaos(
  options: ChaosOptions,
  print: (line: string) => void,
): Promise<number> {
  const output = options.json ? process.stderr : process.stdout;
  const say = (line: string): void => void output.write(`${line}\n`);
  const cases = chosen(casesOf(options, say), options);
  if (options.list) {
    const width = Math.max(...cases.map(({ name }) => name.length));
    for (const { name, kind, about } of cases) print(`${name.padEnd(width)}  ${kind}  ${about}`);
    return 0;
  }
  const results: CaseResult[] = [];
  for (const one of cases) {
    const result = await one.run();
    results.push(result);
    for (const line of [lineOf(result), ...causeLines(result)]) say(line);
  }
  const failed = results.filter((result) => !passed(result)).length;
  say(`${results.length} cases, ${failed} failed`);
  if (options.json) print(jsonOf(results));
  return failed === 0 ? 0 : 1;
}
