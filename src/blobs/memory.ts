/** @file A blob store in memory: for whoever looks at a subnet and keeps nothing. */
import type { Hex } from "../protocol/digest.ts";
import { type BlobStore, refuseOversized } from "./directory.ts";
import { addressOf } from "./hashing.ts";
import { memoryTrees } from "./memory-trees.ts";
import { onePiece } from "./stored.ts";

/** An empty store that is gone with the process. */
export function memoryBlobs(): BlobStore {
  const byAddress = new Map<Hex, Uint8Array>();
  const trees = memoryTrees(new Map());
  return {
    trees,
    async put(bytes) {
      const address = await addressOf(bytes);
      byAddress.set(address, bytes);
      return address;
    },
    async get(address, limitBytes = Infinity) {
      const bytes = byAddress.get(address);
      if (bytes === undefined) return null;
      refuseOversized(address, bytes.length, limitBytes);
      return bytes;
    },
    async open(address) {
      const bytes = byAddress.get(address);
      if (bytes === undefined) return trees.open(address);
      return { bytes: bytes.length, pieces: (range) => onePiece(bytes, range) };
    },
    has: async (address) => byAddress.has(address) || (await trees.list(address)) !== null,
    async delete(address) {
      byAddress.delete(address);
      await trees.delete(address);
    },
    addresses: async () => [...byAddress.keys(), ...(await trees.addresses())],
  };
}
