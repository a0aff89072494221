/** @file What the system says when it refuses a file, in words; a full disk is told apart from everything else. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf, systemCodeOf, type Texts } from "./fault.ts";

/** No space is left, or a limit on the size of files or on a user's share is reached. */
export type DiskFault = { readonly code: "disk-full"; readonly path: string };

/** Words for it; what starting again does is added by the command that failed. */
export const DISK_TEXTS: Texts<DiskFault> = {
  "disk-full": ({ path }) => ({
    cause: `There is no space left to write ${path}; what was recorded before is intact.`,
    next: "Free some disk space, then start it again.",
    commands: [{ again: {} }],
  }),
};

const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "a file stands where a folder should be",
  EISDIR: "it is a folder, not a file",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the path is too long",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
};

/** Whether a failed call failed for want of space. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EFBIG", "EDQUOT"].includes(systemCodeOf(error));
}

/** Why the system refused a path, in words; null when the error is of another kind. */
export function fileRefusal(error: unknown): string | null {
  return REFUSALS[systemCodeOf(error)] ?? null;
}

/** Why a file is of no use, whatever was thrown. */
export function fileReason(error: unknown): string {
  return fileRefusal(error) ?? reasonOf(error);
}

/** How long a pipe may keep its reader waiting in all. */
const PIPE_MS = 5000;
const LOOK_MS = 10;
const CHUNK_BYTES = 1 << 16;
/** Without O_NONBLOCK the opening of a pipe that nobody writes into never returns. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** Collects what is read of one open file; says when it is whole, or why it never will be. */
class Reading {
  readonly #limitBytes: number;
  readonly #isPipe: boolean;
  readonly #until = performance.now() + PIPE_MS;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** Where the next bytes go: room for one more than a file says that it has. */
  next: Buffer;

  /** @throws Error: neither a file nor a pipe, or longer than `limitBytes` */
  constructor(stats: Stats, limitBytes: number) {
    if (stats.isDirectory()) throw new Error(REFUSALS["EISDIR"]);
    if (stats.isSocket()) throw new Error("it is a socket, not a file");
    this.#isPipe = stats.isFIFO();
    if (!this.#isPipe && !stats.isFile()) throw new Error("it is a device, not a file");
    this.#limitBytes = limitBytes;
    if (stats.size > limitBytes)
      throw new Error(`its ${stats.size} bytes are more than the ${limitBytes} that it may have`);
    this.next = Buffer.allocUnsafe(stats.size === 0 ? CHUNK_BYTES : stats.size + 1);
  }

  /** Takes `bytes` that lie in `next`. @throws Error: too many */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limitBytes)
      throw new Error(`it has more than the ${this.#limitBytes} bytes that it may have`);
    // Small pieces of a pipe must not each keep a large buffer alive.
    this.#chunks.push(
      this.#isPipe ? Buffer.from(this.next.subarray(0, bytes)) : this.next.subarray(0, bytes),
    );
    if (this.#isPipe) this.#requireTime();
    else this.next = Buffer.allocUnsafe(CHUNK_BYTES);
  }

  /** Whether nothing more can come; `waits`: somebody has the pipe open and has not written. */
  isOver(waits: boolean): boolean {
    // A pipe without a byte may be one whose writer is not there yet.
    const goesOn = this.#isPipe && (waits || this.#bytes === 0);
    if (goesOn) this.#requireTime();
    return !goesOn;
  }

  #requireTime(): void {
    if (performance.now() < this.#until) return;
    const seconds = PIPE_MS / 1000;
    throw new Error(
      this.#bytes === 0
        ? `nothing came out of this pipe in ${seconds} s`
        : `this pipe did not end in ${seconds} s`,
    );
  }

  /** Everything that was taken. */
  get whole(): Buffer {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
  }
}

/** Whether a pipe has a writer that has not written: no failure, but nothing to read. */
function isWaiting(error: unknown): boolean {
  if (systemCodeOf(error) === "EAGAIN") return true;
  throw error;
}

/**
 * A file's bytes, or all that comes out of a pipe within some seconds. What has no end is refused: a device, a socket.
 * @throws Error whose `fileReason` says why: of the system, of another kind than a file, longer than `limitBytes`
 */
export async function readWholeFile(path: string, limitBytes: number): Promise<Buffer> {
  const file = await open(path, OPEN_FLAGS);
  try {
    const reading = new Reading(await file.stat(), limitBytes);
    for (;;) {
      const found = await file.read(reading.next).catch((error: unknown) => isWaiting(error));
      const bytes = found === true || found === false ? 0 : found.bytesRead;
      if (bytes > 0) reading.take(bytes);
      else if (reading.isOver(found === true)) return reading.whole;
      else await sleep(LOOK_MS);
    }
  } finally {
    await file.close();
  }
}

/** Sleeps without giving anything else a turn. */
function sleepSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** `readWholeFile` for what is read before anything else can happen. @throws Error as it */
export function readWholeFileSync(path: string, limitBytes: number): Buffer {
  const file = openSync(path, OPEN_FLAGS);
  try {
    const reading = new Reading(fstatSync(file), limitBytes);
    for (;;) {
      let bytes = 0;
      let waits = false;
      try {
        bytes = readSync(file, reading.next);
      } catch (error) {
        waits = isWaiting(error);
      }
      if (bytes > 0) reading.take(bytes);
      else if (reading.isOver(waits)) return reading.whole;
      else sleepSync(LOOK_MS);
    }
  } finally {
    closeSync(file);
  }
}
