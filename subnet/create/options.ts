/** @file Options of `subnet create`. */
import { z } from "zod";
import { flag, optionalText } from "../../src/command/fields.ts";
import { ownerFields } from "../owner/options.ts";

/** Options of `subnet create`. */
export const createOptions = z.strictObject({
  ...ownerFields,
  name: optionalText("name of the subnet (default: name of the file)"),
  url: optionalText("its site, for its identity"),
  contact: optionalText("how its owner is reached, for its identity"),
  description: optionalText("what it is for, for its identity"),
  another: flag("create one more, although this coldkey owns a subnet already"),
  yes: flag("ask nothing"),
});

/** Parsed options of `subnet create`. */
export type CreateOptions = z.output<typeof createOptions>;
