/** @file Who a signed request is from: form, network, receiver, time, signature, first use and registration, and the words of each refusal. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Refusal as Unproven, Verified, Verifier } from "../auth/verifier.ts";
import type { Hex } from "../protocol/digest.ts";
import { remoteOf } from "./address.ts";
import type { Bounds } from "./bounds.ts";
import type { Refused } from "./passport.ts";

/** How an axon tells its peers by their hotkeys. */
export type Gate = {
  readonly netuid: number;
  readonly genesis: Hex;
  readonly verifier: Pick<Verifier, "verify">;
  /** Whether a hotkey is registered on the subnet. */
  readonly isPeer: (hotkey: string) => boolean;
};

/** Why a signed request was refused. */
export type Refusal = Unproven | "wrong-network" | "not-a-peer";

/** Status and words of a refusal: what is wrong, and what to do about it. */
const REFUSALS: Readonly<
  Record<Refusal, { readonly status: number; readonly error: string; readonly next: string }>
> = {
  "malformed-auth": {
    status: 401,
    error: "the headers of a signed request (btauth/1, sr25519) are missing or malformed",
    next: "ask /blobs/ unsigned, or sign the request",
  },
  "wrong-receiver": {
    status: 401,
    error: "signed for another hotkey than this node's",
    next: "sign for the hotkey that /status names",
  },
  "stale-request": {
    status: 401,
    error: "the nonce is more than 10 s old or 2 s ahead by the clock of this node",
    next: "set the clock, then sign again with a new nonce",
  },
  "too-many-requests": {
    status: 429,
    error: "too many signed requests, or sockets, of this address or hotkey",
    next: "try again later",
  },
  "bad-signature": {
    status: 401,
    error: "the signature is not the sender's over this request",
    next: "sign method, target and body as they are sent",
  },
  "replayed-request": {
    status: 401,
    error: "this nonce was used before",
    next: "sign again with a new nonce",
  },
  "wrong-network": {
    status: 401,
    error: "the target names another subnet or chain than this node's",
    next: "name this node's netuid and genesis hash",
  },
  "not-a-peer": {
    status: 403,
    error: "the hotkey is not registered on this subnet",
    next: "register it, or ask /blobs/ unsigned",
  },
};

/** Netuid and genesis hash are in the path: neither is among the signed lines. */
export type NetworkParams = { readonly netuid: string; readonly genesis: string };

/** The hotkey behind a request with this body, or why it gets nothing. */
export function proven(
  gate: Gate,
  request: FastifyRequest<{ readonly Params: NetworkParams }>,
  body: Uint8Array,
): Verified | { readonly refusal: Refusal } {
  const { netuid, genesis } = request.params;
  if (netuid !== String(gate.netuid) || genesis !== gate.genesis)
    return { refusal: "wrong-network" };
  const found = gate.verifier.verify({
    method: request.method,
    target: request.raw.url ?? "",
    body,
    headers: request.headers,
    remote: remoteOf(request.ip),
  });
  return "hotkey" in found && !gate.isPeer(found.hotkey) ? { refusal: "not-a-peer" } : found;
}

/** Says no to a signed request, with the time by this node's clock: a wrong one is the usual reason. */
export function refuse(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  refusal: Refusal,
  bounds: Bounds,
): FastifyReply {
  const { status, error, next } = REFUSALS[refusal];
  if (bounds.isOnDoorstep(request)) reply.header("connection", "close");
  const told: Refused = { refusal, error, next, clockMs: Date.now() };
  return reply.code(status).send(told);
}
