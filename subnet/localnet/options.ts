/** @file Options of `subnet localnet`, which is what `npm start` runs, and of `subnet localnet resume`. */
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import {
  choice,
  count,
  device,
  flag,
  list,
  optionalText,
  pruning,
  storeFields,
  text,
  wholeNumber,
} from "../../src/command/fields.ts";
import {
  CHEATS,
  DEMO_CHEATS,
  isCheat,
  isPartTime,
  PART_TIME,
} from "../../src/command/strategies.ts";

/** Cheats to start: none, or a list with a comma between. */
const attack = z
  .string()
  .refine(
    (words) => words === "none" || words.split(",").every(isCheat),
    `must be none or a list of ${CHEATS.join(", ")}`,
  )
  .default(DEMO_CHEATS.join(","))
  .meta({ description: "cheaters to start, comma between; or none" });

/** Honest miners that do less than the others: none, or a list with a comma between. */
const partTime = z
  .string()
  .refine(
    (words) => words === "none" || words.split(",").every(isPartTime),
    `must be none or a list of ${PART_TIME.join(", ")}`,
  )
  .default("none")
  .meta({
    description: `honest miners that do a share of the inner steps only, comma between (${PART_TIME.join(", ")}); or none`,
  });

const windows = count({ description: "windows to run", standard: 60, max: 100_000 })
  .refine((number) => number !== 1, "must be at least 2, or 0")
  .meta({ description: "windows to run, at least 2; 0: until Ctrl-C" });

const blockMs = wholeNumber(20, 60_000).optional();

const runFields = {
  baseline: flag("train the single-node baseline afterwards", true),
  keep: flag("keep wallets and nodes' state of a finished run too, to resume and serve it"),
  json: flag("print one JSON object as the last line"),
  tui: flag("show a full screen, where the output is a terminal"),
  tensorboard: optionalText(
    "folder to draw every node's curves over windows into, for TensorBoard",
  ),
} as const;

/** Options of `subnet localnet`. */
export const localnetOptions = z.strictObject({
  preset: choice("demo: 60 windows; quick: 12 windows, a smoke test", ["demo", "quick"]),
  windows,
  miners: count({ description: "honest miners", standard: 4, min: 1, max: 32 }),
  validators: count({ description: "validators", standard: 2, min: 1, max: 8 }),
  attack,
  partTime,
  missPercent: count({
    description: "of 100 windows, how many each miner stays away from",
    standard: 0,
    max: 100,
  }),
  data: optionalText(
    "folder of the text to learn (default: [data] of the configuration, else node_modules)",
  ),
  tokenizer: optionalText("tokenizer.json that makes tokens of the text (default: bytes)"),
  set: list("key=value of a subnet.toml, as in model.preset=1m"),
  blockMs: blockMs.meta({
    description:
      "shortest time between two blocks in ms (default: phases.blockMs of the configuration, else 100; native: 2000)",
  }),
  chain: choice(
    "what makes the blocks: embedded, as soon as everybody is ready for the next; native, four authorities of the node of chain:node, in real time",
    ["embedded", "native"],
  ),
  port: count({
    description: "port of the chain's JSON-RPC, 0 for a free one",
    standard: 9944,
    max: 65_535,
  }),
  output: text("folder for the run's record", join(homedir(), ".assay", "localnet")),
  device,
  ...storeFields,
  shield: flag("let validators encrypt weights, so that no copy of them counts in time", true),
  pruning,
  ...runFields,
});

/** Keys and tables of a subnet.toml, which `--config` may also name. */
export const SUBNET_FILE_KEYS: readonly string[] = [
  "name",
  "windows",
  "data",
  "model",
  "phases",
  "inner",
  "codec",
  "outer",
  "evaluation",
  "scoring",
  "credit",
  "checkpoint",
  "retention",
  "tokenizer",
  "chain",
  "hyperparameters",
];

/** Values of each preset of `subnet localnet`, between defaults and file. */
export const localnetPresets = {
  demo: {},
  quick: { windows: 12 },
} as const;

/** Parsed options of `subnet localnet`. */
export type LocalnetOptions = z.output<typeof localnetOptions>;

/** Options of `subnet localnet resume`. */
export const resumeOptions = z.strictObject({
  folder: optionalText("the run's folder, which its start and its end print as record"),
  windows: optionalText("cannot be changed: a run's windows are part of its manifest"),
  blockMs: blockMs.meta({
    description: "shortest time between two blocks in ms (default: as the run was started)",
  }),
  port: wholeNumber(0, 65_535)
    .optional()
    .meta({ description: "port of the chain's JSON-RPC (default: the one it had)" }),
  ...runFields,
});

/** Parsed options of `subnet localnet resume`. */
export type ResumeOptions = z.output<typeof resumeOptions>;
