/** @file Options that the doctors of all roles share. */
import { count, flag } from "../command/fields.ts";

export const doctorFields = {
  afterBlock: count({
    description:
      "wait for this block of the chain before looking: what passes by itself has passed then",
    standard: 0,
    max: Number.MAX_SAFE_INTEGER,
  }),
  json: flag("print one JSON object a line: what was looked at, what it is, what to run"),
} as const;
