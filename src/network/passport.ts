/** @file How a node shows its peers who it is, and what it makes of a refusal. */
import { z } from "zod";
import { AssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import { printableAscii } from "./text.ts";

/** What a node needs to be known by its peers. */
export type Passport = {
  readonly netuid: number;
  readonly genesis: Hex;
  /** Headers of a GET of `target` from the axon of `receiver`; new ones for each attempt. */
  sign(target: string, receiver: Hex): Readonly<Record<string, string>>;
  /** Told when a peer refuses a request that was signed. */
  refused(error: AssayError): void;
};

/** The target of a signed request for a blob: netuid and genesis are in it, so that it means nothing on another network. */
export function signedTarget(at: Pick<Passport, "netuid" | "genesis">, address: Hex): string {
  return `/peers/${at.netuid}/${at.genesis}/blobs/${address}`;
}

/** What an axon tells whom it refuses; `clockMs`: its time, milliseconds since 1970. */
const refusedSchema = z.object({
  refusal: z.string().max(64),
  error: z.string().max(200),
  next: z.string().max(200),
  clockMs: z.number(),
});

/** The answer to a signed request that was refused. */
export type Refused = z.infer<typeof refusedSchema>;

/** Clocks that differ by more than this are told of. */
const NOTABLE_MS = 1000;

/** A refusal in the words of the axon, which are a stranger's. */
export function refusal(url: string, answer: Uint8Array): AssayError {
  const refused = parsed(answer);
  if (refused === null)
    return new AssayError({ code: "peer-unreachable", url, reason: "refused without a reason" });
  const { error, clockMs } = refused;
  return new AssayError({
    code: "peer-refused",
    url,
    refusal: printableAscii(refused.refusal),
    reason: `${printableAscii(error)}${clockText(Date.now() - clockMs)}`,
  });
}

/** How far this machine's clock is off, as a clause; nothing when it is not. */
function clockText(aheadMs: number): string {
  if (Math.abs(aheadMs) < NOTABLE_MS) return "";
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  return `; this machine's clock is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} the peer's`;
}

function parsed(answer: Uint8Array): Refused | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(answer));
    return refusedSchema.parse(value);
  } catch {
    return null;
  }
}
