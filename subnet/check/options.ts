/** @file Options of `subnet check`. */
import { z } from "zod";
import { chainFields, count, decimal, device, flag } from "../../src/command/fields.ts";
import { configFields } from "../config/options.ts";

/** Options of `subnet check`. */
export const checkOptions = z.strictObject({
  ...configFields,
  neurons: count({ description: "neurons to count with", standard: 16, min: 1, max: 1024 }),
  uplinkMbps: decimal({
    description: "megabits a second that the slowest honest miner uploads",
    standard: 110,
    min: 1,
    max: 1_000_000,
  }),
  measure: flag("train this model for some seconds", true),
  endpoint: chainFields.endpoint.unwrap().optional().meta({
    description:
      "watch the finality of the chain at these endpoints for a minute at most, and hold the phases against it",
    joined: true,
  }),
  device,
  threads: count({ description: "threads of the training engine", standard: 1, min: 1, max: 256 }),
  json: flag("print one JSON object"),
});

/** Parsed options of `subnet check`. */
export type CheckOptions = z.output<typeof checkOptions>;
