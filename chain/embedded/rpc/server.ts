/** @file JSON-RPC over WebSocket and HTTP on one port. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { listenFault } from "../../../base/listen.ts";
import { ChainError } from "../../errors.ts";
import { type EmbeddedChain } from "../chain.ts";
import { RPC_CODES, bareFailure } from "./failure.ts";
import { RpcSession } from "./session.ts";
import { type RpcTable, rpcTable } from "./table.ts";

/** Where to listen. Port 0 takes a free one. */
export type ServerOptions = {
  readonly host: string;
  readonly port: number;
  /** Whether dev_ methods are served, which make blocks and write storage: yes, unless it is false. */
  readonly dev?: boolean;
  /** What `GET /metrics` answers to this machine; without it nothing. */
  readonly metrics?: () => Promise<{ readonly type: string; readonly text: string }>;
};

const MOST_REQUEST_BYTES = 15 * 1024 * 1024;
/** A client that does not read is cut off here. */
const MOST_UNSENT_BYTES = 64 * 1024 * 1024;
const MOST_CONNECTIONS = 256;
/** Pages that may talk to a chain on this machine. Others must not drive dev_ methods from a browser. */
const ALLOWED_ORIGINS: ReadonlySet<string> = new Set(["https://polkadot.js.org"]);
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

function hostName(text: string): string | null {
  return URL.parse(text)?.hostname ?? null;
}

/** Refuses pages of other origins and host names that point here (DNS rebinding). */
function isWelcome(request: IncomingMessage, host: string): boolean {
  const { origin, host: named } = request.headers;
  const called = hostName(`http://${named ?? ""}`);
  if (hostName(`http://${host}`) === "127.0.0.1" && !(called !== null && LOOPBACK.has(called))) {
    return false;
  }
  if (origin === undefined || ALLOWED_ORIGINS.has(origin)) return true;
  const page = hostName(origin);
  return page !== null && LOOPBACK.has(page);
}

/** Put there by a proxy: who asks may be anybody. */
const PROXIED = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/** Whether the question comes from this machine itself, and not through a proxy on it. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  const isLoopback = /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? "");
  return isLoopback && PROXIED.every((name) => headers[name] === undefined);
}

/** Answers a question for metrics; false when it is none that is answered. */
async function answerMetrics(
  { metrics }: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (metrics === undefined || request.method !== "GET" || request.url !== "/metrics") return false;
  if (!isFromHere(request)) return false;
  const { type, text } = await metrics();
  response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(text);
  return true;
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    length += part.length;
    if (length > MOST_REQUEST_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function respond(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(text);
}

async function answerHttp(
  table: RpcTable,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") {
    response.setHeader("allow", "POST");
    respond(response, 405, bareFailure({ code: RPC_CODES.invalidRequest, message: "Use POST" }));
    return;
  }
  const body = await readBody(request);
  if (body === null) {
    response.setHeader("connection", "close");
    const data = `Exceeded max limit of ${MOST_REQUEST_BYTES}`;
    respond(
      response,
      413,
      bareFailure({ code: RPC_CODES.oversized, message: "Request is too big", data }),
    );
    return;
  }
  const answer = await new RpcSession(table, null).answer(body);
  if (answer === null) response.writeHead(204).end();
  else respond(response, 200, answer);
}

function answerSocket(table: RpcTable, socket: WebSocket, chain: EmbeddedChain): void {
  const send = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) socket.terminate();
    else socket.send(text);
  };
  const session = new RpcSession(table, send);
  const answer = async (text: string): Promise<void> => {
    const reply = await session.answer(text);
    if (reply !== null) send(reply);
  };
  socket.on("message", (data) => {
    // The server keeps the default binaryType, so a message is one Buffer.
    if (!Buffer.isBuffer(data)) return;
    answer(data.toString("utf8")).catch((error: unknown) => {
      chain.report(error);
    });
  });
  socket.on("close", () => {
    session.close();
  });
  socket.on("error", () => {
    socket.terminate();
  });
}

async function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const fault = listenFault(cause, { service: "chain", host, port });
      reject(fault === null ? cause : new ChainError(fault, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

/**
 * Serves the chain on `host:port`. Closing ends every connection; the chain stays open.
 * @throws ChainError port-in-use, port-privileged, address-foreign, host-unknown
 */
export async function serveRpc(
  chain: EmbeddedChain,
  options: ServerOptions,
): Promise<{ port: number; close(): Promise<void> }> {
  const table = rpcTable(chain, options.dev ?? true);
  const server = createServer((request, response) => {
    if (!isWelcome(request, options.host)) {
      respond(
        response,
        403,
        bareFailure({ code: RPC_CODES.server, message: "Origin not allowed" }),
      );
      return;
    }
    const answer = async (): Promise<void> => {
      if (!(await answerMetrics(options, request, response)))
        await answerHttp(table, request, response);
    };
    answer().catch((error: unknown) => {
      chain.report(error);
      response.destroy();
    });
  });
  await listen(server, options);
  const sockets = new WebSocketServer({
    server,
    maxPayload: MOST_REQUEST_BYTES,
    verifyClient: ({ req }: { req: IncomingMessage }) =>
      sockets.clients.size < MOST_CONNECTIONS && isWelcome(req, options.host),
  });
  sockets.on("connection", (socket) => {
    answerSocket(table, socket, chain);
  });
  const address: AddressInfo | string | null = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
