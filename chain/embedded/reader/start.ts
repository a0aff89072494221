/**
 * @file Serves a chain by JSON-RPC from a thread of its own, so that whatever clients ask is done beside the making of blocks. A
 * thread that dies, or does not answer, is replaced; the chain does not notice.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import { type EmbeddedChain, type LogLevel } from "../chain.ts";
import { type ListenOptions, type RpcServer } from "../rpc/server.ts";
import { type ChainControl, controlOf } from "../rpc/served-chain.ts";
import { type AskingEnd, answerQuestions } from "./asking.ts";
import { Feed } from "./feed.ts";
import { type Posted, type ReaderMessage, errorFrom } from "./messages.ts";

/** What to serve, and where. */
export type ReaderOptions = ListenOptions & {
  /** Whether dev_ methods are served. */
  readonly dev: boolean;
  readonly log?: (level: LogLevel, text: string) => void;
  /** Told when thread after thread has died. */
  readonly onFailure?: (error: unknown) => void;
};

/** A server whose thread can be ended by force: another takes its place. */
export type LivingServer = RpcServer & { kill(): Promise<void> };

/** A thread may take so much for what lives long; more than all its limits together. */
const MOST_HEAP_MB = 1024;
/** What lives for a request: left alone, V8 takes several times as much when it starts, and keeps it. */
const YOUNG_MB = 6;
const BELL_BYTES = 4;
const PING_MS = 5000;
/** Pings in a row without an answer, after which a thread is given up. */
const MOST_MISSED = 4;
const CLOSE_MS = 2000;
const AGAIN_MS = 200;
/** Deaths in a minute after which none is replaced any more. */
const MOST_DEATHS = 10;
const MINUTE_MS = 60_000;

/** A thread that loads what it needs while the chain opens. */
class Thread {
  readonly worker: Worker;
  readonly asking: AskingEnd;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    const bell = new Int32Array(new SharedArrayBuffer(BELL_BYTES));
    const theirs: AskingEnd = { port: port2, bell };
    const script = new URL(`./thread${import.meta.url.slice(-3)}`, import.meta.url);
    this.worker = new Worker(script, {
      workerData: theirs,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.asking = { port: port1, bell };
    port1.unref();
  }

  post(message: Posted): void {
    this.worker.postMessage(message, []);
  }

  /** Ends it by force. */
  async kill(): Promise<void> {
    this.asking.port.close();
    await this.worker.terminate();
  }
}

/** One life of a reader: from its first message to its end. */
class Service {
  readonly #thread: Thread;
  readonly #feed: Feed;
  readonly #chain: EmbeddedChain;
  readonly #options: ReaderOptions;
  readonly ended: Promise<Error>;
  #pinging: NodeJS.Timeout | null = null;
  #missed = 0;

  constructor(thread: Thread, chain: EmbeddedChain, control: ChainControl, options: ReaderOptions) {
    this.#thread = thread;
    this.#chain = chain;
    this.#options = options;
    this.#feed = new Feed(chain, { control, metrics: options.metrics }, (message) => {
      thread.post(message);
    });
    answerQuestions(thread.asking, (question) => this.#feed.answer(question));
    this.ended = new Promise((resolve) => {
      thread.worker.once("error", resolve);
      thread.worker.once("exit", (code) => {
        resolve(new Error(`the reader's thread ended with code ${code}`));
      });
    });
    void this.#stopAtEnd();
  }

  async #stopAtEnd(): Promise<void> {
    await this.ended;
    this.#stop();
  }

  /** Begins to serve; the port. @throws what listening throws */
  async listen(port: number): Promise<number> {
    const { host, limits = {}, dev, metrics } = this.#options;
    const { worker } = this.#thread;
    const listening = new Promise<number>((resolve, reject) => {
      worker.on("message", (message: ReaderMessage) => {
        if (message.type === "listening") resolve(message.port);
        else if (message.type === "refused") reject(errorFrom(message.failure));
        else this.#hear(message);
      });
      void this.ended.then(reject);
    });
    this.#thread.post({
      type: "begin",
      beginning: {
        ...this.#feed.beginning(),
        dev,
        metrics: metrics !== undefined,
        host,
        port,
        limits,
      },
    });
    const taken = await listening;
    this.#pinging = setInterval(() => {
      this.#ping();
    }, PING_MS);
    this.#pinging.unref();
    return taken;
  }

  #hear(message: ReaderMessage): void {
    if (message.type === "request") this.#feed.take(message.id, message.request);
    else if (message.type === "log") this.#options.log?.(message.level, message.text);
    else if (message.type === "pong") this.#missed = 0;
  }

  #ping(): void {
    if (this.#missed >= MOST_MISSED) {
      this.#chain.report(new Error("the reader's thread does not answer"));
      void this.kill();
      return;
    }
    this.#missed++;
    this.#thread.post({ type: "ping" });
  }

  #stop(): void {
    this.#feed.close();
    this.#thread.asking.port.close();
    if (this.#pinging !== null) clearInterval(this.#pinging);
  }

  /** Ends it by force. */
  async kill(): Promise<void> {
    await this.#thread.kill();
  }

  async close(): Promise<void> {
    this.#stop();
    this.#thread.post({ type: "close" });
    const late = setTimeout(() => {
      void this.#thread.kill();
    }, CLOSE_MS);
    await this.ended;
    clearTimeout(late);
  }
}

/** Keeps a reader alive. */
class Reader implements LivingServer {
  readonly #chain: EmbeddedChain;
  readonly #options: ReaderOptions;
  readonly #deaths: number[] = [];
  #service: Service | null = null;
  #port: number;
  #isClosed = false;

  constructor(chain: EmbeddedChain, options: ReaderOptions) {
    this.#chain = chain;
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  /** @throws what listening throws */
  async begin(thread: Thread): Promise<void> {
    const service = new Service(thread, this.#chain, controlOf(this.#chain), this.#options);
    this.#service = service;
    try {
      this.#port = await service.listen(this.#port);
    } catch (error) {
      await thread.kill();
      throw error;
    }
    void this.#replaceAtEnd(service);
  }

  async #replaceAtEnd(service: Service): Promise<void> {
    this.#replace(await service.ended);
  }

  #replace(reason: Error): void {
    if (this.#isClosed) return;
    this.#chain.report(reason);
    const now = performance.now();
    this.#deaths.push(now);
    if (this.#deaths.filter((at) => now - at < MINUTE_MS).length > MOST_DEATHS) {
      this.#options.onFailure?.(reason);
      return;
    }
    setTimeout(() => {
      if (this.#isClosed) return;
      this.begin(new Thread()).catch((error: unknown) => {
        this.#replace(error instanceof Error ? error : new Error(String(error)));
      });
    }, AGAIN_MS);
  }

  async kill(): Promise<void> {
    await this.#service?.kill();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#service?.close();
  }
}

/** A reader whose thread is being loaded; a chain that opens meanwhile costs no further time. */
export class StartingReader {
  readonly #thread = new Thread();

  /** Serves the chain. @throws ChainError port-in-use, port-privileged, address-foreign, host-unknown */
  async serve(chain: EmbeddedChain, options: ReaderOptions): Promise<LivingServer> {
    const reader = new Reader(chain, options);
    await reader.begin(this.#thread);
    return reader;
  }

  /** Ends it, where there will be no chain to serve. */
  async abandon(): Promise<void> {
    await this.#thread.kill();
  }
}
