/** @file Content-addressed files in one folder: hashed when stored and when read here, not when they are passed on. */
import { access, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../base/folders.ts";
import { systemCodeOf } from "../../base/fault.ts";
import { readIfThere, writeAtomically } from "../disk/atomic-file.ts";
import { AssayError } from "../errors.ts";
import { type Hex, isHex } from "../protocol/digest.ts";
import { addressOf } from "./hashing.ts";
import { type ByteRange, PIECE_BYTES, type StoredBlob } from "./stored.ts";
import { openTrees, type TreeStore } from "./trees.ts";

/** Records of windows beside the blobs, for whoever reads a store and asks nobody: the chain's votes prove them. */
export type RecordObjects = {
  /** Puts one there, once. */
  put(window: number, line: string): void;
  /** @throws AssayError store-failed */
  removeBefore(window: number): Promise<void>;
};

/** Blobs by address; the address of bytes is their Blake2b-256 (docs/protocol.md#5-digests). */
export type BlobStore = {
  /** What is too large to be one blob. `has`, `delete` and `addresses` mean trees as well; `open` knows their lists and blocks. */
  readonly trees: TreeStore;
  /** Stores `bytes`, which are this node's own, and returns their address. @throws AssayError disk-full */
  put(bytes: Uint8Array): Promise<Hex>;
  /** Stores what was fetched from others, where that goes elsewhere than the own. @throws AssayError disk-full */
  keep?(bytes: Uint8Array): Promise<Hex>;
  /** From now on what is put belongs to this run, where a store keeps runs apart. @throws AssayError store-failed */
  enter?(runId: Hex): Promise<void>;
  readonly records?: RecordObjects;
  /**
   * The bytes at `address`, or null when unknown. Above `limitBytes` they are neither read nor hashed.
   * @throws AssayError blob-corrupt, blob-oversized
   */
  get(address: Hex, limitBytes?: number): Promise<Uint8Array | null>;
  /** The blob at `address` for whoever passes it on: the reader hashes it. Null when unknown. */
  open(address: Hex): Promise<StoredBlob | null>;
  has(address: Hex): Promise<boolean>;
  delete(address: Hex): Promise<void>;
  /** Every blob that is there now. */
  addresses(): Promise<readonly Hex[]>;
};

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

/**
 * A range of a file: what may have grown by damage stays out of the announced length. One buffer for all of it: those of a
 * read stream wait for the garbage collector, and many downloads at once are more of them than there is memory to spare.
 */
async function* piecesOf(path: string, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, end - start));
    for (let at = start; at < end;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
      if (bytesRead === 0) throw new Error(`${path} is shorter than it was`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Refuses a blob by its size alone. @throws AssayError blob-oversized */
export function refuseOversized(digest: Hex, bytes: number, limitBytes: number): void {
  if (bytes > limitBytes)
    throw new AssayError({ code: "blob-oversized", digest, bytes, limitBytes });
}

/** Folder of the block trees inside that of the blobs. */
export const TREES = "trees";

/** A blob store in `folder`, made if missing. */
export function openBlobs(folder: string): BlobStore {
  makeFolder(folder);
  const trees = openTrees(join(folder, TREES));
  const pathOf = (address: Hex): string => join(folder, address.slice(2));
  const has = (address: Hex): Promise<boolean> =>
    access(pathOf(address)).then(
      () => true,
      () => false,
    );
  return {
    trees,
    has: async (address) => (await has(address)) || (await trees.list(address)) !== null,
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
      if (bytes === null) return trees.open(address);
      return { bytes, pieces: (range = { start: 0, end: bytes }) => piecesOf(path, range) };
    },
    async delete(address) {
      await rm(pathOf(address), { force: true });
      await trees.delete(address);
    },
    // Drafts of a killed process have other names.
    addresses: async () => [
      ...(await readdir(folder)).flatMap((name): Hex[] =>
        isHex(`0x${name}`, 32) ? [`0x${name}`] : [],
      ),
      ...(await trees.addresses()),
    ],
  };
}
