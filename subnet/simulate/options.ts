/** @file Options of `subnet simulate`. */
import { availableParallelism } from "node:os";
import { z } from "zod";
import { choice, count, flag, list, optionalText, wholeNumber } from "../../src/command/fields.ts";
import { configFields } from "../config/options.ts";

/** Uids of a new subnet of the runtime. */
const MOST_UIDS = 256;

/** Miners of a cast that still trains: each takes a fifth of a second a window and 70 MB. */
export const MOST_TRAINED = 64;

/** Options of `subnet simulate`. */
export const simulateOptions = z.strictObject({
  ...configFields,
  cast: list("strategies that play together, comma between, as in copy,noise,lazy"),
  all: flag("every strategy of the league, in casts as the league plays them (long)"),
  list: flag("list the strategies and end"),
  model: flag(
    "draw losses from the model that was fitted to recorded windows instead of training: minutes become seconds",
  ),
  uids: wholeNumber(3, MOST_UIDS)
    .optional()
    .meta({ description: "uids of a modelled field, validators included, instead of --miners" }),
  validators: wholeNumber(1, 64).optional().meta({
    description: "validators of a modelled field; without it 2, which a trained cast has",
  }),
  miners: count({
    description: `miners of a cast; more than ${MOST_TRAINED} are modelled`,
    standard: 10,
    min: 2,
    max: MOST_UIDS - 1,
  }),
  cheats: count({
    description:
      "how many of them do not work honestly; at least 4 do. In a modelled field the strategies take turns",
    standard: 3,
    max: MOST_UIDS - 2,
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
