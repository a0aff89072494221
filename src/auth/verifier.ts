/** @file Whether a request was sent by whom it says, to this node, now, and for the first time (btauth/1). */
import type { Hex } from "../protocol/digest.ts";
import { Rate, type RateLimits } from "./rate.ts";
import type { SeenNonces } from "./seen-nonces.ts";
import { claimOf, type RequestContent, signedBytes } from "./signed-request.ts";

/** Why a request counts as nobody's, in the order in which it is asked. */
export type Refusal =
  | "malformed-auth"
  | "wrong-receiver"
  | "stale-request"
  | "too-many-requests"
  | "bad-signature"
  | "replayed-request";

/** sr25519 keys as a chain has them. */
export type Keys = {
  /** The public key of SS58 text in its only spelling; null for anything else. */
  publicKeyOf(ss58: string): Hex | null;
  verify(message: Uint8Array, signature: Uint8Array, publicKey: Hex): boolean;
};

/** When a request is fresh, in milliseconds by this node's clock. */
const FRESH_MS = { maximumAge: 10_000, maximumSkew: 2_000 };

/** Verifying takes 0.3 to 0.4 ms of the loop: at most a sixth of it, and no address more than a twentieth of that. */
const VERIFICATIONS: RateLimits = { perKey: 20, total: 500, burstSeconds: 4 };

const NANOSECONDS = 1_000_000n;

/** What a verifier is made of. */
export type VerifierParts = {
  /** This node's hotkey (SS58): requests to others are refused. */
  readonly receiver: string;
  readonly keys: Keys;
  readonly seen: SeenNonces;
  /** Signatures looked at in a second; for tests. */
  readonly rate?: RateLimits;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
};

/** A request as it arrived, and from which remote (src/network/address.ts). */
export type Received = RequestContent & {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly remote: string;
};

/** The hotkey that signed, or why nobody did. */
export type Verified = { readonly hotkey: Hex } | { readonly refusal: Refusal };

/** Verifies requests to one node. */
export class Verifier {
  readonly #parts: VerifierParts;
  readonly #rate: Rate;
  readonly #now: () => number;

  constructor(parts: VerifierParts) {
    this.#parts = parts;
    this.#rate = new Rate(parts.rate ?? VERIFICATIONS);
    this.#now = parts.now ?? Date.now;
  }

  /**
   * Cheap questions first: form, receiver, time; then the share of this remote, then the signature. Only what is signed
   * enters the memory of nonces, so that nobody fills it in another's name.
   * @throws AssayError disk-full: what cannot be remembered is not let in
   */
  verify(request: Received): Verified {
    const { receiver, keys, seen } = this.#parts;
    const claim = claimOf(request.headers);
    const hotkey = claim === null ? null : keys.publicKeyOf(claim.sender);
    if (claim === null || hotkey === null) return { refusal: "malformed-auth" };
    if (claim.receiver !== receiver) return { refusal: "wrong-receiver" };
    const nonce = BigInt(claim.nonce);
    const now = BigInt(Math.floor(this.#now())) * NANOSECONDS;
    if (!isFresh(nonce, now)) return { refusal: "stale-request" };
    if (!this.#rate.take(request.remote, performance.now()))
      return { refusal: "too-many-requests" };
    if (!keys.verify(signedBytes(request, claim), claim.signature, hotkey))
      return { refusal: "bad-signature" };
    const entered = seen.enter({ hotkey, nonce }, now);
    return entered === "new" ? { hotkey } : { refusal: NOT_ENTERED[entered] };
  }
}

const NOT_ENTERED = {
  seen: "replayed-request",
  forgotten: "stale-request",
  full: "too-many-requests",
} as const satisfies Record<string, Refusal>;

function isFresh(nonce: bigint, now: bigint): boolean {
  const oldest = now - BigInt(FRESH_MS.maximumAge) * NANOSECONDS;
  const newest = now + BigInt(FRESH_MS.maximumSkew) * NANOSECONDS;
  return nonce >= oldest && nonce <= newest;
}
