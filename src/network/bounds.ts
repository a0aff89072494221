/** @file What strangers may cost an axon: sockets, bytes under way and patience (docs/threats.md#5-network). */
import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Connections, SOCKETS } from "./connections.ts";
import { type PeersAt, Quota } from "./quota.ts";
import { utf8Pieces } from "./text.ts";

/** An answer whose size is known before its first byte is read. */
export type Body = { readonly bytes: number; pieces(): AsyncIterable<Uint8Array> };

const MEBIBYTE = 1 << 20;
/** Bytes promised and not yet taken. */
const BYTES = { total: 1024 * MEBIBYTE, reserved: 512 * MEBIBYTE, perRemote: 32 * MEBIBYTE };

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
const BUSY = { error: "too much is under way to this address, or in all: try again" };

/** The bounds of one axon. */
export class Bounds {
  readonly #connections: Connections;
  readonly #bytes: Quota;

  /** @param peersAt peers have shares of their own, and what is reserved */
  constructor(peersAt: PeersAt) {
    this.#connections = new Connections(peersAt);
    this.#bytes = new Quota(BYTES, peersAt);
  }

  /** An HTTP server with bounded sockets. */
  server(handler: RequestListener): Server {
    const options = { ...TIMES, maxHeaderSize: MAXIMUM_HEADER_BYTES };
    const server = createServer(options, (request, response) => {
      const connection = this.#connections.of(request.socket);
      // Cut already; the rest of what it sent is still being read.
      if (connection === undefined || request.socket.destroyed) return;
      if (connection.begin(response)) handler(request, response);
      else this.#connections.ban(connection.ip);
    });
    server.maxConnections = SOCKETS.total;
    return server.on("connection", (socket: Socket) => this.#connections.accept(socket));
  }

  /** Bounds what is answered. */
  watch(server: FastifyInstance): void {
    server.addHook("onSend", (request, reply, payload, done) => {
      done(null, typeof payload === "string" ? this.#text(request, reply, payload) : payload);
    });
    server.addHook("onClose", (_server, done) => {
      this.#connections.close();
      done();
    });
  }

  /** Answers with a body in pieces, or with "try again". */
  send(request: FastifyRequest, reply: FastifyReply, body: Body): FastifyReply {
    const pieces = this.#promised(request, body);
    if (pieces === null) {
      reply.code(503).type("application/json").header("retry-after", RETRY_AFTER);
      return reply.send(BUSY);
    }
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
    const connection = this.#connections.of(request.raw.socket);
    if (connection === undefined || !connection.promise(body.bytes, this.#bytes)) return null;
    return connection.metered(body.pieces());
  }
}
