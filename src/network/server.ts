/** @file A node's axon: read-only HTTP for blobs, checkpoints, records and verdicts, with size and time limits. */
import { fastify, type FastifyInstance } from "fastify";
import { listenFault } from "../../base/listen.ts";
import { AssayError } from "../errors.ts";
import type { Checkpoint, Digests, Status, Verdict } from "../api/types.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { isHex } from "../protocol/digest.ts";

/** What a node lets others read; each answers from memory or disk, null means "not here". */
export type AxonContent = {
  readonly blobs: Pick<BlobStore, "get">;
  status(): Status;
  digests(fromWindow: number): Digests;
  checkpoint(): Checkpoint | null;
  /** The record line of a window (validators), exactly as it lies in the log. */
  record(window: number): string | null;
  /** Why `uid` got what it got in `window` (validators). */
  verdict(window: number, uid: number): Verdict | null;
};

/** A served axon. */
export type Axon = { readonly ip: string; readonly port: number; close(): Promise<void> };

const MAX_CONNECTIONS = 256;

function routes(server: FastifyInstance, content: AxonContent): void {
  server.get("/healthz", () => ({ ok: true }));
  server.get("/readyz", (_request, reply) =>
    reply.code(content.status().window === null ? 503 : 200).send(content.status()),
  );
  server.get("/status", () => content.status());
  server.get<{ Querystring: { from?: string } }>("/digests", (request) =>
    content.digests(Number.parseInt(request.query.from ?? "0", 10) || 0),
  );
  server.get("/checkpoints/latest", (_request, reply) => {
    const checkpoint = content.checkpoint();
    return checkpoint === null ? reply.code(404).send({ error: "no checkpoint yet" }) : checkpoint;
  });
  server.get<{ Params: { address: string } }>("/blobs/:address", async (request, reply) => {
    const { address } = request.params;
    if (!isHex(address, 32)) return reply.code(400).send({ error: "not a blob address" });
    const bytes = await content.blobs.get(address);
    if (bytes === null) return reply.code(404).send({ error: "blob not here" });
    return reply
      .type("application/octet-stream")
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  });
  server.get<{ Params: { window: string } }>("/records/:window", (request, reply) => {
    const record = content.record(Number(request.params.window));
    return record === null
      ? reply.code(404).send({ error: "no record of this window" })
      : reply.type("application/json").send(record);
  });
  server.get<{ Params: { window: string; uid: string } }>(
    "/verdicts/:window/:uid",
    (request, reply) => {
      const verdict = content.verdict(Number(request.params.window), Number(request.params.uid));
      return verdict === null ? reply.code(404).send({ error: "no verdict" }) : reply.send(verdict);
    },
  );
}

/**
 * Serves `content` on `host:port` (0: a free port). Slow bodies and headers are cut (docs/threats.md#5-network:
 * fastify switches Node's own protection off), so nothing a stranger sends can hold a connection for long.
 * @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown
 */
export async function serveAxon(
  content: AxonContent,
  options: { readonly host: string; readonly port: number },
): Promise<Axon> {
  const server = fastify({
    bodyLimit: 1024,
    requestTimeout: 5000,
    keepAliveTimeout: 10_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
    http: { headersTimeout: 3000, connectionsCheckingInterval: 1000, maxHeaderSize: 8192 },
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  routes(server, content);
  try {
    await server.listen(options);
  } catch (cause) {
    await server.close();
    const fault = listenFault(cause, { service: "axon", ...options });
    throw fault === null ? cause : new AssayError(fault, { cause });
  }
  const address = server.server.address();
  const { address: ip, port } =
    address !== null && typeof address === "object"
      ? address
      : { address: options.host, port: options.port };
  return { ip, port, close: () => server.close() };
}
