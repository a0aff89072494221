/** @file Options of `subnet devices`. */
import { z } from "zod";
import { device } from "../src/command/fields.ts";

/** Options of `subnet devices`. */
export const devicesOptions = z.strictObject({ device });
