/** @file Answers with a blob, or with the range of it that was asked for: whoever was broken off goes on where it was. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ByteRange, StoredBlob } from "../blobs/stored.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Bounds } from "./bounds.ts";

const BLOB_TYPE = "application/octet-stream";

/**
 * The one range that a header asks for; null for any other header, which may be ignored (RFC 9110, section 14.2), and
 * "outside" for one that begins behind the end.
 */
export function requestedRange(
  header: string | undefined,
  bytes: number,
): ByteRange | "outside" | null {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === undefined) return null;
  const start = Number(first);
  const end = last === undefined || last === "" ? bytes : Math.min(bytes, Number(last) + 1);
  if (start >= bytes) return "outside";
  return end > start ? { start, end } : null;
}

/** Says what a blob is without its bytes. */
export function describeBlob(reply: FastifyReply, { bytes }: StoredBlob): FastifyReply {
  return reply.type(BLOB_TYPE).header("accept-ranges", "bytes").header("content-length", bytes);
}

/** Sends whoever asks to the store in which the blob lies. Where that is changes, and is good for a while only. */
export async function sendElsewhere(
  reply: FastifyReply,
  elsewhere: NonNullable<StoredBlob["elsewhere"]>,
): Promise<FastifyReply> {
  const url = await elsewhere();
  return reply.code(307).header("cache-control", "no-store").header("location", url.href).send();
}

/** Sends a blob or a range of it. `holder`: the hotkey that it is for, where that is proven. */
export function sendBlob(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  blob: StoredBlob,
  { bounds, holder }: { readonly bounds: Bounds; readonly holder?: Hex },
): FastifyReply {
  const range = requestedRange(request.headers.range, blob.bytes);
  if (range === "outside")
    return reply.code(416).header("content-range", `bytes */${blob.bytes}`).send();
  reply.type(BLOB_TYPE).header("accept-ranges", "bytes");
  const { start, end } = range ?? { start: 0, end: blob.bytes };
  if (range !== null)
    reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${blob.bytes}`);
  const body = { bytes: end - start, pieces: () => blob.pieces({ start, end }) };
  return bounds.send(request, reply, body, holder);
}
