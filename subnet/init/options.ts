/** @file Options of `subnet init`. A flag answers its question beforehand. */
import { z } from "zod";
import { flag, optionalText } from "../../src/command/fields.ts";
import { configFields } from "../config/options.ts";

/** Options of `subnet init`. */
export const initOptions = z.strictObject({
  ...configFields,
  name: optionalText("name of the run (default: localnet)"),
  data: optionalText("folder with the text to learn (default: node_modules)"),
  model: optionalText("nano, 1m or 10m (default: nano)"),
  from: optionalText(
    "folder of a Hugging Face Llama or GPT-2 model: its sizes and its tokenizer.json, to go on from it",
  ),
  windows: optionalText("windows of the run, 0 for endless (default: 60)"),
  scoring: optionalText("standard, even, steep, strict or published (default: standard)"),
  yes: flag("ask nothing: flags and defaults are the answers"),
  force: flag("write over a file that is there"),
});
export type InitOptions = z.output<typeof initOptions>;
