/** @file Answers JSON-RPC texts: single requests, batches, errors, and the subscriptions of one connection. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type JsonObject,
  type JsonValue,
  isJsonObject,
  parseExactJson,
  writeExactJson,
} from "../codec/exact-json.ts";
import { type Reply, type RpcAnswer, answerOf, sizeOf, textOf } from "./answer.ts";
import { RPC_CODES, type RpcFailure, TryLater, bareFailure, failureOf } from "./failure.ts";
import { type RpcLimits } from "./limits.ts";
import { RpcParams } from "./params.ts";
import { isModest } from "./request-form.ts";
import { type Subscription } from "./subscriptions.ts";
import { type RpcTable } from "./table.ts";
import { type Line } from "./turns.ts";

/** Takes the answer to one text; null when none is due. */
type Sink = (answer: RpcAnswer | null) => void;
/** At once, or after the chain has done something. */
type Soon<Value> = Value | Promise<Value>;

/** Subscriptions of all connections together. */
export type Seats = { taken: number };

/** What a session works with. */
export type SessionParts = {
  readonly table: RpcTable;
  readonly limits: RpcLimits;
  readonly seats: Seats;
  /** Where the rest of a batch waits for its turn. */
  readonly line: Line;
  /** Sends a notification; null for HTTP, which cannot carry any. */
  readonly send: ((text: string) => void) | null;
};

/** What there was no time for is asked again after one, two, three... times so long: ten seconds in all. */
const LATER_MS = 100;
const MOST_TIMES = 13;
const INVALID_REQUEST: RpcFailure = { code: RPC_CODES.invalidRequest, message: "Invalid request" };

async function later<In, Out>(value: Promise<In>, then: (value: In) => Out): Promise<Out> {
  return then(await value);
}

/** `then` of a value: without a pause when it is there, so that its time counts. */
function chained<In, Out>(value: Soon<In>, then: (value: In) => Out): Soon<Out> {
  return value instanceof Promise ? later(value, then) : then(value);
}

/** One connection. */
export class RpcSession {
  readonly #parts: SessionParts;
  readonly #running = new Map<string, () => void>();
  #closed = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Subscriptions. */
  get subscriptions(): number {
    return this.#running.size;
  }

  /** Works on one text; of a batch on its first request, and leaves the rest in the line. Never throws. */
  answer(bytes: Buffer, sink: Sink): Promise<void> | void {
    const { limits } = this.#parts;
    if (!isModest(bytes, limits)) {
      const { requestDepth, requestItems } = limits;
      const data = `lists and objects lie deeper than ${requestDepth}, or have more than ${requestItems} members`;
      sink(bareFailure({ ...INVALID_REQUEST, data }));
      return;
    }
    let message: JsonValue;
    try {
      message = parseExactJson(bytes.toString("utf8"));
    } catch {
      sink(bareFailure({ code: RPC_CODES.parse, message: "Parse error" }));
      return;
    }
    if (!Array.isArray(message)) return chained(this.#request(message), sink);
    return this.#batch(message, sink);
  }

  #batch(requests: readonly JsonValue[], sink: Sink): Promise<void> | void {
    const { batch, batchAnswerBytes } = this.#parts.limits;
    if (requests.length === 0) {
      sink(bareFailure(INVALID_REQUEST));
      return;
    }
    if (requests.length > batch) {
      const message = "The batch request was too large";
      const data = `Exceeded max limit of ${batch}`;
      sink(bareFailure({ code: RPC_CODES.batchTooBig, message, data }));
      return;
    }
    const answers: string[] = [];
    let left = batchAnswerBytes;
    const step = (index: number): Promise<void> | void =>
      chained(this.#request(requests[index] ?? null), (answer) => {
        left -= answer === null ? 0 : sizeOf(answer);
        if (answer !== null && left >= 0) answers.push(textOf(answer));
        if (left < 0) {
          const message = "The batch response was too large";
          const data = `Exceeded max limit of ${batchAnswerBytes}`;
          sink(bareFailure({ code: RPC_CODES.batchAnswerTooBig, message, data }));
        } else if (index + 1 === requests.length) {
          sink(answers.length === 0 ? null : `[${answers.join(",")}]`);
        } else if (!this.#closed) this.#parts.line.unshift(() => step(index + 1));
      });
    return step(0);
  }

  /** Ends every subscription. */
  close(): void {
    this.#closed = true;
    for (const id of this.#running.keys()) this.#stop(id);
  }

  #request(message: JsonValue): Soon<RpcAnswer | null> {
    const request = isJsonObject(message) ? message : {};
    const { id, method } = request;
    if (typeof method !== "string" || (typeof id === "object" && id !== null)) {
      return bareFailure(INVALID_REQUEST);
    }
    return chained(this.#reply(method, request), (reply) =>
      id === undefined ? null : answerOf(reply, id),
    );
  }

  #reply(method: string, request: JsonObject, times = 1): Soon<Reply> {
    try {
      const reply = this.#replyOf(method, request);
      return reply instanceof Promise ? this.#caught(reply) : reply;
    } catch (error) {
      const isLater = error instanceof TryLater && times <= MOST_TIMES && !this.#closed;
      return isLater ? this.#later(method, request, times) : { error: failureOf(error) };
    }
  }

  async #later(method: string, request: JsonObject, times: number): Promise<Reply> {
    await sleep(times * LATER_MS);
    return this.#parts.line.spend(() => this.#reply(method, request, times + 1));
  }

  async #caught(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply;
    } catch (error) {
      return { error: failureOf(error) };
    }
  }

  #replyOf(method: string, { params }: JsonObject): Soon<Reply> {
    const { table } = this.#parts;
    const list = params ?? [];
    if (!Array.isArray(list)) throw new TypeError("parameters are given by position");
    const reader = new RpcParams(list);
    const kind = own(table.subscriptions, method);
    if (kind !== undefined) return this.#subscribe(kind, reader);
    if (table.unsubscriptions.has(method)) return { result: this.#stop(reader.value(0)) };
    const handler = own(table.methods, method);
    if (handler === undefined) {
      return { error: { code: RPC_CODES.methodNotFound, message: "Method not found" } };
    }
    return chained(handler(reader), (result) => ({ result }));
  }

  #stop(id: JsonValue): boolean {
    const stop = typeof id === "string" ? this.#running.get(id) : undefined;
    if (typeof id !== "string" || stop === undefined) return false;
    stop();
    this.#forget(id);
    return true;
  }

  #forget(id: string): void {
    if (this.#running.delete(id)) this.#parts.seats.taken--;
  }

  #isFull(): boolean {
    const { limits, seats } = this.#parts;
    return this.#running.size >= limits.subscriptions || seats.taken >= limits.subscriptionsInAll;
  }

  async #subscribe(kind: Subscription, params: RpcParams): Promise<Reply> {
    const { send, seats } = this.#parts;
    if (send === null) {
      return {
        error: { code: RPC_CODES.methodNotFound, message: "Subscriptions need a WebSocket" },
      };
    }
    if (this.#isFull()) {
      const message = "Too many subscriptions on the connection";
      return { error: { code: RPC_CODES.tooManySubscriptions, message } };
    }
    const id = randomBytes(12).toString("base64url");
    // Its seat is taken while it starts.
    this.#running.set(id, () => undefined);
    seats.taken++;
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
    try {
      const stop = await kind.start(params, notify, () => {
        this.#forget(id);
      });
      if (this.#closed) stop();
      else if (this.#running.has(id)) this.#running.set(id, stop);
    } catch (error) {
      this.#forget(id);
      throw error;
    }
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
