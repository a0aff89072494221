/** @file Options of `subnet generate`. */
import { z } from "zod";
import { count, decimal, flag, optionalText, text } from "../../src/command/fields.ts";
import { sourceFields } from "../export/options.ts";

/** Options of `subnet generate`. */
export const generateOptions = z.strictObject({
  ...sourceFields,
  prompt: text("text to continue; of a run without a tokenizer, numbers", "\n"),
  tokenizer: optionalText("tokenizer.json of the run, where its record has none"),
  count: count({
    description: "tokens to write (bytes, unless the run names a tokenizer)",
    standard: 400,
    min: 1,
    max: 1_000_000,
  }),
  temperature: decimal({
    description: "1 draws as the model thinks, less is safer, 0 always takes the likeliest",
    standard: 0.7,
    min: 0,
    max: 100,
  }),
  topK: count({
    description: "draw among this many likeliest tokens only, 0 for all",
    standard: 0,
    max: 1_000_000,
  }),
  seed: count({
    description: "the same seed gives the same text on the same kind of machine",
    standard: 1,
    max: 4_294_967_295,
  }),
  json: flag("print one JSON object instead of the text"),
});

/** Parsed options of `subnet generate`. */
export type GenerateOptions = z.output<typeof generateOptions>;
