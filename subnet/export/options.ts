/** @file Options of `subnet export`, and where a trained model comes from (also for `subnet generate`). */
import { z } from "zod";
import { chainFields, flag, optionalText, wholeNumber } from "../../src/command/fields.ts";

/** Where the parameters come from: a run's record, a checkpoint file, or a subnet that is running. */
export const sourceFields = {
  run: optionalText("folder of a local run (npm start prints it as record): its last checkpoint"),
  checkpoint: optionalText(
    "checkpoint (safetensors file or folder, our names or Hugging Face's) instead of a run",
  ),
  manifest: optionalText(
    "run manifest that --checkpoint belongs to; found by itself inside a run's folder",
  ),
  netuid: wholeNumber(1, 65_535).optional().meta({
    description: "netuid of a running subnet: its newest parameters, from its nodes",
  }),
  ...chainFields,
};

/** Parsed source fields. */
export type SourceOptions = z.output<z.ZodObject<typeof sourceFields>>;

/** Options of `subnet export`. */
export const exportOptions = z.strictObject({
  ...sourceFields,
  output: z
    .string({ error: "name the folder to write" })
    .min(1)
    .meta({ description: "folder to write, new or empty" }),
  json: flag("print one JSON object instead of text"),
});

/** Parsed options of `subnet export`. */
export type ExportOptions = z.output<typeof exportOptions>;
