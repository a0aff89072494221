/** @file What proven peers ask for: blobs at the cost of their hotkey's share, whatever others at their address have taken. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Refusal as Unproven, Verified, Verifier } from "../auth/verifier.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { type Hex, isHex } from "../protocol/digest.ts";
import { remoteOf } from "./address.ts";
import { sendBlob } from "./blob-answer.ts";
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
type Refusal = Unproven | "wrong-network" | "not-a-peer";

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

type Route = {
  readonly Params: { readonly netuid: string; readonly genesis: string; readonly address: string };
};

/** A body has no place in these requests, and nobody would read it. */
function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers["content-length"] ?? "0";
  return length !== "0" || headers["transfer-encoding"] !== undefined;
}

/** The hotkey behind a request, or why it gets nothing. */
function proven(
  gate: Gate,
  request: FastifyRequest<Route>,
): Verified | { readonly refusal: Refusal } {
  const { netuid, genesis } = request.params;
  if (hasBody(request)) return { refusal: "malformed-auth" };
  if (netuid !== String(gate.netuid) || genesis !== gate.genesis)
    return { refusal: "wrong-network" };
  const found = gate.verifier.verify({
    method: request.method,
    target: request.raw.url ?? "",
    body: new Uint8Array(),
    headers: request.headers,
    remote: remoteOf(request.ip),
  });
  return "hotkey" in found && !gate.isPeer(found.hotkey) ? { refusal: "not-a-peer" } : found;
}

/** `GET /peers/<netuid>/<genesis>/blobs/<address>`, signed by a registered hotkey. */
export function peerRoute(
  server: FastifyInstance,
  { blobs }: { readonly blobs: Pick<BlobStore, "open"> },
  { bounds, gate }: { readonly bounds: Bounds; readonly gate: Gate },
): void {
  const path = "/peers/:netuid/:genesis/blobs/:address";
  server.get<Route>(path, { exposeHeadRoute: false }, async (request, reply) => {
    const refuse = (refusal: Refusal): FastifyReply => {
      const { status, error, next } = REFUSALS[refusal];
      if (bounds.isOnDoorstep(request)) reply.header("connection", "close");
      const told: Refused = { refusal, error, next, clockMs: Date.now() };
      return reply.code(status).send(told);
    };
    const found = proven(gate, request);
    if (!("hotkey" in found)) return refuse(found.refusal);
    if (!bounds.admit(request, found.hotkey)) return refuse("too-many-requests");
    const { address } = request.params;
    if (!isHex(address, 32)) return reply.code(400).send({ error: "not a blob address" });
    const blob = await blobs.open(address);
    if (blob === null) return reply.code(404).send({ error: "blob not here" });
    return sendBlob({ request, reply }, blob, { bounds, holder: found.hotkey });
  });
}
