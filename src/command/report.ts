/** @file A failure that another process of ours reported over its channel, as an error of this one. */
import { z } from "zod";
import { type Explanation, FaultError } from "../../base/fault.ts";

const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const nextCommand = z.union([
  z.strictObject({
    ours: z.string(),
    args: z.array(z.string()).optional(),
    keep: z.array(z.string()).optional(),
    set: values.optional(),
  }),
  z.strictObject({ again: values }),
  z.strictObject({ help: z.literal(true) }),
  z.strictObject({ system: z.array(z.string()) }),
]);
const messageSchema = z.object({
  failure: z.object({
    code: z.string(),
    explanation: z.object({
      cause: z.string(),
      next: z.string(),
      commands: z.array(nextCommand).optional(),
    }),
  }),
});

/** The failure of a child process, with its own words. */
export class ReportedError extends FaultError {
  override readonly name = "ReportedError";

  constructor(code: string, explanation: Explanation) {
    super({ code }, explanation);
  }
}

/** The failure in a message of a child process (see reportFailure), or null when it is another message. */
export function reportedFailure(message: unknown): ReportedError | null {
  const parsed = messageSchema.safeParse(message);
  if (!parsed.success) return null;
  const { code, explanation } = parsed.data.failure;
  return new ReportedError(code, explanation);
}
