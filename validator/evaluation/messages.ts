/** @file What workers and a validator say to each other: shapes of the requests and answers (docs/workers.md#messages). */
import { z } from "zod";
import { digestSchema } from "../../src/protocol/manifest.ts";
import { sentLossesSchema } from "./task.ts";

/** Printable, and short enough for a line. */
const name = z.string().regex(/^[\w.:@-]{1,64}$/);
const token = z.string().min(1).max(64);
/** More than any worker does at once. */
export const MOST_TASKS = 64;

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

/** One answer: losses, or why there are none. */
const answer = z.strictObject({
  id: digestSchema,
  token,
  losses: sentLossesSchema.nullable(),
  error: z.string().max(300).nullable(),
});

/** An answer as it travels. */
export type SentAnswer = z.output<typeof answer>;

/** `keep`: it is alive, and works on these. */
export const keepSchema = z.strictObject({ name, tokens: z.array(token).max(MOST_TASKS) });

/** `take`: the same, which parameters it holds, how many tasks it has room for, and what it has done; 0 tasks: it only answers. */
export const takeSchema = keepSchema.extend({
  theta: digestSchema,
  most: z.int().min(0).max(MOST_TASKS),
  answers: z.array(answer).max(MOST_TASKS),
});

/** The answer to `take`: none where there is nothing to do. */
export const takenSchema = z.object({
  handed: z
    .array(z.object({ id: digestSchema, token, task: z.string().max(1 << 20) }))
    .max(MOST_TASKS),
});

/** An answer without content. */
export const doneSchema = z.object({});
