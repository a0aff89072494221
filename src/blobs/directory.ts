/** @file Content-addressed files in one folder: nothing is returned that does not hash to its address. */
import { mkdirSync } from "node:fs";
import { access, rm } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere, writeAtomically } from "../disk/atomic-file.ts";
import { AssayError } from "../errors.ts";
import { blake2b256, type Hex } from "../protocol/digest.ts";

/** Blobs by address; the address of bytes is their Blake2b-256 (docs/protocol.md#5-digests). */
export type BlobStore = {
  /** Stores `bytes` and returns their address. @throws AssayError disk-full */
  put(bytes: Uint8Array): Promise<Hex>;
  /** The bytes at `address`, or null when unknown. @throws AssayError blob-corrupt */
  get(address: Hex): Promise<Uint8Array | null>;
  has(address: Hex): Promise<boolean>;
  delete(address: Hex): Promise<void>;
};

/** A blob store in `folder`, made if missing. */
export function openBlobs(folder: string): BlobStore {
  mkdirSync(folder, { recursive: true });
  const pathOf = (address: Hex): string => join(folder, address.slice(2));
  const has = (address: Hex): Promise<boolean> =>
    access(pathOf(address)).then(
      () => true,
      () => false,
    );
  return {
    has,
    async put(bytes) {
      const address = blake2b256(bytes);
      if (!(await has(address))) await writeAtomically(pathOf(address), bytes);
      return address;
    },
    async get(address) {
      const read = await readIfThere(pathOf(address));
      if (read === null) return null;
      const bytes = new Uint8Array(read);
      const found = blake2b256(bytes);
      if (found !== address) throw new AssayError({ code: "blob-corrupt", digest: address, found });
      return bytes;
    },
    delete: (address) => rm(pathOf(address), { force: true }),
  };
}
