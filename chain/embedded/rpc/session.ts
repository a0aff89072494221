/** @file Answers JSON-RPC texts: single requests, batches, errors, and the subscriptions of one connection. */
import { randomBytes } from "node:crypto";
import {
  type JsonObject,
  type JsonValue,
  isJsonObject,
  parseExactJson,
  writeExactJson,
} from "../codec/exact-json.ts";
import { RPC_CODES, type RpcFailure, bareFailure, failureOf } from "./failure.ts";
import { RpcParams } from "./params.ts";
import { type Subscription } from "./subscriptions.ts";
import { type RpcTable } from "./table.ts";

const MOST_IN_BATCH = 1000;
const MOST_SUBSCRIPTIONS = 1024;

type Reply = { readonly result: JsonValue } | { readonly error: RpcFailure };

/** One connection. `send` is null for HTTP, which cannot carry notifications. */
export class RpcSession {
  readonly #table: RpcTable;
  readonly #send: ((text: string) => void) | null;
  readonly #running = new Map<string, () => void>();
  #closed = false;

  constructor(table: RpcTable, send: ((text: string) => void) | null) {
    this.#table = table;
    this.#send = send;
  }

  /** The answer to one text, or null when none is due. Never throws. */
  async answer(text: string): Promise<string | null> {
    let message: JsonValue;
    try {
      message = parseExactJson(text);
    } catch {
      return bareFailure({ code: RPC_CODES.parse, message: "Parse error" });
    }
    if (!Array.isArray(message)) return this.#request(message);
    if (message.length === 0) {
      return bareFailure({ code: RPC_CODES.invalidRequest, message: "Invalid request" });
    }
    if (message.length > MOST_IN_BATCH) {
      return bareFailure({
        code: RPC_CODES.batchTooBig,
        message: "The batch request was too large",
        data: `Exceeded max limit of ${MOST_IN_BATCH}`,
      });
    }
    const answers: string[] = [];
    for (const item of message) {
      const answer = await this.#request(item);
      if (answer !== null) answers.push(answer);
    }
    return answers.length === 0 ? null : `[${answers.join(",")}]`;
  }

  /** Ends every subscription. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#running.values()) stop();
    this.#running.clear();
  }

  async #request(message: JsonValue): Promise<string | null> {
    const request = isJsonObject(message) ? message : {};
    const { id, method } = request;
    if (typeof method !== "string" || (typeof id === "object" && id !== null)) {
      return bareFailure({ code: RPC_CODES.invalidRequest, message: "Invalid request" });
    }
    const reply = await this.#reply(method, request);
    return id === undefined ? null : writeExactJson({ jsonrpc: "2.0", ...reply, id });
  }

  async #reply(method: string, { params }: JsonObject): Promise<Reply> {
    try {
      const list = params ?? [];
      if (!Array.isArray(list)) throw new TypeError("parameters are given by position");
      const reader = new RpcParams(list);
      const kind = own(this.#table.subscriptions, method);
      if (kind !== undefined) return await this.#subscribe(kind, reader);
      if (this.#table.unsubscriptions.has(method)) return { result: this.#stop(reader.value(0)) };
      const handler = own(this.#table.methods, method);
      if (handler === undefined) {
        return { error: { code: RPC_CODES.methodNotFound, message: "Method not found" } };
      }
      return { result: await handler(reader) };
    } catch (error) {
      return { error: failureOf(error) };
    }
  }

  #stop(id: JsonValue): boolean {
    if (typeof id !== "string") return false;
    this.#running.get(id)?.();
    return this.#running.delete(id);
  }

  async #subscribe(kind: Subscription, params: RpcParams): Promise<Reply> {
    const send = this.#send;
    if (send === null) {
      return {
        error: { code: RPC_CODES.methodNotFound, message: "Subscriptions need a WebSocket" },
      };
    }
    if (this.#running.size >= MOST_SUBSCRIPTIONS) {
      const message = "Too many subscriptions on the connection";
      return { error: { code: RPC_CODES.tooManySubscriptions, message } };
    }
    const id = randomBytes(12).toString("base64url");
    // Notifications wait until the client has been told the subscription's id.
    let waiting: string[] | null = [];
    const notify = (result: JsonValue): void => {
      const text = writeExactJson({
        jsonrpc: "2.0",
        method: kind.notification,
        params: { subscription: id, result },
      });
      if (waiting === null) send(text);
      else waiting.push(text);
    };
    let over = false;
    const stop = await kind.start(params, notify, () => {
      over = true;
      this.#running.delete(id);
    });
    if (this.#closed) stop();
    else if (!over) this.#running.set(id, stop);
    setImmediate(() => {
      const early = waiting ?? [];
      waiting = null;
      for (const text of early) send(text);
    });
    return { result: id };
  }
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
