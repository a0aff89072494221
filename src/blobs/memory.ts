/** @file A blob store in memory: for whoever looks at a subnet and keeps nothing. */
import { blake2b256, type Hex } from "../protocol/digest.ts";
import type { BlobStore } from "./directory.ts";

/** An empty store that is gone with the process. */
export function memoryBlobs(): BlobStore {
  const byAddress = new Map<Hex, Uint8Array>();
  return {
    async put(bytes) {
      const address = blake2b256(bytes);
      byAddress.set(address, bytes);
      return address;
    },
    get: async (address) => byAddress.get(address) ?? null,
    has: async (address) => byAddress.has(address),
    async delete(address) {
      byAddress.delete(address);
    },
  };
}
