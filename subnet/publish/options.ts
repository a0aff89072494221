/** @file Options of `subnet publish`. */
import { z } from "zod";
import { count, device, flag, optionalText, wholeNumber } from "../../src/command/fields.ts";
import { ownerFields } from "../owner/options.ts";
import { axonFields } from "../serve/options.ts";

const MOST_BLOCKS = 4_294_967_295;

/** Options of `subnet publish`. */
export const publishOptions = z.strictObject({
  ...ownerFields,
  checkpoint: optionalText(
    "parameters to start from: a safetensors file of this model, or a folder as Hugging Face's (default: drawn from model.seed)",
  ),
  startIn: wholeNumber(1, MOST_BLOCKS)
    .optional()
    .meta({ description: "blocks until the first window (default: what nodes need to join)" }),
  afterWindow: wholeNumber(1, MOST_BLOCKS)
    .optional()
    .meta({ description: "replace the live run: its first window that no longer counts" }),
  neurons: count({ description: "neurons to count with", standard: 16, min: 1, max: 1024 }),
  check: flag("train this model for some seconds to see whether it can keep its times", true),
  device,
  threads: count({ description: "threads of the training engine", standard: 1, min: 1, max: 256 }),
  json: flag("print one JSON object instead of text"),
  serve: flag("go on serving the run until stopped, as subnet serve does"),
  ...axonFields,
  yes: flag("ask nothing"),
});

/** Parsed options of `subnet publish`. */
export type PublishOptions = z.output<typeof publishOptions>;
