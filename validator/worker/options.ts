/** @file Options of `validator worker`. */
import { hostname } from "node:os";
import { z } from "zod";
import {
  device,
  keyFields,
  logLevel,
  networkFields,
  neuronFields,
} from "../../src/command/fields.ts";

/** Options of `validator worker`. */
export const workerOptions = z.strictObject({
  url: z
    .string()
    .regex(/^https?:\/\/[^/?#]+\/?$/, "must be http://host:port, as the validator prints it")
    .meta({ description: "where the validator lets workers in: http://host:port" }),
  name: z
    .string()
    .regex(/^[\w.:@-]{1,64}$/, "must be at most 64 letters, digits and . : @ - _")
    .default(
      hostname()
        .replaceAll(/[^\w.-]/g, "-")
        .slice(0, 64) || "worker",
    )
    .meta({
      description:
        "name of this worker among those of its hotkey; needed for a second one on one machine",
    }),
  ...keyFields,
  ...networkFields,
  state: neuronFields.state,
  device,
  threads: neuronFields.threads,
  logLevel,
  logFile: neuronFields.logFile,
  logFormat: neuronFields.logFormat,
});

/** Parsed options of `validator worker`. */
export type WorkerOptions = z.output<typeof workerOptions>;
