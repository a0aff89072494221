/** @file What workers and a validator say to each other: shapes of the requests and answers (docs/workers.md#messages). */
import { z } from "zod";
import { digestSchema } from "../../src/protocol/manifest.ts";
import { sentLossesSchema } from "./task.ts";

/** Printable, and short enough for a line. */
const name = z.string().regex(/^[\w.:@-]{1,64}$/);
const token = z.string().min(1).max(64);
/** More than any worker does at once. */
const MOST_TOKENS = 64;

/** `GET /work`: whose validator it is. */
export const aboutSchema = z.object({
  format: z.literal("assay/work/1"),
  hotkey: z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{46,48}$/),
  netuid: z.int().min(0).max(65_535),
  genesis: digestSchema,
  runId: digestSchema.nullable(),
});

/** `hello`: who the worker is and what it can do. */
export const helloSchema = z.strictObject({
  name,
  runId: digestSchema,
  device: z.string().max(64),
  lossesPerSecond: z.number().min(0),
  memoryBytes: z.number().min(0),
});

/** `take`: which parameters it holds. */
export const takeSchema = z.strictObject({ name, theta: digestSchema });

/** The answer to `take`; `handed` is null where there is nothing to do. */
export const takenSchema = z.object({
  handed: z.object({ id: digestSchema, token, task: z.string().max(1 << 20) }).nullable(),
});

/** `keep`: it is alive, and works on these. */
export const keepSchema = z.strictObject({ name, tokens: z.array(token).max(MOST_TOKENS) });

/** `answer`: losses, or why there are none. */
export const answerSchema = z.strictObject({
  name,
  id: digestSchema,
  token,
  losses: sentLossesSchema.nullable(),
  error: z.string().max(300).nullable(),
});

/** An answer without content. */
export const doneSchema = z.object({});
