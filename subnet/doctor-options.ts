/** @file Options of `subnet doctor`. */
import { z } from "zod";
import { doctorFields } from "../src/doctor/options.ts";
import { serveOptions } from "./serve/options.ts";

/** Options of `subnet doctor`: those of the node that it looks at. */
export const doctorOptions = z.strictObject({ ...serveOptions.shape, ...doctorFields });

/** Parsed options of `subnet doctor`. */
export type DoctorOptions = z.output<typeof doctorOptions>;
