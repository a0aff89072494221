/**
 * @file What workers are worth: seconds for all candidates of a window, gate and depth, with one worker and with two (processes of one
 * thread, each pinned to a core; the validator, which checks their answers, runs on the same cores), and by the validator alone.
 * Flags: --candidates=64, --model=nano|1m|10m, --rounds=3, --json.
 */
import { flagsOf } from "./support/flags.ts";
import { Validator } from "./workers/play.ts";
import { sizeOf } from "./workers/stage.ts";

const flags = flagsOf({
  candidates: { type: "string", default: "64" },
  model: { type: "string", default: "1m" },
  rounds: { type: "string", default: "3" },
  json: { type: "boolean", default: false },
});
const size = sizeOf(flags.model);

/** The middle one, with least and most. */
function spread(values: readonly number[]): { median: number; least: number; most: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

const validator = await Validator.open(size, Number(flags.candidates));
const [alone, one, two]: [number[], number[], number[]] = [[], [], []];
try {
  // Each round starts both anew for the first figure, so that load of the machine falls on both alike.
  for (let round = 0; round < Number(flags.rounds); round++) {
    alone.push(await validator.alone());
    validator.start(0);
    one.push(await validator.judge(1));
    validator.start(1);
    two.push(await validator.judge(2));
    await validator.stopWorkers();
  }
} finally {
  await validator.close();
}
const ratios = one.map((seconds, at) => seconds / (two[at] ?? Number.NaN));
console.log(
  JSON.stringify({
    case: "workers",
    model: size,
    candidates: Number(flags.candidates),
    queue: validator.store,
    secondsAlone: spread(alone),
    secondsOneWorker: spread(one),
    secondsTwoWorkers: spread(two),
    twoAgainstOne: spread(ratios),
  }),
);
