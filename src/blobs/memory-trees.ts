/** @file Block trees in memory, as whole bytes by address: for whoever looks at a subnet and keeps nothing, and for simulated disks. */
import { AssayError } from "../errors.ts";
import {
  BLOCK_BYTES,
  blockDigest,
  type BlockList,
  blocksIn,
  encodeBlockList,
  treeAddress,
  treeRoot,
} from "../protocol/block-tree.ts";
import { concatBytes } from "../protocol/bytes.ts";
import { type Hex, hexOf } from "../protocol/digest.ts";
import { onePiece, type StoredBlob } from "./stored.ts";
import type { TreeStore } from "./trees.ts";

/** @yields the bytes cut into blocks */
function* blocksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) yield bytes.subarray(at, at + BLOCK_BYTES);
}

function listOf(bytes: Uint8Array): BlockList {
  return { bytes: bytes.length, digests: [...blocksOf(bytes)].map(blockDigest) };
}

/** The list of an address, made once; null where no tree of it is there. */
function listsOf(byAddress: ReadonlyMap<Hex, Uint8Array>): (address: Hex) => BlockList | null {
  const lists = new Map<Hex, BlockList | null>();
  return (address) => {
    const bytes = byAddress.get(address);
    if (bytes === undefined || bytes.length === 0) return null;
    const known = lists.get(address);
    if (known !== undefined) return known;
    const made = listOf(bytes);
    const found = treeRoot(made) === address ? made : null;
    lists.set(address, found);
    return found;
  };
}

/** Trees whose bytes are the entries of `byAddress` that have such an address; others are left alone. */
export function memoryTrees(byAddress: Map<Hex, Uint8Array>): TreeStore {
  const list = listsOf(byAddress);
  const addresses = (): Hex[] => [...byAddress.keys()].filter((one) => list(one) !== null);
  const blockAt = (digest: Hex): Uint8Array | null => {
    for (const address of addresses()) {
      const index = list(address)?.digests.findIndex((one) => hexOf(one) === digest) ?? -1;
      if (index >= 0)
        return (
          byAddress.get(address)?.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES) ?? null
        );
    }
    return null;
  };
  return {
    async put(_form, blocks) {
      const parts = Array.from(blocks, (block) => block.slice());
      const bytes = concatBytes(parts);
      const address = treeAddress(bytes);
      byAddress.set(address, bytes);
      return address;
    },
    list: async (address) => list(address),
    async open(address): Promise<StoredBlob | null> {
      const whole = list(address);
      const sent = whole === null ? blockAt(address) : encodeBlockList(whole);
      return sent === null
        ? null
        : { bytes: sent.length, pieces: (range) => onePiece(sent, range) };
    },
    async *blocks(address) {
      const bytes = list(address) === null ? undefined : byAddress.get(address);
      if (bytes === undefined) throw new AssayError({ code: "blob-missing", digest: address });
      yield* blocksOf(bytes);
    },
    async draft(address, { bytes, digests }) {
      const own = list(address) === null ? undefined : byAddress.get(address);
      const whole = own ?? new Uint8Array(bytes);
      return {
        missing: own === undefined ? [...Array(blocksIn(bytes)).keys()] : [],
        add: async (index, block) => whole.set(block, index * BLOCK_BYTES),
        finish: async () => void byAddress.set(treeRoot({ bytes, digests }), whole),
        close: async () => undefined,
      };
    },
    delete: async (address) => void byAddress.delete(address),
    deleteStray: async (address) => void byAddress.delete(address),
    addresses: async () => addresses(),
  };
}
