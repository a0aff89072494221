/** @file Options of `miner`. */
import { z } from "zod";
import { choice, count, neuronFields, wholeNumber } from "../src/command/fields.ts";
import { STRATEGIES } from "../src/command/strategies.ts";
import { doctorFields } from "../src/doctor/options.ts";

/** Options of `miner`. */
export const minerOptions = z.strictObject({
  ...neuronFields,
  threads: wholeNumber(1, 256).optional().meta({
    description:
      "threads of the training engine; without it what `miner bench` found fastest, or 1",
  }),
  microBatch: wholeNumber(1, 65_536).optional().meta({
    description:
      "sequences at once, a divisor of the run's batch; without it what `miner bench` found fastest, or what fits in memory",
  }),
  momentBits: choice(
    "bits of a number of the optimizer's moments: 8 take a quarter of the memory",
    ["32", "8"],
  ),
  strategy: choice(
    "honest work; a known attack, or a share of the inner steps, to try it on a subnet of one's own",
    STRATEGIES,
  ),
  missPercent: count({
    description:
      "of 100 windows, how many to stay away from, to try what that costs on a subnet of one's own",
    standard: 0,
    max: 100,
  }),
});

/** Options of `miner doctor`: those of the node that it looks at. */
export const minerDoctorOptions = z.strictObject({ ...minerOptions.shape, ...doctorFields });

/** Parsed options of each. */
export type MinerDoctorOptions = z.output<typeof minerDoctorOptions>;
export type MinerOptions = z.output<typeof minerOptions>;
