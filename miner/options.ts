/** @file Options of `miner`. */
import { z } from "zod";
import { choice, neuronFields } from "../src/command/fields.ts";
import { STRATEGIES } from "../src/command/strategies.ts";

/** Options of `miner`. */
export const minerOptions = z.strictObject({
  ...neuronFields,
  strategy: choice(
    "honest work, or a known attack, to try it on a subnet of one's own",
    STRATEGIES,
  ),
});

/** Parsed options of `miner`. */
export type MinerOptions = z.output<typeof minerOptions>;
