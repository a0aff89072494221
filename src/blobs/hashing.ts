/** @file Digests of bytes of any size, computed in WebAssembly and in slices, so that the event loop never stands still for one. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { createBLAKE2b, type IHasher } from "hash-wasm";
import { BLOCK_BYTES, BLOCK_LABEL, treeRoot } from "../protocol/block-tree.ts";
import { type Hex, hexOf } from "../protocol/digest.ts";

/** About a millisecond of hashing. */
const SLICE_BYTES = 1 << 20;
const DIGEST_BITS = 256;

/** For what is done in one slice, before anybody else has a turn. */
const quick = await createBLAKE2b(DIGEST_BITS);
/** Hashers that nobody uses now; each is a small memory of its own. */
const idle: IHasher[] = [];

/** Hashes a piece in slices, with a turn for everybody else between any two. */
async function updateInSlices(hasher: IHasher, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; at += SLICE_BYTES) {
    if (at > 0) await nextTurn();
    hasher.update(piece.subarray(at, at + SLICE_BYTES));
  }
}

/** B2 of `prefix` and `bytes`, equal to blake2b256Bytes bit for bit; `bytes` must not change meanwhile. */
async function digestAfter(prefix: Uint8Array, bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length <= SLICE_BYTES)
    return quick.init().update(prefix).update(bytes).digest("binary");
  const hasher = (idle.pop() ?? (await createBLAKE2b(DIGEST_BITS))).init().update(prefix);
  await updateInSlices(hasher, bytes);
  idle.push(hasher);
  return hasher.digest("binary");
}

const NOTHING = new Uint8Array();

/** B2 of `bytes`, equal to blake2b256Bytes bit for bit; `bytes` must not change meanwhile. */
export function digestBytes(bytes: Uint8Array): Promise<Uint8Array> {
  return digestAfter(NOTHING, bytes);
}

/** The address of `bytes`, equal to blake2b256 bit for bit; `bytes` must not change meanwhile. */
export async function addressOf(bytes: Uint8Array): Promise<Hex> {
  return hexOf(await digestBytes(bytes));
}

/** The digest of a block, equal to blockDigest bit for bit; `block` must not change meanwhile. */
export function digestOfBlock(block: Uint8Array): Promise<Uint8Array> {
  return digestAfter(BLOCK_LABEL, block);
}

/** The address of a tree of `bytes`, equal to treeAddress bit for bit; `bytes` must not change meanwhile. @throws RangeError when empty */
export async function treeAddressOf(bytes: Uint8Array): Promise<Hex> {
  const digests: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    digests.push(await digestOfBlock(bytes.subarray(at, at + BLOCK_BYTES)));
  return treeRoot({ bytes: bytes.length, digests });
}
