/** @file Options of the commands about machines and models: `miner bench`, `miner plan`. */
import { z } from "zod";
import {
  choice,
  count,
  decimal,
  device,
  flag,
  networkFields,
  neuronFields,
  wholeNumber,
} from "../../src/command/fields.ts";

const json = flag("print one JSON object instead of text; in it bytes, seconds and shares");
/** Models that can be planned for: the presets, and those that are larger than this engine. */
const NAMES = ["nano", "1m", "10m", "124m", "350m", "1b", "8b", "72b"] as const;

/** Nodes of a simulated window: each is simulated by itself. */
const MOST_SIMULATED = 128;

/** A whole number that follows from the model unless it is given. */
function derived(description: string, max: number): z.ZodOptional<z.ZodType<number>> {
  return wholeNumber(1, max)
    .optional()
    .meta({ description: `${description}; without it what fits the model` });
}

/** Options of `miner bench`. */
export const benchOptions = z.strictObject({
  model: choice("model to train", ["nano", "1m", "10m", "124m", "350m", "1b"]),
  batch: count({ description: "sequences of a step", standard: 12, min: 1, max: 65_536 }),
  threads: wholeNumber(1, 256)
    .optional()
    .meta({ description: "threads to measure; without it one, and one for each core" }),
  device,
  momentBits: choice("bits of a number of the optimizer's moments", ["32", "8"]),
  live: flag(
    "measure for the run that the subnet trains now: whether it is met in time, and what its miners earn",
  ),
  ...networkFields,
  blockSeconds: decimal({
    description: "seconds of a block; 0: as they come while it measures (12 where too few come)",
    standard: 0,
    min: 0,
    max: 600,
  }),
  state: neuronFields.state,
  json,
});

/** Parsed options of `miner bench`. */
export type BenchOptions = z.output<typeof benchOptions>;

/** Options of `miner plan`. */
export const planOptions = z.strictObject({
  model: choice("model to plan for", NAMES),
  devices: derived("devices of a peer, among which state and work are spread evenly", 1024),
  gigaflops: derived("GFLOP/s that one device does while it trains", 10_000_000),
  cores: derived("cores of a peer's host", 4096),
  uplinkMbps: derived("Mbit/s that a peer sends", 1_000_000),
  downlinkMbps: derived("Mbit/s that a peer fetches", 1_000_000),
  steps: derived("inner steps of a window", 100_000),
  batch: derived("sequences of a step of one peer", 65_536),
  microBatch: derived("sequences that a peer takes at once", 65_536),
  peers: derived("miners whose updates are accepted in a window", MOST_SIMULATED),
  validators: derived("validators that fetch every update", MOST_SIMULATED),
  delivery: choice(
    "store: an update is sent once, to where all fetch it; direct: its miner sends it to every node",
    ["store", "direct"],
  ),
  sequences: derived("sequences with which a validator tries an update at the gate", 65_536),
  workers: derived("machines like a peer's that judge for a validator", 4096),
  blockMs: derived("milliseconds of a block of the chain", 60_000),
  finalityBlocks: wholeNumber(0, 1000)
    .optional()
    .meta({ description: "blocks after which a block is final; without it what fits the model" }),
  k: derived("coordinates kept of a chunk of 4096", 4096),
  momentBits: choice("bits of a number of the optimizer's moments", ["32", "8"]),
  markdown: flag("print docs/utilisation.md: the published window and Assay's, simulated"),
  json,
});

/** Parsed options of `miner plan`. */
export type PlanOptions = z.output<typeof planOptions>;
