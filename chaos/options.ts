/** @file Options of `npm run chaos`. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { count, flag, list, text } from "../src/command/fields.ts";

/** Options of chaos. */
export const chaosOptions = z.strictObject({
  only: list("run this case alone"),
  list: flag("name the cases and end"),
  real: flag("the cases on real processes (without --simulated: these alone)"),
  simulated: flag("the matrix on the simulated clock (without --real: this alone)"),
  short: flag(
    "the cells of the matrix that npm test plays, and nothing else; with --rpc: its short form",
  ),
  rpc: flag("instead: faults of chain endpoints and forks under one client; five minutes"),
  processes: flag(
    "with --rpc, instead: a validator and a miner as processes behind endpoints with faults; six minutes",
  ),
  kills: count({
    description: "instead: so many seeded kills, one a window",
    standard: 0,
    max: 1000,
  }),
  pairs: count({
    description: "pairs of faults at once in the matrix, chosen by the seed",
    standard: 48,
    max: 1000,
  }),
  seed: count({ description: "seed of what is chosen by chance", standard: 1, max: 2 ** 31 }),
  windowSeconds: count({
    description: "length of a window on real processes, in seconds",
    standard: 10,
    min: 2,
    max: 600,
  }),
  after: count({
    description: "windows that are watched once training goes on again, and paid",
    standard: 20,
    min: 1,
    max: 200,
  }),
  set: list("key=value of the subnet.toml that real cases run under"),
  output: text("folder for logs and chains of cases that fail", join(tmpdir(), "assay-chaos")),
  json: flag("print one JSON object as the last line"),
});

/** Parsed options of chaos. */
export type ChaosOptions = z.output<typeof chaosOptions>;
