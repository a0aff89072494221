/**
 * @file Final loss of SparseLoCo, DiLoCo, plain averaging and DeMo against synchronous AdamW at equal tokens: nano, 4 miners, the product's engine,
 * compression and outer step. Goes on from docs/convergence/results.jsonl: `--hours=0.5` runs that long (0, the default, runs nothing
 * and prints what is known), `--only=synchronous,sparseloco-5` runs these arms alone, `--write` writes the table and the picture
 * beside the results, `--json` ends with one line. About 2.5 hours of one core in all. Exit code 1: a goal whose runs are done is missed.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ARMS } from "./convergence/arms.ts";
import { pageOf, pictureOf } from "./convergence/pages.ts";
import { nextCell, progressOf } from "./convergence/plan.ts";
import { nameOf, Results } from "./convergence/results.ts";
import { standingOf } from "./convergence/standing.ts";
import { readText } from "./convergence/text.ts";
import { trainArm } from "./convergence/train.ts";
import { flagsOf } from "./support/flags.ts";

const values = flagsOf({
  hours: { type: "string", default: "0" },
  only: { type: "string", multiple: true, default: [] },
  results: { type: "string" },
  write: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
});

const FOLDER = fileURLToPath(new URL("../docs/convergence/", import.meta.url));
const HOUR_MS = 3_600_000;

const hours = Number(values.hours);
if (!(hours >= 0)) throw new Error(`--hours takes a number of hours, not "${values.hours}"`);
const only = values.only.flatMap((names) => names.split(","));
const unknown = only.find((name) => ARMS.every((arm) => arm.name !== name));
if (unknown !== undefined)
  throw new Error(`no arm "${unknown}"; there are ${ARMS.map(({ name }) => name).join(", ")}`);

const text = readText();
const results = new Results(values.results ?? `${FOLDER}results.jsonl`, text.digest);
const finite = (loss: number): number | null => (Number.isFinite(loss) ? loss : null);
const end = Date.now() + hours * HOUR_MS;
while (Date.now() < end) {
  const cell = nextCell(results, only);
  const arm = ARMS.find(({ name }) => name === cell?.arm);
  if (cell === undefined || arm === undefined) break;
  const start = performance.now();
  const { validation, test } = await trainArm({ ...cell, arm }, text);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  results.add(cell, { validation: finite(validation), test: finite(test), seconds });
  console.error(`${nameOf(cell)}: ${validation.toFixed(4)} (${seconds} s)`);
}
const progress = progressOf(results);
const standing = standingOf(results);
const page = pageOf(standing, progress);
console.log(page);
if (values.write) {
  writeFileSync(`${FOLDER}table.md`, page);
  writeFileSync(`${FOLDER}losses.svg`, pictureOf(standing));
}
if (values.json) console.log(JSON.stringify({ ...progress, ...standing }));
if (standing.goals.some(({ holds }) => holds === false)) process.exitCode = 1;
