/** @file What strangers may cost an axon: sockets, bytes under way and patience (docs/threats.md#5-network). */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Hex } from "../protocol/digest.ts";
import { remoteOf } from "./address.ts";
import type { Connection } from "./connection.ts";
import { Connections, MOST_SOCKETS } from "./connections.ts";
import { Precedence } from "./precedence.ts";
import { type PeersAt, Quota } from "./quota.ts";
import { RequestRate } from "./request-rate.ts";
import { utf8Pieces } from "./text.ts";

/** An answer whose size is known before its first byte is read. */
export type Body = { readonly bytes: number; pieces(): AsyncIterable<Uint8Array> };

const MEBIBYTE = 1 << 20;
/** Bytes promised and not yet taken. */
const BYTES = { total: 1024 * MEBIBYTE, reserved: 512 * MEBIBYTE, perRemote: 32 * MEBIBYTE };

/**
 * Requests a second: a joiner that fetches a window's updates asks a hundred. Each costs a quarter of a millisecond. All sockets that strangers
 * may have wait for less than the longest wait, which is below a client's patience: none is refused, only to ask again at once.
 */
const RATE = { perRemote: 100, strangers: 250, burstMs: 1000, mostWaitMs: 2000 };
/** Of requests that are to prove something: peers behind an address that others have used up must not wait in their queue. */
const PROOF_RATE = { ...RATE, strangers: 500 };

/** Heads and bodies of requests that drip are cut by Node. */
const TIMES = {
  headersTimeout: 3000,
  requestTimeout: 5000,
  connectionsCheckingInterval: 500,
  /** Node adds a second, so that a client that heeds our keep-alive header is never cut while it writes. */
  keepAliveTimeout: 2000,
};
const MAXIMUM_HEADER_BYTES = 8192;
/** Above this a text is sent in pieces. */
const PIECEWISE_CHARACTERS = 32 * 1024;
/** When to come again after a refusal, in seconds. */
const RETRY_AFTER = "1";
/** What is asked here is signed. */
const PROOFS = "/peers/";
const BUSY = { error: "too much is under way to this address, or in all: try again" };

/** The bounds of one axon. */
export class Bounds {
  readonly #connections: Connections;
  readonly #bytes: Quota;
  readonly #rate: RequestRate;
  readonly #proofRate: RequestRate;
  readonly #precedence = new Precedence();
  readonly #peersAt: PeersAt;

  /**
   * @param peersAt peers have shares of their own, and what is reserved
   * @param isPeer what counts as a peer once it has proven its hotkey; without it nobody can
   */
  constructor(peersAt: PeersAt, isPeer?: (hotkey: string) => boolean) {
    const peers: PeersAt = (who) =>
      who.startsWith("0x") ? Number(isPeer?.(who) ?? false) : peersAt(who);
    this.#connections = new Connections(peers, isPeer !== undefined);
    this.#bytes = new Quota(BYTES, peers);
    this.#rate = new RequestRate(RATE, peersAt);
    this.#proofRate = new RequestRate(PROOF_RATE, peersAt);
    this.#peersAt = peersAt;
  }

  /** An HTTP server with bounded sockets. */
  server(handler: RequestListener): Server {
    const options = { ...TIMES, maxHeaderSize: MAXIMUM_HEADER_BYTES };
    const server = createServer(options, (request, response) => {
      const connection = this.#connections.of(request.socket);
      // Cut already; the rest of what it sent is still being read.
      if (connection === undefined || request.socket.destroyed) return;
      // Anybody's bytes are handed out here: no browser may guess that they are a script or a page.
      response.setHeader("x-content-type-options", "nosniff");
      if (connection.begin(response))
        this.#inTime(connection.ip, { request, response }, () => handler(request, response));
      else this.#connections.ban(connection.ip);
    });
    server.maxConnections = MOST_SOCKETS;
    return server.on("connection", (socket: Socket) => this.#connections.accept(socket));
  }

  /** Answers at the rate of the address. */
  #inTime(
    ip: string,
    { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
    answer: () => void,
  ): void {
    const rate = request.url?.startsWith(PROOFS) === true ? this.#proofRate : this.#rate;
    const waitMs = rate.take(ip, performance.now());
    if (waitMs === 0) answer();
    else if (waitMs === null)
      response
        .writeHead(503, { "content-type": "application/json", "retry-after": RETRY_AFTER })
        .end(JSON.stringify(BUSY));
    // Whoever has hung up meanwhile is answered no more.
    else setTimeout(() => void (request.socket.destroyed || answer()), waitMs);
  }

  /** Bounds what is asked and answered. */
  watch(server: FastifyInstance): void {
    server.addHook("onRequest", (request, reply, done) => {
      // On the doorstep only a proof is listened to.
      if (!this.isOnDoorstep(request) || request.url.startsWith(PROOFS)) done();
      else busy(reply).header("connection", "close").send(BUSY);
    });
    server.addHook("onSend", (request, reply, payload, done) => {
      done(null, typeof payload === "string" ? this.#text(request, reply, payload) : payload);
    });
    server.addHook("onClose", (_server, done) => {
      this.#connections.close();
      done();
    });
  }

  /** Answers with a body in pieces, or with "try again". `holder`: the hotkey that it is for, where that is proven. */
  send(request: FastifyRequest, reply: FastifyReply, body: Body, holder?: Hex): FastifyReply {
    const connection = this.#promising(request, body.bytes, holder);
    if (connection === null) return busy(reply).send(BUSY);
    reply.header("content-length", body.bytes).hijack();
    const { raw } = reply;
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) raw.setHeader(name, value);
    const isPeer = holder !== undefined || this.#peersAt(remoteOf(connection.ip)) > 0;
    const pieces = this.#precedence.inOrder(body.pieces(), isPeer);
    void connection.send(raw, { bytes: body.bytes, pieces });
    return reply;
  }

  /** Answers with pieces that go on coming, each when the one before was taken. They must come within the patience. */
  stream(request: FastifyRequest, reply: FastifyReply, pieces: AsyncIterable<Uint8Array>): void {
    const connection = this.#connections.of(request.raw.socket);
    reply.hijack();
    const { raw } = reply;
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) raw.setHeader(name, value);
    void connection?.stream(raw, this.#precedence.inOrder(pieces, false));
  }

  /** Gives the socket of a request to the hotkey that it proved, where its address has none left; false: nor has that. */
  admit(request: FastifyRequest, hotkey: Hex): boolean {
    const connection = this.#connections.of(request.raw.socket);
    return connection !== undefined && this.#connections.admit(connection, hotkey);
  }

  /** Whether the address of a request has no socket left, and its sender has proven nothing yet. */
  isOnDoorstep(request: FastifyRequest): boolean {
    return this.#connections.of(request.raw.socket)?.mustProve === true;
  }

  /** A text as it is, in pieces when it is long, or "try again" in its place. */
  #text(request: FastifyRequest, reply: FastifyReply, text: string): unknown {
    if (request.method === "HEAD" || text.length <= PIECEWISE_CHARACTERS) return text;
    const bytes = Buffer.byteLength(text);
    const connection = this.#promising(request, bytes);
    if (connection === null) {
      busy(reply);
      return JSON.stringify(BUSY);
    }
    reply.header("content-length", bytes);
    return connection.metered(utf8Pieces(text));
  }

  /** The connection of a request, with so many bytes reserved; null when so many cannot be under way. */
  #promising(request: FastifyRequest, bytes: number, holder?: Hex): Connection | null {
    const connection = this.#connections.of(request.raw.socket);
    return connection?.promise(bytes, this.#bytes, holder) === true ? connection : null;
  }
}

function busy(reply: FastifyReply): FastifyReply {
  return reply.code(503).type("application/json").header("retry-after", RETRY_AFTER);
}
