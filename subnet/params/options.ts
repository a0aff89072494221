/** @file Options of `subnet params get`, `set`, `diff` and `push`. */
import { z } from "zod";
import { flag, optionalText, wholeNumber } from "../../src/command/fields.ts";
import { configFields } from "../config/options.ts";
import { ownerFields, placeFields } from "../owner/options.ts";

const json = flag("print one JSON object");

/** Options of `subnet params get`. */
export const getOptions = z.strictObject({
  ...placeFields,
  key: optionalText("one key, as in scoring.power (default: all)"),
  all: flag("also what only a new run can change"),
  json,
});

/** Options of `subnet params set`. */
export const setOptions = z.strictObject({
  key: z.string({ error: "is missing" }).min(1).meta({ description: "key, as in scoring.power" }),
  value: z.string({ error: "is missing" }).meta({ description: "its new value" }),
  file: configFields.file,
  json,
});

/** Options of `subnet params diff`. */
export const diffOptions = z.strictObject({ ...placeFields, json });

/** Options of `subnet params push`. */
export const pushOptions = z.strictObject({
  ...ownerFields,
  from: wholeNumber(1, 4_294_967_295)
    .optional()
    .meta({ description: "first window under the new rules (default: the earliest)" }),
  replace: flag("cancel an amendment that is pending"),
  yes: flag("ask nothing"),
  json,
});

/** Parsed options of each. */
export type GetOptions = z.output<typeof getOptions>;
export type SetOptions = z.output<typeof setOptions>;
export type DiffOptions = z.output<typeof diffOptions>;
export type PushOptions = z.output<typeof pushOptions>;
