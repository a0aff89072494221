/**
 * @file `npm run test:guides [-- GUIDE ...]`: follows each guide of docs/guides literally in a clean home and looks at what it promises.
 * Prints guide, commands, seconds, passed; exit code 1 when one does not hold.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { follow } from "./follow.ts";
import { makePlace } from "./place.ts";
import { PROMISES } from "./promises.ts";
import { stepsOf } from "./steps.ts";

const GUIDES = fileURLToPath(new URL("../../docs/guides/", import.meta.url));

type Row = {
  readonly guide: string;
  readonly steps: number;
  readonly seconds: number;
  readonly passed: boolean;
};

const said = (text: string): void => void process.stderr.write(`${text}\n`);

/** Follows one guide. */
async function tried(guide: string): Promise<Row> {
  const begun = performance.now();
  const steps = stepsOf(readFileSync(`${GUIDES}${guide}.md`, "utf8"));
  const commands = steps.filter(({ kind }) => kind !== "wait" && kind !== "stop").length;
  const promise = PROMISES[guide];
  const place = await makePlace();
  let passed = false;
  try {
    if (promise === undefined)
      throw new Error(`nothing in test/guides/promises.ts says what it promises`);
    await follow(steps, place, { promise: (followed) => promise(place, followed), tell: said });
    passed = true;
  } catch (error) {
    said(`${guide}.md: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    place.leave();
  }
  return { guide, steps: commands, seconds: (performance.now() - begun) / 1000, passed };
}

const all = readdirSync(GUIDES).map((name) => name.replace(/\.md$/, ""));
const asked = process.argv.slice(2);
const known = [...Object.keys(PROMISES), ...all.filter((name) => !(name in PROMISES))];
const missing = [...asked, ...known].filter((name) => !all.includes(name));
if (missing.length > 0) throw new Error(`docs/guides has no ${missing.join(", ")}`);

console.log("guide             commands  seconds  passed");
for (const guide of asked.length === 0 ? known : asked) {
  const { steps, seconds, passed } = await tried(guide);
  if (!passed) process.exitCode = 1;
  const cells = [String(steps).padStart(8), seconds.toFixed(0).padStart(7), passed ? "yes" : "NO"];
  console.log(`${guide.padEnd(17)} ${cells.join("  ")}`);
}
