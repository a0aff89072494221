/** @file What proven peers ask for: blobs at the cost of their hotkey's share, whatever others at their address have taken. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { BlobStore } from "../blobs/directory.ts";
import { isHex } from "../protocol/digest.ts";
import { sendBlob, sendElsewhere } from "./blob-answer.ts";
import type { Bounds } from "./bounds.ts";
import { type Gate, proven, refuse } from "./proof.ts";

type Route = {
  readonly Params: { readonly netuid: string; readonly genesis: string; readonly address: string };
};

const NO_BODY = new Uint8Array();

/** A body has no place in these requests, and nobody would read it. */
function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers["content-length"] ?? "0";
  return length !== "0" || headers["transfer-encoding"] !== undefined;
}

/** `GET /peers/<netuid>/<genesis>/blobs/<address>`, signed by a registered hotkey. */
export function peerRoute(
  server: FastifyInstance,
  { blobs }: { readonly blobs: Pick<BlobStore, "open"> },
  { bounds, gate }: { readonly bounds: Bounds; readonly gate: Gate },
): void {
  const path = "/peers/:netuid/:genesis/blobs/:address";
  server.get<Route>(path, { exposeHeadRoute: false }, async (request, reply) => {
    const at = { request, reply };
    if (hasBody(request)) return refuse(at, "malformed-auth", bounds);
    const found = proven(gate, request, NO_BODY);
    if (!("hotkey" in found)) return refuse(at, found.refusal, bounds);
    if (!bounds.admit(request, found.hotkey)) return refuse(at, "too-many-requests", bounds);
    const { address } = request.params;
    if (!isHex(address, 32)) return reply.code(400).send({ error: "not a blob address" });
    const blob = await blobs.open(address);
    if (blob === null) return reply.code(404).send({ error: "blob not here" });
    if (blob.elsewhere !== undefined) return sendElsewhere(reply, blob.elsewhere);
    return sendBlob(at, blob, { bounds, holder: found.hotkey });
  });
}
