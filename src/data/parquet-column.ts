/** @file The values of one column of one row group, decoded in a process that is ended when it takes too long or too much. */
import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { FileMetaData } from "hyparquet";
import { ParquetLimit } from "./parquet-limits.ts";

/** What the process is asked. */
export type ColumnQuestion = {
  readonly metadata: FileMetaData;
  readonly field: string;
  readonly rowStart: number;
  readonly rowEnd: number;
  /** Bytes that the column's pages unpack to. */
  readonly unpacked: number;
  /** Bytes of the whole file; those from `start` on are here. */
  readonly size: number;
  readonly start: number;
  readonly bytes: Uint8Array;
};

/** Some of the rows' texts, null where there is none, and whether they are the last; or why there are none. */
export type ColumnAnswer =
  | { readonly values: readonly (string | null)[]; readonly isLast: boolean }
  | { readonly reason: string };

/** Beside a millisecond for each KiB of unpacked bytes, and for each hundred rows. */
const LEAST_MS = 5000;
const HEAP_MIB = 512;

/**
 * The process that decodes the columns of one file, one after the other. It begins with the first. A thread would not do: where the memory of a
 * thread ends in the middle of an allocation, all of its process ends.
 */
export class ColumnProcess {
  readonly #mostUnpacked: number;
  #child: ChildProcess | null = null;

  /** @param mostUnpacked bytes of the largest column: what the process may hold follows from it */
  constructor(mostUnpacked: number) {
    this.#mostUnpacked = mostUnpacked;
  }

  #started(): ChildProcess {
    if (this.#child !== null) return this.#child;
    const path = new URL(`./parquet-worker${import.meta.url.slice(-3)}`, import.meta.url);
    const heapMiB = HEAP_MIB + Math.ceil((3 * this.#mostUnpacked) / 2 ** 20);
    this.#child = fork(path, [], {
      execArgv: [`--max-old-space-size=${heapMiB}`],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    return this.#child;
  }

  /**
   * Decodes a column, and gives its texts in slices of at most 16 MiB or one text: only one of them is here at a time.
   * @throws ParquetLimit when it takes too long, too much, or cannot be done; then the process is of no use any more
   */
  async *slices(question: ColumnQuestion): AsyncGenerator<readonly (string | null)[]> {
    const rows = question.rowEnd - question.rowStart;
    const limitMs = LEAST_MS + question.unpacked / 1024 + rows / 100;
    for (let asked: ColumnQuestion | "more" = question; ; asked = "more") {
      const found = await this.#answer(asked, limitMs);
      if ("reason" in found)
        throw new ParquetLimit(
          `it is damaged or of a kind that is not known here: ${found.reason}`,
        );
      yield found.values;
      if (found.isLast) return;
    }
  }

  async #answer(asked: ColumnQuestion | "more", limitMs: number): Promise<ColumnAnswer> {
    const child = this.#started();
    const over = new AbortController();
    const { signal } = over;
    const answered = Promise.withResolvers<ColumnAnswer>();
    const failed = ({ message }: Error): void => answered.resolve({ reason: message });
    const ended = (): void =>
      answered.resolve({ reason: "it takes more memory to unpack than there is for it" });
    child.once("message", answered.resolve).once("error", failed).once("exit", ended);
    const late = { reason: `it takes longer than ${Math.round(limitMs / 1000)} s to unpack` };
    sleep(limitMs, late, { signal }).then(answered.resolve, () => undefined);
    child.send(asked, (error) => error && failed(error));
    const found = await answered.promise;
    over.abort();
    child.off("message", answered.resolve).off("error", failed).off("exit", ended);
    return found;
  }

  /** Ends it, whatever it does. */
  close(): void {
    // One that never started says so later, to nobody.
    this.#child?.on("error", () => undefined).kill("SIGKILL");
  }
}
