/** @file Bytes that are read by range, wherever they lie: in memory, in a file, behind an address. */
import { type FileHandle, open } from "node:fs/promises";
import { fileReason } from "../../base/files.ts";
import { AssayError } from "../errors.ts";

/** Bytes of a known length. */
export type RangeFile = {
  /** Where they lie, for people: a path or an address, never with a secret in it. */
  readonly name: string;
  readonly size: number;
  /**
   * Bytes start..end-1; all of them, or it throws.
   * @throws AssayError data-unreadable, data-source-failed
   */
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
};

/** Bytes that are there already. */
export function memoryFile(name: string, bytes: Uint8Array): RangeFile {
  return {
    name,
    size: bytes.length,
    read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
    close: () => Promise.resolve(),
  };
}

/** Of a file behind an address, what is read at once when somebody reads on and on. */
const AHEAD_BYTES = 4 << 20;

/** The same file for whoever reads it from its beginning to its end in small parts: fewer and larger reads. */
export function readAhead(file: RangeFile): RangeFile {
  let held = { start: 0, bytes: new Uint8Array() };
  return {
    ...file,
    async read(start, end) {
      const { length } = held.bytes;
      if (start < held.start || end > held.start + length) {
        const until = Math.min(file.size, Math.max(end, start + AHEAD_BYTES));
        held = { start, bytes: new Uint8Array(await file.read(start, until)) };
      }
      return held.bytes.subarray(start - held.start, end - held.start);
    },
  };
}

async function readWhole(file: FileHandle, name: string, [start, end]: readonly [number, number]) {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0)
      throw new AssayError({
        code: "data-unreadable",
        path: name,
        reason: `it became shorter while it was read: it ends at byte ${start + at}`,
      });
    at += bytesRead;
  }
  return bytes;
}

/** A file on this machine. @throws AssayError data-unreadable */
export async function localFile(path: string): Promise<RangeFile> {
  const refuse = (cause: unknown): never => {
    if (cause instanceof AssayError) throw cause;
    throw new AssayError({ code: "data-unreadable", path, reason: fileReason(cause) }, { cause });
  };
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    return refuse(cause);
  }
  const { size } = await file.stat();
  return {
    name: path,
    size,
    read: (start, end) => readWhole(file, path, [start, end]).catch(refuse),
    close: () => file.close(),
  };
}
