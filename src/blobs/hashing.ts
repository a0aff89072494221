/** @file Digests of bytes of any size, computed without holding up the event loop: large ones in a thread of their own. */
import { Worker } from "node:worker_threads";
import { blake2b256, type Hex } from "../protocol/digest.ts";

/** Up to here a digest takes a few milliseconds: less than a thread is worth. */
const INLINE_BYTES = 128 * 1024;
/** A thread costs about 30 MiB, and after joining a run a node has work for it every few minutes: it does not wait for that. */
const IDLE_MS = 2000;

type Waiting = { readonly resolve: (digest: Hex) => void; readonly reject: (e: Error) => void };

/** The thread; it answers in the order in which it is asked. */
class HashThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #gone: Error | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor() {
    // As this file is: .ts from a checkout, .js from a build.
    const script = new URL(`./hash-worker${import.meta.url.slice(-3)}`, import.meta.url);
    this.#worker = new Worker(script);
    this.#worker.unref();
    this.#worker.on("message", (digest: Hex) => this.#settled()?.resolve(digest));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => this.#fail(new Error(`the thread ended with code ${code}`)));
  }

  get gone(): boolean {
    return this.#gone !== null;
  }

  digest(bytes: Uint8Array): Promise<Hex> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    // A copy of these bytes alone: what is sent is gone here, with the whole buffer. Not slice(): a Buffer's is a view.
    const copy = new Uint8Array(bytes);
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      // A process must not end under a digest, nor live on for a thread that has none to make.
      this.#worker.ref();
      this.#worker.postMessage(copy, [copy.buffer]);
    });
  }

  #settled(): Waiting | undefined {
    const first = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#rest();
    return first;
  }

  /** Ends the thread unless there is work soon. */
  #rest(): void {
    this.#worker.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      // At once, so that nobody gives it work while it ends.
      this.#gone = new Error("it had nothing to do");
      void this.#worker.terminate();
    }, IDLE_MS).unref();
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

let thread: HashThread | null = null;

/** The address of `bytes`, equal to blake2b256 bit for bit; `bytes` must not change meanwhile. */
export async function addressOf(bytes: Uint8Array): Promise<Hex> {
  if (bytes.length <= INLINE_BYTES) return blake2b256(bytes);
  if (thread === null || thread.gone) thread = new HashThread();
  try {
    return await thread.digest(bytes);
  } catch {
    // No thread to be had (memory, limits of the system): slow is better than not at all.
    return blake2b256(bytes);
  }
}
