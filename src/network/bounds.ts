/** @file What strangers may cost an axon: sockets, bytes under way and patience (docs/threats.md#5-network). */
import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Exchange, Exchanges } from "./exchange.ts";
import { type PeersAt, Quota } from "./quota.ts";
import { utf8Pieces } from "./text.ts";

/** An answer whose size is known before its first byte is read. */
export type Body = { readonly bytes: number; pieces(): AsyncIterable<Uint8Array> };

const MEBIBYTE = 1 << 20;
const SOCKETS = { total: 512, reserved: 128, perRemote: 16 };
const BYTES = { total: 1024 * MEBIBYTE, reserved: 512 * MEBIBYTE, perRemote: 32 * MEBIBYTE };

/** Request heads and bodies that drip, and sockets that say nothing, are cut by Node. */
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
const BUSY = { error: "too much is under way to this address, or in all: try again" };

/** The bounds of one axon. */
export class Bounds {
  readonly #sockets: Quota;
  readonly #bytes: Quota;
  readonly #exchanges = new Exchanges();
  readonly #byRequest = new WeakMap<FastifyRequest["raw"], Exchange>();

  /** @param peersAt peers have shares of their own, and what is reserved */
  constructor(peersAt: PeersAt) {
    this.#sockets = new Quota(SOCKETS, peersAt);
    this.#bytes = new Quota(BYTES, peersAt);
  }

  /** An HTTP server with bounded sockets. */
  server(handler: RequestListener): Server {
    const server = createServer({ ...TIMES, maxHeaderSize: MAXIMUM_HEADER_BYTES }, handler);
    server.maxConnections = SOCKETS.total;
    return server.on("connection", (socket: Socket) => {
      const lease = this.#sockets.take(socket.remoteAddress ?? "", 1);
      if (lease === null) socket.resetAndDestroy();
      else socket.once("close", () => lease.end());
    });
  }

  /** Watches every request and its answer. */
  watch(server: FastifyInstance): void {
    server.addHook("onRequest", (request, reply, done) => {
      const exchange = this.#exchanges.begin(request.raw.socket);
      if (exchange === null) {
        reply.hijack();
        request.raw.socket.resetAndDestroy();
        return;
      }
      this.#byRequest.set(request.raw, exchange);
      reply.raw.once("close", () => this.#exchanges.end(exchange));
      done();
    });
    server.addHook("onSend", (request, reply, payload, done) => {
      done(null, typeof payload === "string" ? this.#text(request, reply, payload) : payload);
    });
    server.addHook("onClose", (_server, done) => {
      this.#exchanges.close();
      done();
    });
  }

  /** Answers with a body in pieces, or with "try again". */
  send(request: FastifyRequest, reply: FastifyReply, body: Body): FastifyReply {
    const pieces = this.#promised(request, body);
    if (pieces === null) return reply.code(503).header("retry-after", RETRY_AFTER).send(BUSY);
    return reply.header("content-length", body.bytes).send(pieces);
  }

  /** A text as it is, in pieces when it is long, or "try again" in its place. */
  #text(request: FastifyRequest, reply: FastifyReply, text: string): unknown {
    if (request.method === "HEAD" || text.length <= PIECEWISE_CHARACTERS) return text;
    const bytes = Buffer.byteLength(text);
    const pieces = this.#promised(request, { bytes, pieces: () => utf8Pieces(text) });
    if (pieces === null) {
      reply.code(503).header("retry-after", RETRY_AFTER);
      return JSON.stringify(BUSY);
    }
    reply.header("content-length", bytes);
    return pieces;
  }

  #promised(request: FastifyRequest, body: Body): NodeJS.ReadableStream | null {
    const exchange = this.#byRequest.get(request.raw);
    if (exchange === undefined || !exchange.promise(body.bytes, this.#bytes)) return null;
    return exchange.metered(body.pieces());
  }
}
