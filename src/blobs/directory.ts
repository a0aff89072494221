/** @file Content-addressed files in one folder: nothing is returned that does not hash to its address. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { access, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDiskFull } from "../../base/files.ts";
import { systemCodeOf } from "../../base/fault.ts";
import { AssayError } from "../errors.ts";
import { blake2b256, type Hex } from "../protocol/digest.ts";

/** Blobs by address; the address of bytes is their Blake2b-256 (protocol.md section 5). */
export type BlobStore = {
  /** Stores `bytes` and returns their address. @throws AssayError disk-full */
  put(bytes: Uint8Array): Promise<Hex>;
  /** The bytes at `address`, or null when unknown. @throws AssayError blob-corrupt */
  get(address: Hex): Promise<Uint8Array | null>;
  has(address: Hex): Promise<boolean>;
  delete(address: Hex): Promise<void>;
};

/** Writes `bytes` to `path` so that a crash leaves the old file or the new one. @throws AssayError disk-full */
export async function writeAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(draft, bytes, { flush: true });
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    if (isDiskFull(cause)) throw new AssayError({ code: "disk-full", path }, { cause });
    throw cause;
  }
}

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
      try {
        const bytes = new Uint8Array(await readFile(pathOf(address)));
        const found = blake2b256(bytes);
        if (found !== address)
          throw new AssayError({ code: "blob-corrupt", digest: address, found });
        return bytes;
      } catch (error) {
        if (systemCodeOf(error) === "ENOENT") return null;
        throw error;
      }
    },
    delete: (address) => rm(pathOf(address), { force: true }),
  };
}
