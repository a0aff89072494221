/**
 * @file An endpoint with faults: a WebSocket in front of a chain that can be cut, slow, half-open, stale, of another genesis, or whose
 * newest blocks are replaced; it notes what was read from blocks that were not final.
 */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { slotOf } from "../../chain/client/credible.ts";
import { RpcRefusal } from "../../chain/client/rpc.ts";
import { hexOf } from "../../chain/wallet/hex.ts";
import type { ChainView } from "./view.ts";
import { Watched } from "./watched.ts";

/**
 * What is wrong with an endpoint. `delay`: milliseconds until an answer is sent; `ahead`: so many blocks more are said to be final than
 * there are, in slots that are later by `slots`.
 */
export type Fault =
  | { readonly kind: "none" }
  | { readonly kind: "drop" }
  | { readonly kind: "half-open" }
  | { readonly kind: "stale" }
  | { readonly kind: "genesis" }
  | { readonly kind: "ahead"; readonly blocks: number; readonly slots?: number }
  | { readonly kind: "delay"; readonly ms: number };

/** A method that was asked while the fault was there. */
export type Asked = { readonly method: string; readonly fault: Fault["kind"] };

const HOST = "127.0.0.1";
const TIMEOUT_MS = 30_000;
const OTHER_GENESIS = hexOf(new Uint8Array(32).fill(7));

const requestSchema = z.object({
  id: z.union([z.number(), z.string()]),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});
const headerSchema = z.looseObject({
  number: z.string(),
  digest: z.object({ logs: z.array(z.string()) }),
});
/** What a client asks. */
export type Request = z.output<typeof requestSchema>;

/** Methods that read a state, or a block, and where in their parameters they say of which block. */
const READS: Readonly<Record<string, number>> = {
  state_queryStorageAt: 1,
  state_getKeysPaged: 3,
  state_getStorage: 1,
  state_call: 2,
  chain_getBlock: 0,
};

/** A digest item; if it names Aura's slot, a later one. */
function laterLog(log: string, slots: number): string {
  const slot = slotOf([log]);
  if (slot === null) return log;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(slot + slots));
  return log.slice(0, -2 * bytes.length) + bytes.toString("hex");
}

/** One client of the endpoint. */
class Session {
  readonly socket: WebSocket;
  /** Carries nothing any more, and never will. */
  isDead = false;
  /** Subscriptions to final heads: the last height that was told. */
  readonly heads = new Map<string, number>();
  readonly watched = new Map<string, Watched>();

  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  send(message: unknown, delayMs = 0): void {
    const text = JSON.stringify(message);
    if (delayMs === 0) this.#write(text);
    else setTimeout(() => this.#write(text), delayMs);
  }

  #write(text: string): void {
    if (!this.isDead && this.socket.readyState === this.socket.OPEN) this.socket.send(text);
  }
}

export class FaultProxy {
  /** What was asked, in order. */
  readonly asked: Asked[] = [];
  /** Reads of blocks that were not final when they were read. */
  readonly notFinal: string[] = [];
  readonly #view: ChainView;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #sessions = new Set<Session>();
  readonly #held = new Set<Duplex>();
  /** Changes what is answered. */
  rewrite: (request: Request, result: unknown) => unknown = (_, result) => result;
  #fault: Fault = { kind: "none" };
  #port = 0;
  #nextId = 1;

  private constructor(view: ChainView) {
    this.#view = view;
    this.#http = createServer();
    this.#http.on("upgrade", (request, socket, head) => {
      if (this.#fault.kind === "drop") {
        socket.destroy();
      } else if (this.#fault.kind === "half-open") {
        // The other end believes that somebody is there.
        this.#held.add(socket);
        socket.on("error", () => undefined);
      } else
        this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#begin(accepted));
    });
    view.onChange(() => this.#tellAll());
  }

  /** Serves a view on a free port of loopback. */
  static async open(view: ChainView): Promise<FaultProxy> {
    const proxy = new FaultProxy(view);
    await once(proxy.#http.listen(0, HOST), "listening");
    const address = proxy.#http.address();
    proxy.#port = typeof address === "object" && address !== null ? address.port : 0;
    return proxy;
  }

  get endpoint(): string {
    return `ws://${HOST}:${this.#port}`;
  }

  get fault(): Fault["kind"] {
    return this.#fault.kind;
  }

  /** Puts a fault in the place of the one that there is. */
  set(fault: Fault): void {
    this.#fault = fault;
    if (fault.kind === "drop") for (const { socket } of this.#sessions) socket.terminate();
    if (fault.kind === "half-open") for (const session of this.#sessions) session.isDead = true;
    if (fault.kind === "genesis") for (const { socket } of this.#sessions) socket.terminate();
    if (fault.kind === "stale") this.#view.freeze();
    else if (this.#view.isFrozen) this.#view.thaw();
    if (fault.kind !== "half-open") {
      for (const socket of this.#held) socket.destroy();
      this.#held.clear();
    }
  }

  async close(): Promise<void> {
    this.set({ kind: "drop" });
    for (const { socket } of this.#sessions) socket.terminate();
    this.#sockets.close();
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, "close");
  }

  get #delayMs(): number {
    return this.#fault.kind === "delay" ? this.#fault.ms : 0;
  }

  #begin(socket: WebSocket): void {
    const session = new Session(socket);
    this.#sessions.add(session);
    socket.on("close", () => {
      this.#sessions.delete(session);
      for (const one of session.watched.values()) one.stop();
    });
    socket.on("error", () => socket.terminate());
    socket.on("message", (data) => {
      const text = Buffer.isBuffer(data) ? data.toString("utf8") : "";
      if (!session.isDead) void this.#answer(session, requestSchema.parse(JSON.parse(text)));
    });
  }

  async #answer(session: Session, request: Request): Promise<void> {
    const { id, method } = request;
    this.asked.push({ method, fault: this.#fault.kind });
    try {
      const result = this.rewrite(request, await this.#result(session, request));
      session.send({ jsonrpc: "2.0", id, result }, this.#delayMs);
    } catch (error) {
      const { code, message, detail } =
        error instanceof RpcRefusal ? error : { code: -32_000, message: String(error), detail: "" };
      session.send({ jsonrpc: "2.0", id, error: { code, message, data: detail } }, this.#delayMs);
    }
    this.#tell(session);
  }

  async #result(session: Session, { method, params }: Request): Promise<unknown> {
    const view = this.#view;
    this.#audit(method, params);
    const own = this.#own[method];
    if (own !== undefined) return own(session, params);
    if (method === "chain_getHeader" && params.length === 0) return view.best.header;
    return view.connection.request(method, params, TIMEOUT_MS);
  }

  /** What is not answered as the chain behind the view would. */
  readonly #own: Readonly<
    Record<string, (session: Session, params: readonly unknown[]) => unknown>
  > = {
    chain_getBlockHash: (_, params) => {
      const number = Number(params[0] ?? this.#view.best.number);
      if (number === 0 && this.#fault.kind === "genesis") return OTHER_GENESIS;
      return this.#view.block(number)?.hash ?? null;
    },
    chain_getFinalizedHead: () => this.#view.final.hash,
    chain_subscribeFinalizedHeads: (session) => {
      const id = this.#id();
      session.heads.set(id, this.#view.final.number - 1);
      return id;
    },
    chain_unsubscribeFinalizedHeads: (session, params) => session.heads.delete(String(params[0])),
    author_submitExtrinsic: (_, params) =>
      this.#view.isFrozen
        ? null
        : this.#view.connection.request("author_submitExtrinsic", params, TIMEOUT_MS),
    author_submitAndWatchExtrinsic: (session, params) => this.#watch(session, String(params[0])),
    author_unwatchExtrinsic: (session, params) => {
      const id = String(params[0]);
      session.watched.get(id)?.stop();
      return session.watched.delete(id);
    },
  };

  #id(): string {
    return `proxied-${this.#nextId++}`;
  }

  #audit(method: string, params: readonly unknown[]): void {
    const place = READS[method];
    if (place === undefined) return;
    const at = params[place];
    if (typeof at !== "string" || !this.#view.isFinal(at))
      this.notFinal.push(`${method} at ${String(at)}`);
  }

  async #watch(session: Session, extrinsic: string): Promise<string> {
    const id = this.#id();
    // Where nothing goes on, what is handed over goes nowhere.
    const watched = this.#view.isFrozen
      ? Watched.forgotten()
      : await Watched.of(this.#view, extrinsic, () => this.#tell(session));
    session.watched.set(id, watched);
    return id;
  }

  /** A final header as it is told. */
  #said(header: unknown): unknown {
    if (this.#fault.kind !== "ahead") return header;
    const { blocks, slots = 0 } = this.#fault;
    const { number, digest, ...rest } = headerSchema.parse(header);
    const logs = digest.logs.map((log) => laterLog(log, slots));
    return { ...rest, digest: { logs }, number: `0x${(Number(number) + blocks).toString(16)}` };
  }

  #tellAll(): void {
    for (const session of this.#sessions) this.#tell(session);
  }

  /** What there is to tell of subscriptions; an answer that names them has been sent by now. */
  #tell(session: Session): void {
    const { final } = this.#view;
    for (const [id, told] of session.heads) {
      for (let number = told + 1; number <= final.number; number++) {
        const result = this.#said(this.#view.block(number)?.header);
        const params = { subscription: id, result };
        session.send({ jsonrpc: "2.0", method: "chain_finalizedHead", params }, this.#delayMs);
      }
      session.heads.set(id, Math.max(told, final.number));
    }
    for (const [id, watched] of session.watched)
      for (const result of watched.news()) {
        const params = { subscription: id, result };
        session.send({ jsonrpc: "2.0", method: "author_extrinsicUpdate", params }, this.#delayMs);
      }
  }
}
