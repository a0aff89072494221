/** @file JSON-RPC over one WebSocket: requests with a deadline, subscriptions, one end. */
import { type RawData, WebSocket } from "ws";
import { z } from "zod";
import type { Trouble } from "../endpoint-faults.ts";
import { ChainError } from "../errors.ts";
import { unreachable } from "./trouble.ts";

/** Called with each notification of a subscription. */
export type Listener = (result: unknown) => void;

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

const answerSchema = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z
    .object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
    .optional(),
});
const noticeSchema = z.object({
  params: z.object({ subscription: z.union([z.string(), z.number()]), result: z.unknown() }),
});

/** ws gives a text message as one Buffer, unless told otherwise. */
function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString("utf8") : "";
}

/** What sc-rpc-server answers above its rate limit, and the embedded engine. */
const RATE_LIMITED = -32_999;

/** An answer that is an error. Kept apart from ChainError, because submitters read `code` and `data`. */
export class RpcRefusal extends Error {
  override readonly name = "RpcRefusal";
  readonly code: number;
  /** What the node adds, as text. */
  readonly detail: string;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.code = code;
    this.detail = typeof data === "string" ? data : data === undefined ? "" : JSON.stringify(data);
  }

  /** Whether nothing was done because too much is asked at the moment: the same question may be asked again in a while. */
  get isForNow(): boolean {
    return this.code === RATE_LIMITED;
  }
}

type Waiting = {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
};

/**
 * One connection, for its whole life: it never reconnects. Everything pending is rejected when it ends.
 * All rejections are ChainError (chain-unreachable) or RpcRefusal.
 */
export class RpcConnection {
  readonly endpoint: string;
  /** Aborted when the connection has ended, by whichever side. */
  readonly ended: AbortSignal;
  readonly #socket: WebSocket;
  readonly #end = new AbortController();
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string | number, Listener>();
  /** Notifications can arrive before the answer that names their subscription. */
  readonly #early = new Map<string | number, unknown[]>();
  /** Subscriptions that are asked for and not answered yet: only they have early notices. */
  #asking = 0;
  #nextId = 1;
  #heardAt = performance.now();
  /** How it ended. */
  #trouble: Trouble = "lost";

  private constructor(endpoint: string, socket: WebSocket) {
    this.endpoint = endpoint;
    this.#socket = socket;
    this.ended = this.#end.signal;
    socket.on("message", (data) => this.#receive(textOf(data)));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.close());
  }

  /** When the other side said something last, on the clock of `performance.now`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /**
   * Connects; `closed` ends the connection, also while it is being made.
   * @throws ChainError chain-unreachable, within `timeoutMs`
   */
  static async open(
    endpoint: string,
    timeoutMs: number,
    closed?: AbortSignal,
  ): Promise<RpcConnection> {
    return new Promise((resolve, reject) => {
      const refuse = (cause?: unknown): void => reject(unreachable(endpoint, cause));
      if (closed?.aborted === true) {
        refuse();
        return;
      }
      let socket: WebSocket;
      try {
        socket = new WebSocket(endpoint, {
          handshakeTimeout: timeoutMs,
          maxPayload: MAX_MESSAGE_BYTES,
          perMessageDeflate: false,
        });
      } catch (cause) {
        refuse(cause);
        return;
      }
      // The handshake timeout counts from the TCP connection on; a silent network needs its own.
      const leave = (): void => socket.terminate();
      const timer = setTimeout(leave, timeoutMs);
      closed?.addEventListener("abort", leave, { once: true });
      socket.once("error", refuse);
      socket.once("close", refuse);
      socket.once("open", () => {
        clearTimeout(timer);
        socket.off("error", refuse).off("close", refuse);
        const connection = new RpcConnection(endpoint, socket);
        const close = (): void => connection.close();
        closed?.addEventListener("abort", close, { once: true, signal: connection.ended });
        resolve(connection);
      });
      socket.once("close", () => {
        clearTimeout(timer);
        closed?.removeEventListener("abort", leave);
      });
    });
  }

  /**
   * Result of a method.
   * @throws ChainError chain-unreachable (no answer in time, or the connection ended), RpcRefusal
   */
  async request(method: string, params: readonly unknown[], timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.ended.aborted) {
        reject(this.#lost());
        return;
      }
      const id = this.#nextId++;
      const late = (): void => {
        if (!this.#waiting.delete(id)) return;
        const cause = new Error(`no answer to ${method} in ${timeoutMs} ms`);
        reject(unreachable(this.endpoint, cause));
      };
      // A process that was busy for long has its answer waiting: it is read before the time counts as over.
      const timer = setTimeout(() => setImmediate(late), timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  /**
   * Subscribes; returns the subscription's id for `unlisten`.
   * @throws ChainError chain-unreachable, RpcRefusal
   */
  async listen(
    call: { readonly method: string; readonly params: readonly unknown[] },
    timeoutMs: number,
    listener: Listener,
  ): Promise<string | number> {
    this.#asking++;
    try {
      const id = z
        .union([z.string(), z.number()])
        .parse(await this.request(call.method, call.params, timeoutMs));
      this.#listeners.set(id, listener);
      for (const result of this.#early.get(id) ?? []) listener(result);
      this.#early.delete(id);
      return id;
    } finally {
      // What nobody asks for any more are leftovers of ended subscriptions.
      if (--this.#asking === 0) this.#early.clear();
    }
  }

  /** Stops listening here and tells the node, without waiting for its answer. */
  unlisten(method: string, id: string | number): void {
    this.#listeners.delete(id);
    this.#early.delete(id);
    // The node may have ended the subscription itself: its answer does not matter.
    this.request(method, [id], 10_000).catch(() => undefined);
  }

  /** Ends the connection and rejects everything pending. */
  close(trouble: Trouble = "lost"): void {
    if (this.ended.aborted) return;
    this.#trouble = trouble;
    this.#end.abort();
    this.#socket.terminate();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#lost());
    }
    this.#waiting.clear();
    this.#listeners.clear();
  }

  #lost(): ChainError {
    const { endpoint } = this;
    return new ChainError({ code: "chain-unreachable", endpoint, trouble: this.#trouble });
  }

  #receive(text: string): void {
    this.#heardAt = performance.now();
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      this.close("not-a-node");
      return;
    }
    const notice = noticeSchema.safeParse(message);
    if (notice.success) {
      this.#notify(notice.data.params.subscription, notice.data.params.result);
      return;
    }
    const answer = answerSchema.safeParse(message);
    if (answer.success) this.#settle(answer.data);
  }

  #notify(id: string | number, result: unknown): void {
    const listener = this.#listeners.get(id);
    if (listener !== undefined) {
      listener(result);
      return;
    }
    if (this.#asking === 0) return;
    const early = this.#early.get(id) ?? [];
    if (this.#early.size < 64 && early.length < 64) this.#early.set(id, [...early, result]);
  }

  #settle({ id, result, error }: z.infer<typeof answerSchema>): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (error === undefined) waiting.resolve(result);
    else waiting.reject(new RpcRefusal(error.code, error.message, error.data));
  }
}
