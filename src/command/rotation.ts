/** @file Logs that end: a file of so many bytes, and so many older ones beside it. */
import { copyFileSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";

/** How much of a log is kept: `kept` older files of about `bytes` each, besides the one that is written. */
export type LogLimits = { readonly bytes: number; readonly kept: number };

/** 64 MB of a process: weeks of a node that says what it does in each window. */
const LOG_LIMITS: LogLimits = { bytes: 16_000_000, kept: 3 };

/** Bytes of a regular file; 0 for anything else. */
function bytesOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : 0;
}

/** Makes room for a new `path.1`: each older file goes on by one, and the last one goes. */
function moveOn(path: string, { kept }: LogLimits): void {
  rmSync(`${path}.${kept}`, { force: true });
  for (let number = kept - 1; number >= 1; number--)
    if (bytesOf(`${path}.${number}`) > 0) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
}

/** What a logger writes to. */
export type LogDestination = { write(line: string): void; reopen(): void };

/** Hands lines on, and begins a new file when the one that is written is full. */
export class RotatingLog {
  readonly #destination: LogDestination;
  readonly #path: string;
  readonly #limits: LogLimits;
  #bytes: number;

  /** @param destination that writes to the file at `path`, and opens it anew when asked to */
  constructor(destination: LogDestination, path: string, limits: LogLimits = LOG_LIMITS) {
    this.#destination = destination;
    this.#path = path;
    this.#limits = limits;
    this.#bytes = bytesOf(path);
  }

  /** One line, with its end. */
  write(line: string): void {
    this.#bytes += Buffer.byteLength(line);
    if (this.#bytes > this.#limits.bytes) this.#rotate(Buffer.byteLength(line));
    this.#destination.write(line);
  }

  #rotate(bytes: number): void {
    // Of what was counted, a full disk may have taken nothing.
    const written = bytesOf(this.#path);
    this.#bytes = written + bytes;
    if (written === 0 || this.#bytes <= this.#limits.bytes) return;
    try {
      moveOn(this.#path, this.#limits);
      renameSync(this.#path, `${this.#path}.1`);
      this.#destination.reopen();
    } catch {
      // A folder that refuses costs the rotation, not the work: the file grows on, and the next file's worth of lines tries again.
    }
    this.#bytes = bytes;
  }
}

/**
 * Cuts a log that another process appends to, which holds it open: what is there is copied aside, and the file emptied. Lines that come
 * in between are lost. Does nothing below the limit.
 */
export function cutLog(path: string, limits: LogLimits = LOG_LIMITS): void {
  if (bytesOf(path) <= limits.bytes) return;
  moveOn(path, limits);
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
