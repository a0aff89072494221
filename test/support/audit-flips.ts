/**
 * @file Flips single bytes of a local run's record and audits each: `npm run audit:flips -- FOLDER [count] [seed]`. Exit code 1
 * if one is not found, or not named.
 */
import { Lifecycle } from "../../src/command/lifecycle.ts";
import { joinRun } from "../../src/run/join.ts";
import { compare, derive } from "../../subnet/audit/audit.ts";
import { differenceText } from "../../subnet/audit/difference.ts";
import { openFolder } from "../../subnet/recorded/folder.ts";
import { flips, names } from "./flips.ts";

const [, , folder = "", count = "1000", seed = "1"] = process.argv;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const EVERY = 100;

const lifecycle = new Lifecycle();
lifecycle.stopOnSignals();
try {
  const recorded = await openFolder(folder, { lifecycle, step: say });
  const run = await joinRun(recorded.subnet, { signal: lifecycle.signal });
  const parts = { run, signal: lifecycle.signal, evaluate: false };
  const derived = await derive(recorded, parts);
  const { differences } = await compare(recorded, derived);
  say(`before any flip: ${differences.length} differences`);
  const missed: string[] = [];
  const done = new Map<string, number>();
  for await (const { flip, found } of flips(recorded, derived, {
    seed: Number(seed),
    count: Number(count),
  })) {
    done.set(flip.kind, (done.get(flip.kind) ?? 0) + 1);
    if (!names(found, flip, recorded))
      missed.push(
        `${flip.path} byte ${flip.offset} ^ ${flip.mask}: ${found === null ? "not found" : differenceText(found)}`,
      );
    const total = [...done.values()].reduce((sum, one) => sum + one, 0);
    if (total % EVERY === 0) say(`${total} flips, ${missed.length} missed`);
  }
  say([...done].map(([kind, flipped]) => `${kind} ${flipped}`).join(", "));
  for (const line of missed) say(line);
  const isGood = differences.length === 0 && missed.length === 0;
  say(isGood ? "every flip was found and named" : `${missed.length} flips were missed`);
  process.exitCode = isGood ? 0 : 1;
} finally {
  await lifecycle.close();
}
