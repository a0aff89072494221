/** @file Fetches a block tree: its list of digests first, then what is missing of it, several blocks at a time and each from whoever has it. */
import { digestOfBlock } from "../blobs/hashing.ts";
import { formBytes, type TreeForm } from "../blobs/tree-files.ts";
import type { TreeDraft, TreeStore } from "../blobs/trees.ts";
import { blockBytes, type BlockList, listBytes, parseBlockList } from "../protocol/block-tree.ts";
import { type Hex, hexOf } from "../protocol/digest.ts";

/** What one question to the axons may be answered with. */
type Sought = {
  /** Who is asked first: with another turn, another one. */
  readonly turn: number;
  /** A block of a tree whose list somebody had. */
  readonly isBlock: boolean;
  readonly limitBytes: number;
  /** The address that the answer has. */
  readonly hash: (bytes: Uint8Array) => Promise<Hex>;
};

/** Where a tree comes from, and where it goes. */
export type TreeSearchParts = {
  readonly trees: TreeStore;
  readonly signal: AbortSignal;
  /** Told how many blocks are here, of how many. */
  readonly onBlock?: (here: number, of: number) => void;
  /** The bytes of this address from any axon; null when nobody has them. */
  readonly seek: (address: Hex, sought: Sought) => Promise<Uint8Array | null>;
};

/** Blocks that are asked for at the same time, where the line carries as many (line.ts). */
const AT_ONCE = 4;

/** The list of a tree of this length: from here, or from anybody, since the address proves it. */
async function findList(
  address: Hex,
  bytes: number,
  { trees, seek }: TreeSearchParts,
): Promise<BlockList | null> {
  const own = await trees.list(address);
  if (own !== null) return own.bytes === bytes ? own : null;
  const hash = async (encoded: Uint8Array): Promise<Hex> =>
    parseBlockList(encoded, address) === null ? "0x" : address;
  const encoded = await seek(address, {
    turn: 0,
    isBlock: false,
    limitBytes: listBytes(bytes),
    hash,
  });
  const list = encoded === null ? null : parseBlockList(encoded, address);
  return list?.bytes === bytes ? list : null;
}

/** Fetches what a draft misses; false when a block is to be had from nobody now. */
async function fill(
  draft: TreeDraft,
  list: BlockList,
  { seek, signal, onBlock }: TreeSearchParts,
): Promise<boolean> {
  const left = draft.missing.values();
  const of = list.digests.length;
  let here = of - draft.missing.length;
  let whole = true;
  const work = async (): Promise<void> => {
    for (const index of left) {
      signal.throwIfAborted();
      const digest = list.digests[index];
      if (!whole || digest === undefined) return;
      const block = await seek(hexOf(digest), {
        turn: index,
        isBlock: true,
        limitBytes: blockBytes(list, index),
        hash: async (bytes) => hexOf(await digestOfBlock(bytes)),
      });
      if (block === null) whole = false;
      else {
        await draft.add(index, block);
        onBlock?.(++here, of);
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return whole;
}

/**
 * Whether the tree at `address` is here now, whole and in this form. Blocks that are here and right are not asked for again, after
 * a break as after damage.
 * @throws AssayError disk-full; the reason of `signal` when it aborts
 */
export async function fetchTree(
  address: Hex,
  form: TreeForm,
  parts: TreeSearchParts,
): Promise<boolean> {
  const list = await findList(address, formBytes(form), parts);
  if (list === null) return false;
  if (await isWhole(parts.trees, address)) return true;
  const draft = await parts.trees.draft(address, list, form);
  try {
    const whole = await fill(draft, list, parts);
    if (whole) await draft.finish();
    return whole;
  } finally {
    await draft.close();
  }
}

/** Whether every block of a tree is here and right. */
async function isWhole(trees: TreeStore, address: Hex): Promise<boolean> {
  try {
    for await (const block of trees.blocks(address)) void block;
    return true;
  } catch {
    return false;
  }
}
