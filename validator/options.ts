/** @file Options of `validator`. */
import { z } from "zod";
import { neuronFields } from "../src/command/fields.ts";

/** Options of `validator`. */
export const validatorOptions = z.strictObject(neuronFields);

/** Parsed options of `validator`. */
export type ValidatorOptions = z.output<typeof validatorOptions>;
