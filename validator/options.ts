/** @file Options of `validator`. */
import { z } from "zod";
import { neuronFields, optionalText } from "../src/command/fields.ts";

/** Options of `validator`. */
export const validatorOptions = z.strictObject({
  ...neuronFields,
  scorer: optionalText(
    "file of the subnet's own rule for weights (its export weigh), in place of the run's scoring; whoever audits needs it too",
  ),
});

/** Parsed options of `validator`. */
export type ValidatorOptions = z.output<typeof validatorOptions>;
