/** @file Options of `subnet simulate`. */
import { availableParallelism } from "node:os";
import { z } from "zod";
import { choice, count, flag, list, optionalText } from "../../src/command/fields.ts";
import { configFields } from "../config/options.ts";

/** Options of `subnet simulate`. */
export const simulateOptions = z.strictObject({
  ...configFields,
  cast: list("strategies that play together, comma between, as in copy,noise,lazy"),
  all: flag("every strategy of the league, in casts as the league plays them (long)"),
  list: flag("list the strategies and end"),
  miners: count({ description: "miners of a cast", standard: 10, min: 2, max: 64 }),
  cheats: count({
    description: "how many of them do not work honestly; at least 4 do",
    standard: 3,
    max: 63,
  }),
  windows: count({
    description: "windows to play, whatever the file says",
    standard: 30,
    min: 2,
    max: 10_000,
  }),
  seed: count({ description: "seed of the chain's hashes", standard: 1, max: 999_999 }),
  regime: choice("while the loss falls, when it falls no more, or both", [
    "learning",
    "plateau",
    "both",
  ]),
  workers: count({
    description: "processes at a time, as many as there are cores",
    standard: availableParallelism(),
    min: 1,
    max: 1024,
  }),
  sweep: optionalText(
    "one key of the file and its values, as in credit.floor=0.2,0.3: all of it once for each",
  ),
  json: flag("print one JSON object"),
  report: optionalText("write an HTML report to this file"),
});

/** Parsed options of `subnet simulate`. */
export type SimulateOptions = z.output<typeof simulateOptions>;
