/** @file The values of one column of one row group, decoded in a thread that is ended when it takes too long or too much. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { setTimeout as sleep } from "node:timers/promises";
import type { FileMetaData } from "hyparquet";
import { ParquetLimit } from "./parquet-limits.ts";

/** What the thread is asked. */
export type ColumnQuestion = {
  readonly metadata: FileMetaData;
  readonly field: string;
  readonly rowStart: number;
  readonly rowEnd: number;
  /** Bytes of the whole file; those from `start` on are here. */
  readonly size: number;
  readonly start: number;
  readonly bytes: Uint8Array;
};

/** Values of the rows, or why there are none. */
export type ColumnAnswer = { readonly values: readonly unknown[] } | { readonly reason: string };

/** Beside a millisecond for each KiB of unpacked bytes, and for each hundred rows. */
const LEAST_MS = 5000;
const HEAP_MIB = 512;

/** The thread that decodes the columns of one file, one after the other. It begins with the first. */
export class ColumnThread {
  readonly #mostUnpacked: number;
  #thread: Worker | null = null;

  /** @param mostUnpacked bytes of the largest column: what the thread may hold follows from it */
  constructor(mostUnpacked: number) {
    this.#mostUnpacked = mostUnpacked;
  }

  async #started(): Promise<Worker> {
    if (this.#thread !== null) return this.#thread;
    const path = new URL(`./parquet-worker${import.meta.url.slice(-3)}`, import.meta.url);
    const maxOldGenerationSizeMb = HEAP_MIB + Math.ceil((3 * this.#mostUnpacked) / 2 ** 20);
    const thread = new Worker(path, { resourceLimits: { maxOldGenerationSizeMb } });
    this.#thread = thread;
    await once(thread, "online");
    return thread;
  }

  /**
   * Decodes a column.
   * @param unpacked its bytes as its pages say
   * @throws ParquetLimit when it takes too long, too much, or cannot be done; then the thread is of no use any more
   */
  async values(question: ColumnQuestion, unpacked: number): Promise<readonly unknown[]> {
    const thread = await this.#started();
    const limitMs = LEAST_MS + unpacked / 1024 + (question.rowEnd - question.rowStart) / 100;
    const over = new AbortController();
    const { signal } = over;
    const answered = Promise.withResolvers<ColumnAnswer>();
    const failed = ({ message }: Error): void => answered.resolve({ reason: message });
    thread.once("message", answered.resolve);
    thread.once("error", failed);
    const late = { reason: `it takes longer than ${Math.round(limitMs / 1000)} s to unpack` };
    sleep(limitMs, late, { signal }).then(answered.resolve, () => undefined);
    thread.postMessage(question, []);
    const found = await answered.promise;
    over.abort();
    thread.off("message", answered.resolve).off("error", failed);
    if ("values" in found) return found.values;
    throw new ParquetLimit(`it is damaged or of a kind that is not known here: ${found.reason}`);
  }

  /** Ends it, whatever it does. */
  async close(): Promise<void> {
    await this.#thread?.terminate();
  }
}
