/** @file Options of `subnet init`. A flag answers its question beforehand. */
import { z } from "zod";
import { configFields, flagField } from "../config/options.ts";

const answer = (description: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).optional().meta({ description });

/** Options of `subnet init`. */
export const initOptions = z.strictObject({
  ...configFields,
  name: answer("name of the run (default: localnet)"),
  data: answer("folder with the text to learn (default: node_modules)"),
  model: answer("nano, 1m or 10m (default: nano)"),
  windows: answer("windows of the run, 0 for endless (default: 60)"),
  scoring: answer("standard, even, steep or strict (default: standard)"),
  yes: flagField("ask nothing: flags and defaults are the answers"),
  force: flagField("write over a file that is there"),
});
export type InitOptions = z.output<typeof initOptions>;
