/** @file The address of what is too large for one answer: a binary tree of digests over its blocks (docs/protocol.md#block-trees). */
import { concatBytes, equalBytes, u64Bytes } from "./bytes.ts";
import { blake2b256Bytes, type Hex, hexOf } from "./digest.ts";

/** Bytes of a block; the last one may be shorter. */
export const BLOCK_BYTES = 1 << 20;
/** Bytes of a digest. */
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 8;

const label = (text: string): Uint8Array => new TextEncoder().encode(text);
/** What is hashed before a block; no node and no tree begins so. */
export const BLOCK_LABEL = label("assay/block/1");
const NODE_LABEL = label("assay/node/1");
const TREE_LABEL = label("assay/tree/1");

/** The digests of all blocks of so many bytes, in order: what a root binds, and what proves each block by itself. */
export type BlockList = { readonly bytes: number; readonly digests: readonly Uint8Array[] };

/** How many blocks so many bytes have. */
export function blocksIn(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES);
}

/** Bytes of block `index`. */
export function blockBytes({ bytes }: Pick<BlockList, "bytes">, index: number): number {
  return Math.min(BLOCK_BYTES, bytes - index * BLOCK_BYTES);
}

/** Digest of one block. */
export function blockDigest(block: Uint8Array): Uint8Array {
  return blake2b256Bytes(concatBytes([BLOCK_LABEL, block]));
}

/** Each pair becomes its node; one without a partner goes up as it is. */
function parents(row: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let at = 0; at < row.length; at += 2) {
    const [left = new Uint8Array(), right] = row.slice(at, at + 2);
    above.push(
      right === undefined ? left : blake2b256Bytes(concatBytes([NODE_LABEL, left, right])),
    );
  }
  return above;
}

/**
 * The address: the topmost digest under the length, which fixes the form of the tree, so that no node can pass for a block.
 * @throws RangeError when the number of digests is not that of the blocks
 */
export function treeRoot({ bytes, digests }: BlockList): Hex {
  if (digests.length !== blocksIn(bytes) || bytes < 1)
    throw new RangeError(`${digests.length} digests are not those of ${bytes} bytes`);
  let row = digests;
  while (row.length > 1) row = parents(row);
  const [top = new Uint8Array()] = row;
  return hexOf(blake2b256Bytes(concatBytes([TREE_LABEL, u64Bytes(bytes), top])));
}

/** The address of bytes that are all here. */
export function treeAddress(bytes: Uint8Array): Hex {
  const digests = Array.from({ length: blocksIn(bytes.length) }, (_, index) =>
    blockDigest(bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)),
  );
  return treeRoot({ bytes: bytes.length, digests });
}

/** Length of the list of so many bytes. */
export function listBytes(bytes: number): number {
  return LENGTH_BYTES + DIGEST_BYTES * blocksIn(bytes);
}

/** A list as it is sent: u64 length, then the digests. */
export function encodeBlockList({ bytes, digests }: BlockList): Uint8Array {
  return concatBytes([u64Bytes(bytes), ...digests]);
}

/** The list that has this root, of bytes from anybody; null for any others. */
export function parseBlockList(encoded: Uint8Array, root: Hex): BlockList | null {
  if (encoded.length < LENGTH_BYTES + DIGEST_BYTES) return null;
  const { buffer, byteOffset } = encoded;
  const length = new DataView(buffer, byteOffset).getBigUint64(0, true);
  if (length < 1n || length > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const bytes = Number(length);
  if (encoded.length !== listBytes(bytes)) return null;
  const digests = Array.from({ length: blocksIn(bytes) }, (_, index) =>
    encoded.slice(LENGTH_BYTES + DIGEST_BYTES * index, LENGTH_BYTES + DIGEST_BYTES * (index + 1)),
  );
  const list = { bytes, digests };
  return treeRoot(list) === root ? list : null;
}

/** Whether bytes are block `index` of a list, by the digest that was computed of them. */
export function isBlock(list: BlockList, index: number, digest: Uint8Array): boolean {
  const expected = list.digests[index];
  return expected !== undefined && equalBytes(expected, digest);
}
