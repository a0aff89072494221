/**
 * @file What workers are worth: seconds for all candidates of a window, gate and depth, with one worker and with two (processes of one
 * thread, each pinned to a core; the validator, which checks their answers, and the queue's store run on the same cores), and what one
 * candidate costs in multiples of its own forward passes, and in milliseconds beside them, by processor time. With two, also when the last of
 * the gate is known, beside the time until a vote is due in the demo (--model=nano is its model). All processes have served in a window before.
 * Flags: --candidates=64, --model=nano|1m|10m, --rounds=5, --queue=private-redis|pglite (unless told, the first that is there), --alone
 * (by the validator itself as well), --json.
 */
import { flagsOf } from "./support/flags.ts";
import { Validator } from "./workers/play.ts";
import { sizeOf } from "./workers/stage.ts";

const flags = flagsOf({
  candidates: { type: "string", default: "64" },
  model: { type: "string", default: "1m" },
  rounds: { type: "string", default: "5" },
  queue: { type: "string" },
  alone: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
});
const size = sizeOf(flags.model);

/** The middle one, with least and most. */
function spread(values: readonly number[]): { median: number; least: number; most: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

const PASSES_OF_ONE = 3;
const STORES = ["private-redis", "pglite"] as const;
const [costs, besides, shares]: [number[], number[], number[]] = [[], [], []];
const count = Number(flags.candidates);
const store = STORES.find((one) => one === flags.queue);
if (store === undefined && flags.queue !== undefined) {
  console.error(`error: no queue "${flags.queue}"; there are ${STORES.join(", ")}`);
  process.exit(2);
}
const validator = await Validator.open(size, count, store);
const [alone, one, two]: [number[], number[], number[]] = [[], [], []];
const [gates, passes]: [number[], number[]] = [[], []];
try {
  // Each round starts both anew for the first figure, so that load of the machine falls on all alike.
  for (let round = 0; round < Number(flags.rounds); round++) {
    if (flags.alone) alone.push(await validator.alone());
    await validator.start(0);
    const single = await validator.judge(1);
    one.push(single.seconds);
    // The passes of a candidate: on noise after its update, on its own pages before and after. Theta's pass on noise is everybody's.
    const ownMs = single.passMs * (PASSES_OF_ONE * count + 1);
    costs.push(validator.cpuMs.workers / ownMs);
    besides.push((validator.cpuMs.workers - ownMs) / count);
    await validator.start(1);
    const { seconds, gate, passMs } = await validator.judge(2);
    passes.push(single.passMs, passMs);
    two.push(seconds);
    gates.push(gate);
    shares.push(validator.cpuMs.own / (2000 * seconds));
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
    candidates: count,
    queue: validator.store,
    millisecondsOfAPass: spread(passes),
    ...(flags.alone && { secondsAlone: spread(alone) }),
    secondsOneWorker: spread(one),
    secondsTwoWorkers: spread(two),
    gateSecondsTwoWorkers: spread(gates),
    secondsToVoteInTheDemo: validator.secondsToVote,
    gateInTimeToVote: Math.max(...gates) <= validator.secondsToVote,
    twoAgainstOne: spread(ratios),
    costInItsOwnPasses: spread(costs),
    millisecondsBesideThem: spread(besides),
    validatorsShareOfBothCores: spread(shares),
  }),
);
