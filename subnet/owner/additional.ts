/** @file The text `additional` of a subnet's identity as an owner writes it: what it says about runs, and the words of others. */
import { AssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { encodeRunText, otherWords, type RunText } from "../../src/protocol/run-text.ts";

/** The chain's limit. */
const MAXIMUM_BYTES = 1024;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/**
 * The whole text that says `runText`; words that others wrote into `before` stay.
 * @throws AssayError bad-option when the chain would not take that much
 */
export function additionalText(
  runText: RunText & { readonly runId: Hex },
  before: string | null,
): string {
  const others = otherWords(before);
  const ours = encodeRunText(runText);
  const whole = others === "" ? ours : `${ours} ${others}`;
  if (bytesOf(whole) > MAXIMUM_BYTES)
    throw new AssayError({
      code: "bad-option",
      detail: `The text "additional" of the subnet's identity would take ${bytesOf(whole)} bytes, the chain allows ${MAXIMUM_BYTES}; ${bytesOf(others)} of them are other words that stand there`,
      next: "Shorten those words with the tool that wrote them, then run this again.",
      run: { again: {} },
    });
  return whole;
}
