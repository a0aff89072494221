/** @file Options of `subnet check`. */
import { z } from "zod";
import { configFields, flagField } from "../config/options.ts";

const number = (about: {
  readonly description: string;
  readonly standard: number;
  readonly most: number;
}): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce
    .number()
    .min(1)
    .max(about.most)
    .default(about.standard)
    .meta({ description: about.description });

/** Options of `subnet check`. */
export const checkOptions = z.strictObject({
  ...configFields,
  neurons: z.coerce
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(16)
    .meta({ description: "neurons to count with" }),
  uplinkMbps: number({
    description: "megabits a second that the slowest honest miner uploads",
    standard: 110,
    most: 1_000_000,
  }),
  measure: z.union([z.boolean(), z.stringbool()]).default(true).meta({
    description: "train this model for some seconds (false, or --no-measure: skip)",
    type: "string",
  }),
  device: z
    .enum(["auto", "cpu", "cuda", "webgpu"])
    .default("auto")
    .meta({ description: "where to measure: auto tries cuda, webgpu, cpu" }),
  threads: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(1)
    .meta({ description: "threads of the training engine" }),
  json: flagField("print one JSON object"),
});
export type CheckOptions = z.output<typeof checkOptions>;

/** commander reads --no-x as a switch of its own: it is written out before it gets there. */
export function checkArguments(args: readonly string[]): string[] {
  return args.map((arg) => (arg === "--no-measure" ? "--measure=false" : arg));
}
