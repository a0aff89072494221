/** @file A node's axon: read-only HTTP for blobs, checkpoints, records and verdicts. */
import type { FastifyInstance } from "fastify";
import {
  MOST_CHECKPOINTS,
  type Checkpoint,
  type Digests,
  type Losses,
  type Status,
  type Verdict,
} from "../api/types.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { type Hex, isHex } from "../protocol/digest.ts";
import { describeBlob, sendBlob, sendElsewhere } from "./blob-answer.ts";
import { Bounds } from "./bounds.ts";
import type { AxonAddress } from "./client.ts";
import { type Axon, boundedServer, listening } from "./listening.ts";
import { type Metrics, metricsRoute } from "./metrics-route.ts";
import { type Page, pageRoutes } from "./page-route.ts";
import { lookBackRoute } from "./look-back.ts";
import { peerRoute } from "./peer-route.ts";
import type { Gate } from "./proof.ts";
import type { PeersAt } from "./quota.ts";

/** What a node lets others read; each answers from memory or disk, null means "not here". */
export type AxonContent = {
  readonly blobs: Pick<BlobStore, "open">;
  status(): Status;
  digests(fromWindow: number): Digests;
  checkpoint(): Checkpoint | null;
  /** Every checkpoint that the node can hand out, newest first; left out where the newest is the only one. */
  checkpoints?(): readonly Checkpoint[];
  /** The record line of a window (validators), exactly as it lies in the log. */
  record(window: number): string | null;
  /** Held-out losses that the node measured itself, from a window on (validators). */
  losses?(fromWindow: number): Losses;
  /** What a browser is shown; without it there is no page. */
  readonly page?: Page;
  /** What Prometheus is told; without it nothing. */
  readonly metrics?: Metrics;
  /** The address that a hotkey of the subnet published; without it the node looks back at nobody. */
  axonOf?(hotkey: Hex): Promise<AxonAddress | null>;
  /** Why `uid` got what it got in `window` (validators). */
  verdict(window: number, uid: number): Verdict | null;
};

/** Nothing is asked for with a body. */
const BODY_BYTES = 1024;

/** Blobs go from the disk to the socket, unhashed: whoever reads one hashes it anyway. */
function blobRoutes(server: FastifyInstance, content: AxonContent, bounds: Bounds): void {
  type Route = { Params: { address: string } };
  // Written out, because the one that fastify derives from GET would read the whole file.
  server.head<Route>("/blobs/:address", async (request, reply) => {
    const { address } = request.params;
    if (!isHex(address, 32)) return reply.code(400).send();
    const blob = await content.blobs.open(address);
    if (blob === null) return reply.code(404).send();
    // Of a blob in a store, too: an address there is signed for GET alone.
    return describeBlob(reply, blob).send();
  });
  server.get<Route>("/blobs/:address", async (request, reply) => {
    const { address } = request.params;
    if (!isHex(address, 32)) return reply.code(400).send({ error: "not a blob address" });
    const blob = await content.blobs.open(address);
    if (blob === null) return reply.code(404).send({ error: "blob not here" });
    if (blob.elsewhere !== undefined) return sendElsewhere(reply, blob.elsewhere);
    return sendBlob({ request, reply }, blob, { bounds });
  });
}

function routes(server: FastifyInstance, content: AxonContent): void {
  server.get("/healthz", () => ({ ok: true }));
  server.get("/readyz", (_request, reply) =>
    reply.code(content.status().window === null ? 503 : 200).send(content.status()),
  );
  server.get("/status", () => content.status());
  server.get<{ Querystring: { from?: string } }>("/digests", (request) =>
    content.digests(Number.parseInt(request.query.from ?? "0", 10) || 0),
  );
  server.get<{ Querystring: { from?: string } }>(
    "/held-out",
    (request) => content.losses?.(Number.parseInt(request.query.from ?? "0", 10) || 0) ?? [],
  );
  server.get("/checkpoints/latest", (_request, reply) => {
    const checkpoint = content.checkpoint();
    return checkpoint === null ? reply.code(404).send({ error: "no checkpoint yet" }) : checkpoint;
  });
  server.get("/checkpoints", () => {
    const newest = content.checkpoint();
    const all = content.checkpoints?.() ?? [];
    const others = newest === null ? all : all.filter(({ window }) => window !== newest.window);
    return [...(newest === null ? [] : [newest]), ...others].slice(0, MOST_CHECKPOINTS);
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

/** Where to serve, and for whom first. */
export type AxonOptions = {
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** Published axons of the subnet by address; without it everybody is a stranger. */
  readonly peersAt?: PeersAt;
  /** How peers prove who they are; without it nobody can. */
  readonly gate?: Gate;
};

/**
 * Serves `content`. Sockets, bytes under way and the patience with slow or silent remotes are bounded
 * (docs/threats.md#5-network), so nothing a stranger does can take an axon from its peers for long.
 * @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown
 */
export async function serveAxon(content: AxonContent, options: AxonOptions): Promise<Axon> {
  const { host, port, peersAt = () => 0, gate } = options;
  const bounds = new Bounds(peersAt, gate?.isPeer);
  const server = boundedServer(bounds, BODY_BYTES);
  blobRoutes(server, content, bounds);
  routes(server, content);
  if (content.page !== undefined) pageRoutes(server, content.page, bounds);
  if (content.metrics !== undefined) metricsRoute(server, content.metrics);
  if (gate !== undefined) {
    peerRoute(server, content, { bounds, gate });
    lookBackRoute(server, async (hotkey) => content.axonOf?.(hotkey) ?? null, { bounds, gate });
  }
  return listening(server, { host, port });
}
