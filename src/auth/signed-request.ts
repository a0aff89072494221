/** @file A request that its sender signed (btauth/1): the eight lines that are signed, and the headers that carry them. */
import { createHash, randomInt } from "node:crypto";
import { z } from "zod";

/** The headers of btauth/1, as Node hands them over: in lower case. */
export const HEADERS = {
  version: "x-bittensor-version",
  hotkey: "x-bittensor-hotkey",
  receiver: "x-bittensor-receiver",
  nonce: "x-bittensor-nonce",
  signature: "x-bittensor-signature",
  crypto: "x-bittensor-crypto",
} as const;

const VERSION = "1";
/** The scheme of every hotkey of ours; never taken from a request. */
const SCHEME = "sr25519";

/** What of a request is signed, beside who sends it to whom and when. */
export type RequestContent = {
  /** Upper case. */
  readonly method: string;
  /** Path and query as they are on the wire. */
  readonly target: string;
  readonly body: Uint8Array;
};

/** Who sends it to whom (SS58 text), and when: nanoseconds since 1970, decimal. */
export type Passage = {
  readonly sender: string;
  readonly receiver: string;
  readonly nonce: string;
};

/** Whoever signs: its address as SS58 text, and its sr25519 signature over exactly these bytes. */
export type RequestSigner = {
  readonly ss58: string;
  sign(message: Uint8Array): Uint8Array;
};

/** What the headers of a request claim. */
export type Claim = Passage & { readonly signature: Uint8Array };

/**
 * The signed bytes: eight lines without a last line end. Neither network nor chain is among them, so a target or a body
 * has to name both.
 */
export function signedBytes(
  { method, target, body }: RequestContent,
  { sender, receiver, nonce }: Passage,
  scheme = SCHEME,
): Uint8Array {
  const bodyDigest = createHash("sha256").update(body).digest("hex");
  const lines = ["btauth/1", scheme, method, target, bodyDigest, nonce, sender, receiver];
  return new TextEncoder().encode(lines.join("\n"));
}

let lastNonce = 0n;

/** Nanoseconds of the millisecond that clocks count in. */
const NS_OF_MS = 1_000_000;

/**
 * A nonce that this process has not given out yet: the time, and always more than the one before. What is below a millisecond is drawn: two
 * workers of one hotkey ask in the same one every few seconds, and one of them would be refused as a replay.
 */
export function freshNonce(nowMs = Date.now()): string {
  const now = BigInt(Math.floor(nowMs)) * BigInt(NS_OF_MS) + BigInt(randomInt(NS_OF_MS));
  lastNonce = now > lastNonce ? now : lastNonce + 1n;
  return String(lastNonce);
}

/** The headers of a request to `receiver` (SS58). A second attempt needs new ones: the same again is a replay. */
export function signRequest(
  content: RequestContent,
  signer: RequestSigner,
  receiver: string,
  nonce: string = freshNonce(),
): Readonly<Record<string, string>> {
  const message = signedBytes(content, { sender: signer.ss58, receiver, nonce });
  return {
    [HEADERS.version]: VERSION,
    [HEADERS.hotkey]: signer.ss58,
    [HEADERS.receiver]: receiver,
    [HEADERS.nonce]: nonce,
    [HEADERS.signature]: `0x${Buffer.from(signer.sign(message)).toString("hex")}`,
  };
}

const ss58 = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{46,48}$/);

/** One spelling of everything: what can be written in two ways can be sent twice. */
const claimSchema = z.object({
  [HEADERS.version]: z.literal(VERSION),
  [HEADERS.hotkey]: ss58,
  [HEADERS.receiver]: z.string().max(64).optional(),
  [HEADERS.nonce]: z.string().regex(/^(?:0|[1-9]\d{0,19})$/),
  [HEADERS.signature]: z.string().regex(/^0x[0-9a-f]{128}$/),
  [HEADERS.crypto]: z.literal(SCHEME).optional(),
});

/** What the headers of a request claim, by their form alone; null when they are not those of one signed request. */
export function claimOf(headers: Readonly<Record<string, unknown>>): Claim | null {
  const parsed = claimSchema.safeParse(headers);
  if (!parsed.success) return null;
  const { data } = parsed;
  return {
    sender: data[HEADERS.hotkey],
    receiver: data[HEADERS.receiver] ?? "",
    nonce: data[HEADERS.nonce],
    signature: new Uint8Array(Buffer.from(data[HEADERS.signature].slice(2), "hex")),
  };
}
