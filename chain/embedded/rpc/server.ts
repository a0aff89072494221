/** @file JSON-RPC over WebSocket and HTTP on one port. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { WebSocketServer } from "ws";
import { listenFault } from "../../../base/listen.ts";
import { ChainError } from "../../errors.ts";
import { computedUs } from "../blocks/slot-budget.ts";
import { type EmbeddedChain } from "../chain.ts";
import { type RpcAnswer, partsOf, sizeOf } from "./answer.ts";
import { Connections } from "./connections.ts";
import { RPC_CODES, bareFailure } from "./failure.ts";
import { DEFAULT_LIMITS, type RpcLimits } from "./limits.ts";
import { type ChainControl, type ServedChain, controlOf } from "./served-chain.ts";
import { RpcSession } from "./session.ts";
import { type House, SocketClient } from "./socket-client.ts";
import { rpcTable } from "./table.ts";
import { type Line, Turns } from "./turns.ts";

/** Metrics of a process in Prometheus' text format, with its media type. */
export type Metrics = { readonly type: string; readonly text: string };

/** Where metrics come from. */
export type MetricsSource = () => Promise<Metrics>;

/** Where to listen. Port 0 takes a free one. */
export type ListenOptions = {
  readonly host: string;
  readonly port: number;
  readonly limits?: Partial<RpcLimits>;
  /** What `GET /metrics` answers to this machine; without it nothing. */
  readonly metrics?: MetricsSource;
};

/** Where to listen, and what to serve there. */
export type ServerOptions = ListenOptions & {
  /** Whether dev_ methods are served, which make blocks and write storage: yes, unless it is false. */
  readonly dev?: boolean;
};

/** A server that listens. */
export type RpcServer = { readonly port: number; close(): Promise<void> };

/** Of whom it is remembered how much they asked. */
const MOST_ADDRESSES = 1024;
const HEADERS_MS = 10_000;
const CHECK_MS = 5000;
const SWEEP_MS = 1000;
/** Pages that may talk to a chain on this machine. Others must not drive dev_ methods from a browser. */
const ALLOWED_ORIGINS: ReadonlySet<string> = new Set(["https://polkadot.js.org"]);
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

function hostName(text: string): string | null {
  return URL.parse(text)?.hostname ?? null;
}

/** By which name the client calls this server; null: by none. */
function calledOf({ headers }: IncomingMessage): string | null {
  return hostName(`http://${headers.host ?? ""}`);
}

/** Refuses pages of other origins and host names that point here (DNS rebinding). */
function isWelcome(request: IncomingMessage, host: string): boolean {
  const { origin } = request.headers;
  const called = calledOf(request);
  const bound = hostName(`http://${isIP(host) === 6 ? `[${host}]` : host}`);
  if (bound !== null && LOOPBACK.has(bound) && !(called !== null && LOOPBACK.has(called))) {
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

/** Whether a number or `localhost` is called, not a name of somebody's that points here (DNS rebinding). */
function isNumberOrLocal(called: string | null): boolean {
  return called === "localhost" || isIP((called ?? "").replace(/^\[|\]$/g, "")) !== 0;
}

/** Answers a question for metrics; false when it is none that is answered. */
async function answerMetrics(
  metrics: MetricsSource | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (metrics === undefined || request.method !== "GET" || request.url !== "/metrics") return false;
  if (!isFromHere(request) || !isNumberOrLocal(calledOf(request))) return false;
  const { type, text } = await metrics();
  response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(text);
  return true;
}

function respond(response: ServerResponse, status: number, answer: RpcAnswer): void {
  const parts = partsOf(answer);
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  response.writeHead(status, { "content-type": "application/json", "content-length": length });
  for (const part of parts) response.write(part);
  response.end();
}

/** Answers HTTP: all requests of an address wait in one line. */
class HttpClients {
  readonly #house: House;
  readonly #metrics: MetricsSource | undefined;
  readonly #lines = new Map<string, Line>();
  /** Bytes of bodies that are not worked on yet. */
  #waitingBytes = 0;

  constructor(house: House, metrics?: MetricsSource) {
    this.#house = house;
    this.#metrics = metrics;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = this.#house.connections.of(request.socket);
    connection?.asked(this.#house.clockMs());
    if (connection !== undefined) connection.owed++;
    try {
      await this.#answer(request, response);
    } finally {
      if (connection !== undefined) connection.owed--;
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await answerMetrics(this.#metrics, request, response)) return;
    if (request.method !== "POST") {
      response.setHeader("allow", "POST");
      respond(response, 405, bareFailure({ code: RPC_CODES.invalidRequest, message: "Use POST" }));
      return;
    }
    const parts: Buffer[] = [];
    let length = 0;
    try {
      for await (const part of request) {
        if (!Buffer.isBuffer(part)) continue;
        length += part.length;
        this.#waitingBytes += part.length;
        parts.push(part);
        if (length > this.#house.limits.requestBytes) {
          this.#refuseSize(response);
          return;
        }
        if (this.#waitingBytes > this.#house.limits.waitingBytesInAll) {
          response.setHeader("retry-after", "1");
          response.setHeader("connection", "close");
          const message = "The server is busy: send it again later";
          respond(response, 503, bareFailure({ code: RPC_CODES.server, message }));
          return;
        }
      }
      await this.#turn(request.socket.remoteAddress ?? "", Buffer.concat(parts), response);
    } finally {
      this.#waitingBytes -= length;
    }
  }

  #refuseSize(response: ServerResponse): void {
    response.setHeader("connection", "close");
    const data = `Exceeded max limit of ${this.#house.limits.requestBytes}`;
    const message = "Request is too big";
    respond(response, 413, bareFailure({ code: RPC_CODES.oversized, message, data }));
  }

  async #turn(address: string, body: Buffer, response: ServerResponse): Promise<void> {
    const { table, limits, seats } = this.#house;
    const line = this.#lineOf(address);
    const session = new RpcSession({ table, limits, seats, line, send: null });
    await new Promise<void>((resolve) => {
      // Whoever went away meanwhile needs no answer.
      response.once("close", () => {
        session.close();
        resolve();
      });
      line.push(() => {
        if (response.destroyed) return;
        return session.answer(body, (answer) => {
          if (answer === null) response.writeHead(204).end();
          else respond(response, 200, answer);
          line.charge((answer === null ? 0 : sizeOf(answer)) / limits.bytesPerMs);
          this.#house.connections.relieve();
        });
      });
    });
  }

  #lineOf(address: string): Line {
    // A new line has all its time yet, so the old one is kept for as long as there is room.
    const line = this.#lines.get(address) ?? this.#house.turns.line();
    this.#lines.delete(address);
    this.#lines.set(address, line);
    for (const [oldest, { waiting, pending }] of this.#lines) {
      if (this.#lines.size <= MOST_ADDRESSES) break;
      if (waiting === 0 && pending === 0) this.#lines.delete(oldest);
    }
    return line;
  }
}

async function listen(server: Server, { host, port }: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const fault = listenFault(cause, { service: "chain", host, port });
      reject(fault === null ? cause : new ChainError(fault, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

const clockMs = (): number => performance.now();

function houseOf(
  chain: ServedChain,
  control: ChainControl | null,
  some: Partial<RpcLimits> = {},
): House {
  const limits = { ...DEFAULT_LIMITS, ...some };
  const report = (error: unknown): void => {
    chain.report(error);
  };
  return {
    table: rpcTable(chain, control),
    limits,
    turns: new Turns(limits, { nowMs: clockMs, workMs: () => computedUs() / 1000 }, report),
    connections: new Connections(limits, clockMs),
    seats: { taken: 0 },
    clockMs,
    report,
  };
}

function serverOf(house: House, { host, metrics }: ListenOptions): Server {
  const clients = new HttpClients(house, metrics);
  const options = {
    headersTimeout: HEADERS_MS,
    requestTimeout: 3 * house.limits.stalledMs,
    connectionsCheckingInterval: CHECK_MS,
  };
  const server = createServer(options, (request, response) => {
    if (!isWelcome(request, host)) {
      respond(
        response,
        403,
        bareFailure({ code: RPC_CODES.server, message: "Origin not allowed" }),
      );
      return;
    }
    clients.answer(request, response).catch((error: unknown) => {
      // Whoever goes away in the middle of a request is no news, and must not fill the log.
      if (request.complete) house.report(error);
      response.destroy();
    });
  });
  server.on("connection", (socket) => {
    house.connections.admit(socket);
  });
  return server;
}

/** Takes WebSockets of a server that listens: before, its errors would be theirs too. */
function takeSockets(server: Server, house: House, host: string): void {
  const sockets = new WebSocketServer({
    server,
    maxPayload: house.limits.requestBytes,
    // A packet may hold a thousand requests: one a turn of the event loop, so that those of others come in between.
    allowSynchronousEvents: false,
    verifyClient: ({ req }: { req: IncomingMessage }) => isWelcome(req, host),
  });
  sockets.on("connection", (socket, request) => {
    const connection = house.connections.of(request.socket);
    if (connection === undefined) socket.terminate();
    else new SocketClient(house, socket, connection).listen();
  });
}

/**
 * Serves a chain on `host:port`; `dev_*` methods where there is a control. Closing ends every connection; the chain stays open.
 * @throws ChainError port-in-use, port-privileged, address-foreign, host-unknown
 */
export async function serveChain(
  chain: ServedChain,
  control: ChainControl | null,
  options: ListenOptions,
): Promise<RpcServer> {
  const house = houseOf(chain, control, options.limits);
  const server = serverOf(house, options);
  await listen(server, options);
  takeSockets(server, house, options.host);
  const sweeping = setInterval(() => {
    house.connections.sweep();
  }, SWEEP_MS);
  sweeping.unref();
  const address: AddressInfo | string | null = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    close: async () => {
      clearInterval(sweeping);
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      house.connections.closeAll();
      await closed;
    },
  };
}

/**
 * Serves a chain of this thread; whatever clients ask is done in it, too. Otherwise as {@link serveChain}.
 * @throws ChainError port-in-use, port-privileged, address-foreign, host-unknown
 */
export async function serveRpc(chain: EmbeddedChain, options: ServerOptions): Promise<RpcServer> {
  return serveChain(chain, (options.dev ?? true) ? controlOf(chain) : null, options);
}
