/** @file A database in a thread of its own, asked one statement after the other. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** A statement; without parameters it may be several. Null asks for the end. */
export type Asked = {
  readonly id: number;
  readonly text: string | null;
  readonly params: unknown[] | null;
};

/** What comes of it; or what somebody was told by LISTEN. */
export type Answered =
  | ({ readonly id: number } & Found)
  | { readonly id: number; readonly message: string; readonly code?: string }
  | { readonly channel: string; readonly payload: string };

/** Rows of a statement. Their shape is known to whoever wrote it; a message cannot say so, hence `never`: whatever is wanted. */
export type Found = { readonly rows: never[]; readonly affectedRows: number };
type Waiting = {
  readonly resolve: (found: Found) => void;
  readonly reject: (error: Error) => void;
};
type Listener = (channel: string, payload: string) => void;

/** The thread's end that asks. */
export class Database {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<Listener>();
  #next = 1;
  #end: Error | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answered: Answered) => this.#hear(answered));
    worker.once("exit", () => this.#fail(new Error("the database's thread has ended")));
    worker.once("error", (error: Error) => this.#fail(error));
  }

  /** Opens the database in a folder. @throws Error where PGlite is not installed, or cannot read what is there */
  static async open(folder: string): Promise<Database> {
    // The suffix is that of this file: .ts from source, .js from dist.
    const script = new URL(`./database-thread${import.meta.url.slice(-3)}`, import.meta.url);
    const worker = new Worker(script, { workerData: folder });
    const ended = new AbortController();
    worker.once("exit", () => ended.abort());
    await once(worker, "message", { signal: ended.signal });
    return new Database(worker);
  }

  /** Told what LISTEN brings; what it returns ends that. */
  onNotification(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The rows of one statement. */
  query(text: string, params: readonly unknown[]): Promise<Found> {
    return this.#ask(text, [...params]);
  }

  /** Several statements in one text. */
  async exec(text: string): Promise<void> {
    await this.#ask(text, null);
  }

  async close(): Promise<void> {
    if (this.#end !== null) return;
    const ended = once(this.#worker, "exit");
    await this.#ask(null, null);
    await ended;
  }

  #ask(text: string | null, params: unknown[] | null): Promise<Found> {
    if (this.#end !== null) return Promise.reject(this.#end);
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    this.#waiting.set(id, { resolve, reject });
    this.#worker.postMessage({ id, text, params } satisfies Asked, []);
    return promise;
  }

  #hear(answered: Answered): void {
    if ("channel" in answered) {
      for (const listener of this.#listeners) listener(answered.channel, answered.payload);
      return;
    }
    const waiting = this.#waiting.get(answered.id);
    this.#waiting.delete(answered.id);
    if ("rows" in answered) waiting?.resolve(answered);
    else {
      const { message, code } = answered;
      waiting?.reject(Object.assign(new Error(message), code !== undefined && { code }));
    }
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}
