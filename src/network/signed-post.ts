/** @file Asking whoever serves signed POSTs: signs a body, bounds the answer, and tells a refusal from an absence. */
import type { z } from "zod";
import { type RequestSigner, signRequest } from "../auth/signed-request.ts";
import { AssayError } from "../errors.ts";
import { type FetchLimits, readCapped } from "./client.ts";
import { refusal } from "./passport.ts";
import { signedPath, type SignedPosts } from "./signed-posts.ts";

/** Whom to ask, and as whom. */
export type PostPlace = {
  /** `http://host:port` */
  readonly origin: string;
  readonly network: SignedPosts["network"];
  readonly signer: RequestSigner;
  /** Hotkey of whoever serves, as SS58 text. */
  readonly receiver: string;
};

const REFUSAL_BYTES = 1024;

/**
 * The answer to a signed POST.
 * @throws AssayError peer-refused (it says no, and why), peer-unreachable, peer-timeout, peer-oversized
 */
export async function postSigned<S extends z.ZodType>(
  { origin, network, signer, receiver }: PostPlace,
  request: { readonly verb: string; readonly body: object; readonly schema: S },
  { limitBytes, timeoutMs, signal }: FetchLimits,
): Promise<z.output<S>> {
  const target = signedPath(network, request.verb);
  const url = `${origin}${target}`;
  const body = new TextEncoder().encode(JSON.stringify(request.body));
  const headers = signRequest({ method: "POST", target, body }, signer, receiver);
  const timeout = AbortSignal.timeout(timeoutMs);
  const stops = signal === undefined ? [timeout] : [timeout, signal];
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      redirect: "error",
      signal: AbortSignal.any(stops),
      headers: { ...headers, "content-type": "application/json", "accept-encoding": "identity" },
    });
    if (response.status === 403)
      throw refusal(
        url,
        await readCapped(response, { url, limits: { limitBytes: REFUSAL_BYTES } }),
      );
    if (!response.ok)
      throw new AssayError({ code: "peer-unreachable", url, reason: `HTTP ${response.status}` });
    const bytes = await readCapped(response, { url, limits: { limitBytes } });
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return request.schema.parse(value);
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    if (signal?.aborted === true) throw signal.reason;
    if (timeout.aborted) throw new AssayError({ code: "peer-timeout", url }, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError({ code: "peer-unreachable", url, reason }, { cause });
  }
}
