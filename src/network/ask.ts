/** @file Asking a peer's axon a signed question: the answer has a byte cap, a deadline and a shape. */
import { z } from "zod";
import { type RequestSigner, signRequest } from "../auth/signed-request.ts";
import { AssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import { isPrivateAddress } from "./address.ts";
import { ANSWER_LIMITS, questionPath } from "./answers.ts";
import { type AxonAddress, fetchJson, urlOf } from "./client.ts";

/** As whom, and on which network. */
export type Asker = {
  readonly netuid: number;
  readonly genesis: Hex;
  readonly signer: RequestSigner;
  /** Whether axons at private addresses are asked: on development chains alone. */
  readonly allowPrivate: boolean;
};

/** Whom: the axon that a hotkey published, and that hotkey's SS58 text. */
export type AskedPeer = { readonly ss58: string; readonly axon: AxonAddress };

/** What is asked: the kind, what goes with it as JSON, and the shape that an answer must have. */
export type Asked<S extends z.ZodType> = {
  readonly verb: string;
  readonly body: unknown;
  readonly schema: S;
};

/** What an answer may cost. */
export type AskLimits = {
  readonly timeoutMs?: number;
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
};

const ANSWER_BYTES = 1 << 20;

/**
 * The answer of a peer.
 * @throws AssayError peer-refused (it says no, and why), peer-unreachable (also: an answer of another shape), peer-timeout, peer-oversized
 */
export async function askPeer<S extends z.ZodType>(
  { netuid, genesis, signer, allowPrivate }: Asker,
  { ss58, axon }: AskedPeer,
  { verb, body, schema }: Asked<S>,
  limits: AskLimits = {},
): Promise<z.output<S>> {
  const target = questionPath({ netuid, genesis }, verb);
  const url = urlOf(axon, target);
  if (!allowPrivate && isPrivateAddress(axon.ip))
    throw new AssayError({ code: "peer-unreachable", url, reason: "a private address" });
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const { timeoutMs = ANSWER_LIMITS.answerMs, limitBytes = ANSWER_BYTES, signal } = limits;
  const found = await fetchJson(url, z.object({ answer: z.unknown() }), {
    timeoutMs,
    limitBytes,
    body: bytes,
    headers: signRequest({ method: "POST", target, body: bytes }, signer, ss58),
    ...(signal !== undefined && { signal }),
  });
  if (found === null)
    throw new AssayError({
      code: "peer-refused",
      url,
      refusal: "no-such-question",
      reason: `it does not answer "${verb}"`,
    });
  const answer = schema.safeParse(found.answer);
  if (!answer.success)
    throw new AssayError({
      code: "peer-unreachable",
      url,
      reason: "the answer has the wrong shape",
    });
  return answer.data;
}
