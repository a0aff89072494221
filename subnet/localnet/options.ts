/** @file Options of `subnet localnet`, which is what `npm start` runs. */
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { choice, count, device, flag, text } from "../../src/command/fields.ts";
import { CHEATS, isCheat } from "../../src/command/strategies.ts";

/** Cheats to start: none, or a list with a comma between. */
const attack = z
  .string()
  .refine(
    (words) => words === "none" || words.split(",").every(isCheat),
    `must be none or a list of ${CHEATS.join(", ")}`,
  )
  .default(CHEATS.join(","))
  .meta({ description: "cheaters to start, comma between; or none" });

/** Options of `subnet localnet`. */
export const localnetOptions = z.strictObject({
  preset: choice("demo: 60 windows; quick: 12 windows, a smoke test", ["demo", "quick"]),
  windows: count({ description: "windows to run", standard: 60, min: 2, max: 100_000 }),
  miners: count({ description: "honest miners", standard: 4, min: 1, max: 32 }),
  validators: count({ description: "validators", standard: 2, min: 1, max: 8 }),
  attack,
  data: text("folder whose *.d.ts and *.md files are the text to learn", "node_modules"),
  blockMs: count({
    description: "shortest time between two blocks in ms; the chain waits for its nodes",
    standard: 100,
    min: 20,
    max: 60_000,
  }),
  port: count({
    description: "port of the chain's JSON-RPC, 0 for a free one",
    standard: 9944,
    max: 65_535,
  }),
  output: text("folder for the run's record", join(homedir(), ".assay", "localnet")),
  baseline: flag("train the single-node baseline afterwards", true),
  device,
  json: flag("print one JSON object as the last line"),
});

/** Values of each preset of `subnet localnet`, between defaults and file. */
export const localnetPresets = {
  demo: {},
  quick: { windows: 12 },
} as const;

/** Parsed options of `subnet localnet`. */
export type LocalnetOptions = z.output<typeof localnetOptions>;
