/**
 * @file The log of window records on disk: appended to, verified at a start, cut at its head by whole windows when the manifest keeps
 * so many only (docs/protocol.md#retention). In memory is where each line lies, so months of records cost a start time alone.
 */
import { closeSync, createReadStream, openSync, readFileSync, readSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { open, rename, rm, stat, truncate } from "node:fs/promises";
import { z } from "zod";
import { systemCodeOf } from "../base/fault.ts";
import { isDiskFull } from "../base/files.ts";
import { appendWhole } from "../src/disk/atomic-file.ts";
import { AssayError } from "../src/errors.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { digestSchema } from "../src/protocol/manifest.ts";
import { LogVerifier, NO_RECORD, readRecord, type WindowRecord } from "../src/protocol/record.ts";

/** A record and its line. */
export type Recorded = { readonly line: string; readonly record: WindowRecord };

/** Where a line lies in the file, without its end. */
type Place = { readonly offset: number; readonly bytes: number };

/** A record that is the first of a log that was cut: `previous` is the digest of the last that was cut off. */
const anchorSchema = z.strictObject({ window: z.int().min(0), previous: digestSchema });
type Anchor = z.infer<typeof anchorSchema>;

/** Records that were asked for last: many verdicts are asked of one window. */
const CACHED = 4;
/** The head is cut when a quarter more lies there than is kept: each cut writes the rest anew. */
const SPARE_SHARE = 0.25;
const LINE_END = 10;

/** The lines of a file with their places. @yields whole lines only: one that a crash cut short was never acknowledged. */
async function* linesOf(path: string): AsyncGenerator<{ line: string; place: Place }> {
  let [rest, offset]: [Buffer[], number] = [[], 0];
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes: unknown = piece;
    if (!Buffer.isBuffer(bytes)) throw new TypeError("a file is bytes");
    let from = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
      const line = Buffer.concat([...rest, bytes.subarray(from, end)]);
      yield { line: line.toString("utf8"), place: { offset, bytes: line.length } };
      [rest, offset, from] = [[], offset + line.length + 1, end + 1];
    }
    rest.push(bytes.subarray(from));
  }
}

/** The anchors that were noted; a last line that a crash cut short was noted for a cut that did not happen. */
function anchorsIn(path: string): readonly Anchor[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
  return text
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => {
      try {
        const value: unknown = JSON.parse(line);
        return [anchorSchema.parse(value)];
      } catch {
        return [];
      }
    });
}

/** The log of one run by one validator. */
export class RecordLog {
  readonly #path: string;
  readonly #anchorPath: string;
  /** 0: all. */
  readonly #keptWindows: number;
  readonly #places = new Map<number, Place>();
  readonly #cache = new Map<number, Recorded>();
  /** Open for reading, once something was read. */
  #file: number | null = null;
  #bytes = 0;
  #head: Hex = NO_RECORD;

  /** @param path of the file, which ends in .jsonl */
  constructor(path: string, keptWindows: number) {
    this.#path = path;
    this.#anchorPath = path.replace(/\.jsonl$/, ".anchors");
    this.#keptWindows = keptWindows;
  }

  /** recordDigest of the last record. */
  get head(): Hex {
    return this.#head;
  }

  /** Windows whose records are there, ascending. */
  get windows(): readonly number[] {
    return [...this.#places.keys()];
  }

  /** Every record that is there, oldest first. @yields one at a time: all of them need not fit into memory */
  *values(): Generator<Recorded> {
    for (const window of this.windows) {
      const found = this.get(window);
      if (found !== undefined) yield found;
    }
  }

  /** How many there are. */
  get size(): number {
    return this.#places.size;
  }

  /**
   * Reads and verifies what an earlier process wrote. @param onRecord sees each record, oldest first
   * @throws AssayError record-corrupt
   */
  async restore(onRecord: (record: WindowRecord) => Promise<void>): Promise<void> {
    const size = await stat(this.#path).then(
      (found) => found.size,
      (error: unknown) => {
        if (systemCodeOf(error) === "ENOENT") return null;
        throw error;
      },
    );
    if (size === null) return;
    let verifier: LogVerifier | null = null;
    for await (const { line, place } of linesOf(this.#path)) {
      verifier ??= new LogVerifier(this.#path, this.#anchorOf(line));
      const record = verifier.take(line);
      this.#places.set(record.window, place);
      this.#bytes = place.offset + place.bytes + 1;
      await onRecord(record);
      // A long log is read in the background: this node's axon answers already.
      await nextTurn();
    }
    this.#head = verifier?.head ?? NO_RECORD;
    if (this.#bytes < size) await truncate(this.#path, this.#bytes);
  }

  /** What the first line has to continue: nothing, or what a cut noted for that window. */
  #anchorOf(firstLine: string): Hex {
    const first = readRecord(firstLine);
    const anchors = anchorsIn(this.#anchorPath);
    return anchors.findLast((anchor) => anchor.window === first?.window)?.previous ?? NO_RECORD;
  }

  /** The record of a window. */
  get(window: number): Recorded | undefined {
    const known = this.#cache.get(window);
    if (known !== undefined) return known;
    const place = this.#places.get(window);
    if (place === undefined) return undefined;
    const line = this.#read(place);
    const record = readRecord(line);
    if (record?.window !== window)
      throw new AssayError({
        code: "record-corrupt",
        path: this.#path,
        reason: `the line of window ${window} changed under this process`,
      });
    return this.#cached({ line, record });
  }

  #cached(one: Recorded): Recorded {
    this.#cache.set(one.record.window, one);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED && oldest !== undefined) this.#cache.delete(oldest);
    return one;
  }

  #read({ offset, bytes }: Place): string {
    this.#file ??= openSync(this.#path, "r");
    const buffer = Buffer.alloc(bytes);
    readSync(this.#file, buffer, 0, bytes, offset);
    return buffer.toString("utf8");
  }

  /** Appends a chained record, and cuts the head off when too much is there. @throws AssayError disk-full */
  async append(chained: Recorded & { readonly digest: Hex }): Promise<void> {
    const { line, record, digest } = chained;
    await appendWhole(this.#path, `${line}\n`);
    const bytes = Buffer.byteLength(line);
    this.#places.set(record.window, { offset: this.#bytes, bytes });
    this.#bytes += bytes + 1;
    this.#head = digest;
    this.#cached({ line, record });
    await this.#cutHead(record.window);
  }

  /** Cuts whole windows off the head when there are a quarter more than are kept. */
  async #cutHead(newest: number): Promise<void> {
    if (this.#keptWindows === 0) return;
    const [oldest = newest] = this.#places.keys();
    if (newest - oldest < this.#keptWindows * (1 + SPARE_SHARE)) return;
    const first = this.windows.find((window) => window > newest - this.#keptWindows) ?? newest;
    const record = this.get(first)?.record;
    const place = this.#places.get(first);
    if (record === undefined || place === undefined) return;
    // The anchor first: a log without one for its first line would not verify, one anchor too many does no harm.
    const anchor: Anchor = { window: first, previous: record.previous };
    await appendWhole(this.#anchorPath, `${JSON.stringify(anchor)}\n`);
    // Whoever reads meanwhile reads the old file, which places and this handle mean until both change at once.
    this.#file ??= openSync(this.#path, "r");
    await copyTail(this.#path, place.offset);
    closeSync(this.#file);
    this.#file = null;
    this.#bytes -= place.offset;
    for (const [window, { offset, bytes }] of this.#places)
      if (window < first) {
        this.#places.delete(window);
        this.#cache.delete(window);
      } else this.#places.set(window, { offset: offset - place.offset, bytes });
  }
}

/** Replaces a file by what lies in it from `offset` on; whole or not at all. @throws AssayError disk-full */
async function copyTail(path: string, offset: number): Promise<void> {
  const draft = `${path}.tmp`;
  try {
    const file = await open(draft, "w");
    try {
      await file.writeFile(createReadStream(path, { start: offset }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    if (isDiskFull(cause)) throw new AssayError({ code: "disk-full", path }, { cause });
    throw cause;
  }
}
