/**
 * @file Whether equal work is paid equally where everything is real: local networks as `npm start` runs them, one after the other, and
 * what each miner was paid. `npm run bench -- equal-work` plays all casts; `--only=clean-4,curve`, `--repeats=1` and `--windows=12` shorten
 * it; `--json` ends with one line; `--keep=FOLDER` keeps the runs. Exit code 1: a bound does not hold, or a run failed.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chosenCasts } from "./equal-work/casts.ts";
import type { Outcome } from "./equal-work/outcome.ts";
import { play } from "./equal-work/play.ts";
import { standingOf } from "./equal-work/standing.ts";
import { jsonOf, outcomeText, tableOf } from "./equal-work/table.ts";
import { flagsOf } from "./support/flags.ts";

const values = flagsOf({
  json: { type: "boolean", default: false },
  only: { type: "string", multiple: true, default: [] },
  windows: { type: "string", default: "60" },
  repeats: { type: "string" },
  "newcomer-block-ms": { type: "string", default: "400" },
  keep: { type: "string" },
});

/** Runs of a cast, unless it is said: one miner's luck in one run is as large as what some bounds ask. */
const REPEATS = 3;
/** Below, a newcomer has no windows left in which its pay could be compared. */
const LEAST_WINDOWS = 8;

function whole(
  name: "windows" | "newcomer-block-ms" | "repeats",
  text: string,
  min: number,
): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < min)
    throw new Error(`--${name} takes a whole number of at least ${min}, not "${text}"`);
  return number;
}

const say = (text: string): void =>
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

const windows = whole("windows", values.windows, LEAST_WINDOWS);
const newcomerBlockMs = whole("newcomer-block-ms", values["newcomer-block-ms"], 100);
const repeats = values.repeats === undefined ? null : whole("repeats", values.repeats, 1);
const casts = chosenCasts(
  values.only.flatMap((names) => names.split(",")),
  windows,
);
const runs = casts.flatMap((cast) => {
  return Array.from({ length: repeats ?? REPEATS }, (_, index) => ({ cast, repeat: index + 1 }));
});
const kept = values.keep === undefined ? null : resolve(values.keep);
if (kept !== null) mkdirSync(kept, { recursive: true });
const folder = kept ?? mkdtempSync(join(tmpdir(), "assay-equal-work-"));
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

const outcomes: Outcome[] = [];
try {
  for (const [index, { cast, repeat }] of runs.entries()) {
    if (stop.signal.aborted) break;
    const name = `${index + 1} of ${runs.length}: ${cast.name}, repeat ${repeat}`;
    say(`${name} begins, ${cast.windows} windows`);
    try {
      const parts = { newcomerBlockMs, signal: stop.signal, isKept: kept !== null };
      const own = join(folder, `${cast.name}-${repeat}`);
      const outcome = await play(cast, repeat, { ...parts, folder: own });
      outcomes.push(outcome);
      say(`${name} is over: ${outcomeText(outcome)}`);
    } catch (error) {
      // What was measured before is worth its row.
      console.error(error);
      process.exitCode = 1;
    }
  }
} finally {
  if (kept === null) rmSync(folder, { recursive: true, force: true });
}
const standing = standingOf(outcomes);
console.log(tableOf(outcomes, standing));
if (values.json) console.log(jsonOf(outcomes, standing));
if (!standing.passed || outcomes.length < runs.length) process.exitCode = 1;
