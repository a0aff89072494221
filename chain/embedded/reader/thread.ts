/** @file A reader's thread: a copy of the chain, and the JSON-RPC server on it. Started by start.ts. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { cryptoReady } from "../codec/hashing.ts";
import { type Hex } from "../codec/bytes.ts";
import { type ChainControl } from "../rpc/served-chain.ts";
import { type Metrics, type RpcServer, serveChain } from "../rpc/server.ts";
import { type AskingEnd, Asker } from "./asking.ts";
import {
  type AuthorMessage,
  type Beginning,
  type ReaderMessage,
  type Request,
  errorFrom,
  failureFrom,
} from "./messages.ts";
import { Replica } from "./replica.ts";

/** For so long whoever asks for metrics again gets those that there are: each costs the author some milliseconds. */
const METRICS_MS = 200;

type Waiting = { resolve(value: never): void; reject(error: Error): void };

/** The thread as long as it lives. */
class ReaderThread {
  readonly #port: MessagePort;
  readonly #asker: Asker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #replica: Replica | null = null;
  #server: RpcServer | null = null;
  #metrics: { readonly told: Promise<Metrics>; readonly untilMs: number } | null = null;

  constructor(port: MessagePort, asking: AskingEnd) {
    this.#port = port;
    this.#asker = new Asker(asking);
  }

  /** Does what the author says, from now on. */
  hear(): void {
    this.#port.on("message", (message: AuthorMessage) => {
      this.#hear(message);
    });
  }

  #post(message: ReaderMessage): void {
    this.#port.postMessage(message, []);
  }

  #hear(message: AuthorMessage): void {
    if (message.type === "begin") void this.#begin(message.beginning);
    else if (message.type === "ping") this.#post({ type: "pong" });
    else if (message.type === "close") void this.#close();
    else if (message.type === "done") this.#settle(message.id)?.resolve(message.value);
    else if (message.type === "failed")
      this.#settle(message.id)?.reject(errorFrom(message.failure));
    else this.#replica?.hear(message);
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  async #request<Value>(request: Request): Promise<Value> {
    const id = ++this.#last;
    return new Promise<Value>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ type: "request", id, request });
    });
  }

  async #begin(beginning: Beginning): Promise<void> {
    try {
      const replica = new Replica(beginning, {
        asker: this.#asker,
        submit: async (extrinsic, signatures) =>
          this.#request<Hex>({ kind: "submit", extrinsic, signatures }),
        log: (level, text) => {
          this.#post({ type: "log", level, text });
        },
      });
      this.#replica = replica;
      const { host, port, limits, dev, metrics } = beginning;
      const control = dev ? this.#control() : null;
      this.#server = await serveChain(replica, control, {
        host,
        port,
        limits,
        ...(metrics && { metrics: async () => this.#metricsNow() }),
      });
      this.#post({ type: "listening", port: this.#server.port });
    } catch (error) {
      this.#post({ type: "refused", failure: failureFrom(error) });
    }
  }

  /** What the author tells. */
  async #metricsNow(): Promise<Metrics> {
    const now = performance.now();
    if (this.#metrics === null || now >= this.#metrics.untilMs)
      this.#metrics = {
        told: this.#request<Metrics>({ kind: "metrics" }),
        untilMs: now + METRICS_MS,
      };
    return this.#metrics.told;
  }

  #control(): ChainControl {
    return {
      seal: async (extrinsics) => this.#request({ kind: "seal", extrinsics: extrinsics ?? null }),
      setStorage: async (changes) => this.#request({ kind: "setStorage", changes }),
      setHead: async (number) => this.#request({ kind: "setHead", number }),
      timeTravel: async (timeMs) => this.#request({ kind: "timeTravel", timeMs }),
      setRuntimeLogLevel: async (level) => this.#request({ kind: "logLevel", level }),
      setSealing: async (mode) => this.#request({ kind: "sealing", mode }),
    };
  }

  async #close(): Promise<void> {
    await this.#server?.close();
    this.#port.close();
  }
}

if (parentPort === null) throw new TypeError("thread.ts runs as a worker thread only");
const asking: AskingEnd = workerData;
await cryptoReady();
new ReaderThread(parentPort, asking).hear();
