/** @file Content-addressed files in one folder: hashed when stored and when read here, not when they are passed on. */
import { createReadStream } from "node:fs";
import { access, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { makeFolder } from "../../base/folders.ts";
import { systemCodeOf } from "../../base/fault.ts";
import { readIfThere, writeAtomically } from "../disk/atomic-file.ts";
import { AssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import { addressOf } from "./hashing.ts";

/** A blob whose size is known and of which nothing has been read. */
export type StoredBlob = {
  readonly bytes: number;
  /** Its bytes as they lie there, unhashed, in pieces. */
  stream(): Readable;
};

/** Blobs by address; the address of bytes is their Blake2b-256 (docs/protocol.md#5-digests). */
export type BlobStore = {
  /** Stores `bytes` and returns their address. @throws AssayError disk-full */
  put(bytes: Uint8Array): Promise<Hex>;
  /**
   * The bytes at `address`, or null when unknown. Above `limitBytes` they are neither read nor hashed.
   * @throws AssayError blob-corrupt, blob-oversized
   */
  get(address: Hex, limitBytes?: number): Promise<Uint8Array | null>;
  /** The blob at `address` for whoever passes it on: the reader hashes it. Null when unknown. */
  open(address: Hex): Promise<StoredBlob | null>;
  has(address: Hex): Promise<boolean>;
  delete(address: Hex): Promise<void>;
};

/** How much of a blob is in memory while it is passed on. */
const PIECE_BYTES = 64 * 1024;

/** The size of a file, or null when there is none. */
async function sizeIfThere(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Refuses a blob by its size alone. @throws AssayError blob-oversized */
export function refuseOversized(digest: Hex, bytes: number, limitBytes: number): void {
  if (bytes > limitBytes)
    throw new AssayError({ code: "blob-oversized", digest, bytes, limitBytes });
}

/** A blob store in `folder`, made if missing. */
export function openBlobs(folder: string): BlobStore {
  makeFolder(folder);
  const pathOf = (address: Hex): string => join(folder, address.slice(2));
  const has = (address: Hex): Promise<boolean> =>
    access(pathOf(address)).then(
      () => true,
      () => false,
    );
  return {
    has,
    async put(bytes) {
      const address = await addressOf(bytes);
      if (!(await has(address))) await writeAtomically(pathOf(address), bytes);
      return address;
    },
    async get(address, limitBytes = Infinity) {
      const path = pathOf(address);
      const size = await sizeIfThere(path);
      if (size === null) return null;
      refuseOversized(address, size, limitBytes);
      const read = await readIfThere(path);
      if (read === null) return null;
      const bytes = new Uint8Array(read);
      const found = await addressOf(bytes);
      if (found !== address) throw new AssayError({ code: "blob-corrupt", digest: address, found });
      return bytes;
    },
    async open(address) {
      const path = pathOf(address);
      const bytes = await sizeIfThere(path);
      if (bytes === null) return null;
      // A file never changes after its rename; what may have grown by damage stays out of the announced length.
      const end = Math.max(0, bytes - 1);
      const stream = (): Readable => createReadStream(path, { end, highWaterMark: PIECE_BYTES });
      return { bytes, stream };
    },
    delete: (address) => rm(pathOf(address), { force: true }),
  };
}
