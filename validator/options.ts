/** @file Options of `validator`. */
import { z } from "zod";
import {
  choice,
  count,
  flag,
  list,
  neuronFields,
  optionalText,
  text,
} from "../src/command/fields.ts";
import { doctorFields } from "../src/doctor/options.ts";

/** Options of `validator`. */
export const validatorOptions = z.strictObject({
  ...neuronFields,
  scorer: optionalText(
    "file of the subnet's own rule for weights (its export weigh), in place of the run's scoring; whoever audits needs it too",
  ),
  workers: flag("let workers on this or other machines evaluate updates (validator worker)"),
  workersHost: text("address of this machine at which workers join, 0.0.0.0 for all", "127.0.0.1"),
  workersPort: count({
    description: "port at which workers join; 0 takes any free one",
    standard: 0,
    max: 65_535,
  }),
  workerHotkeys: list(
    "hotkey whose workers may join, as an SS58 address; without any only the validator's own",
  ),
  queue: choice(
    "where evaluations wait for workers: auto tries REDIS_URL, then a redis-server of its own, then a database inside the validator",
    ["auto", "redis", "private-redis", "pglite"],
  ),
});

/** Options of `validator doctor`: those of the node that it looks at. */
export const validatorDoctorOptions = z.strictObject({
  ...validatorOptions.shape,
  ...doctorFields,
});

/** Parsed options of each. */
export type ValidatorDoctorOptions = z.output<typeof validatorDoctorOptions>;
export type ValidatorOptions = z.output<typeof validatorOptions>;
