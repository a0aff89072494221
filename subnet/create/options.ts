/** @file Options of `subnet create`. */
import { z } from "zod";
import { flag } from "../../src/command/fields.ts";
import { ownerFields } from "../owner/options.ts";

/** Limits of a subnet's identity on the chain: a longer one is refused when the subnet is paid for already. */
const NAME_BYTES = 256;
const TEXT_BYTES = 1024;

/** Text for the identity that may be absent; the chain counts the bytes of its UTF-8. */
function identityText(
  description: string,
  limitBytes: number,
): z.ZodOptional<z.ZodType<string, string>> {
  return z
    .string()
    .min(1, "must not be empty")
    .refine((text) => Buffer.byteLength(text) <= limitBytes, {
      error: ({ input }) =>
        `has ${Buffer.byteLength(String(input))} bytes; the chain takes at most ${limitBytes}`,
    })
    .optional()
    .meta({ description: `${description}, at most ${limitBytes} bytes` });
}

function isSite(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Options of `subnet create`. */
export const createOptions = z.strictObject({
  ...ownerFields,
  name: identityText("name of the subnet (default: name of the file)", NAME_BYTES),
  url: identityText("its site, for its identity: http:// or https://", TEXT_BYTES).refine(
    (url) => url === undefined || isSite(url),
    "must be a URL that begins with http:// or https://",
  ),
  contact: identityText("how its owner is reached, for its identity", TEXT_BYTES),
  description: identityText("what it is for, for its identity", TEXT_BYTES),
  another: flag("create one more, although this coldkey owns a subnet already"),
  yes: flag("ask nothing"),
  json: flag("print one JSON object instead of text"),
});

/** Parsed options of `subnet create`. */
export type CreateOptions = z.output<typeof createOptions>;
