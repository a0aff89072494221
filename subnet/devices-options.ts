/** @file Options of `subnet devices`. */
import { z } from "zod";
import { device, flag } from "../src/command/fields.ts";

/** Options of `subnet devices`. */
export const devicesOptions = z.strictObject({
  device,
  json: flag("print one JSON object"),
});
