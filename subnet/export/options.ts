/** @file Options of `subnet export`, and where a trained model comes from (also for `subnet generate`). */
import { z } from "zod";

/** Where the parameters come from: a run's record, a checkpoint file, or a subnet that is running. */
export const sourceFields = {
  run: z.string().min(1).optional().meta({
    description: "folder of a local run (npm start prints it as record): its last checkpoint",
  }),
  checkpoint: z.string().min(1).optional().meta({
    description: "checkpoint file (safetensors, our names or Hugging Face's) instead of a run",
  }),
  manifest: z.string().min(1).optional().meta({
    description: "run manifest that --checkpoint belongs to; found by itself inside a run's folder",
  }),
  netuid: z.coerce.number().int().min(1).max(65_535).optional().meta({
    description: "subnet id of a running subnet: its newest parameters, from its nodes",
  }),
  endpoint: z.string().min(1).default("ws://127.0.0.1:9944").meta({
    description: "chain endpoints for --netuid, first that answers wins, comma between",
  }),
  genesis: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 hex digits")
    .optional()
    .meta({ description: "expected genesis hash; another chain is refused" }),
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
});

/** Parsed options of `subnet export`. */
export type ExportOptions = z.output<typeof exportOptions>;
