/** @file Options that every command with a subnet.toml takes. */
import { z } from "zod";
import { flag, list } from "../../src/command/fields.ts";
import type { Overrides } from "./read.ts";

/** The file's name when nobody says another. */
export const DEFAULT_FILE = "subnet.toml";

/** `file` and `set`, for the schemas of commands. */
export const configFields = {
  file: z
    .string()
    .min(1)
    .default(DEFAULT_FILE)
    .meta({ description: "the subnet's configuration; may also be the first word" }),
  set: list("key=value that stands above the file, as in codec.k=128"),
};

/** Options of `subnet config`. */
export const configOptions = z.strictObject({
  ...configFields,
  markdown: flag("print docs/config.md: every key with unit, default, range and effect"),
  jsonSchema: flag("print docs/subnet.schema.json for editors"),
  json: flag("print the values as JSON"),
});
export type ConfigOptions = z.output<typeof configOptions>;

/** The values of --set one by one. */
export function overridesOf({ set = [] }: { readonly set?: readonly string[] }): Overrides {
  return { set };
}
