/** @file Options of `subnet audit` and `subnet replay`. */
import { z } from "zod";
import { chainFields, flag, list, optionalText, wholeNumber } from "../../src/command/fields.ts";

/** Where a recorded run is. */
const placeFields = {
  run: optionalText(
    "folder of a local run (npm start prints it as record), or a chain's endpoint, ws://...",
  ),
  netuid: wholeNumber(1, 65_535).optional().meta({
    description: "netuid of a subnet on a chain: its records and payloads from its nodes",
  }),
  ...chainFields,
} as const;

/** Parsed place fields. */
export type PlaceOptions = z.output<z.ZodObject<typeof placeFields>>;

/** Options of `subnet audit`. */
export const auditOptions = z.strictObject({
  ...placeFields,
  scorer: optionalText("file of the subnet's own rule for weights, as its validators name it"),
  evaluate: flag("measure every recorded loss again with the engine (slow)"),
  json: flag("print one JSON object"),
});

/** Parsed options of `subnet audit`. */
export type AuditOptions = z.output<typeof auditOptions>;

/** Options of `subnet replay`. */
export const replayOptions = z.strictObject({
  ...placeFields,
  set: list("key=value of a subnet.toml, as in credit.floor=0.3, over --config's"),
  sweep: optionalText("one key and its values: one row each, as in credit.floor=0.2,0.3,0.4"),
  json: flag("print one JSON object"),
  report: optionalText("write an HTML report to this file"),
});

/** Parsed options of `subnet replay`. */
export type ReplayOptions = z.output<typeof replayOptions>;
