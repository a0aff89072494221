/** @file Options of `miner`. */
import { z } from "zod";
import { choice, count, neuronFields } from "../src/command/fields.ts";
import { STRATEGIES } from "../src/command/strategies.ts";

/** Options of `miner`. */
export const minerOptions = z.strictObject({
  ...neuronFields,
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

/** Parsed options of `miner`. */
export type MinerOptions = z.output<typeof minerOptions>;
