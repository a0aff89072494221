/** @file Options of `subnet generate`. */
import { z } from "zod";
import { sourceFields } from "../export/options.ts";

/** Options of `subnet generate`. */
export const generateOptions = z.strictObject({
  ...sourceFields,
  prompt: z.string().min(1).default("\n").meta({ description: "text to continue" }),
  count: z.coerce.number().int().min(1).max(1_000_000).default(400).meta({
    description: "bytes to write",
  }),
  temperature: z.coerce.number().min(0).max(100).default(0.7).meta({
    description: "1 draws as the model thinks, less is safer, 0 always takes the likeliest",
  }),
  topK: z.coerce.number().int().min(0).max(1_000_000).default(0).meta({
    description: "draw among this many likeliest bytes only, 0 for all",
  }),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).default(1).meta({
    description: "the same seed gives the same text on the same kind of machine",
  }),
  json: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .meta({ description: "print one JSON object instead of the text", type: "boolean" }),
});

/** Parsed options of `subnet generate`. */
export type GenerateOptions = z.output<typeof generateOptions>;
