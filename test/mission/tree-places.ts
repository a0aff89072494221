/** @file Where the weights of a run may lie: a folder or a bucket, sent there parts first and manifest last, and read back block by block. */
import { digestOfBlock } from "../../src/blobs/hashing.ts";
import { filesOf, type TreeForm } from "../../src/blobs/tree-files.ts";
import { MANIFEST, parseTreeManifest } from "../../src/blobs/tree-manifest.ts";
import type { TreeStore } from "../../src/blobs/trees.ts";
import type { RangeFile } from "../../src/data/ranges.ts";
import { concatBytes } from "../../src/protocol/bytes.ts";
import { BLOCK_BYTES, blockBytes, isBlock } from "../../src/protocol/block-tree.ts";
import type { Hex } from "../../src/protocol/digest.ts";

/** A file of a place by its name; null: it is not there. */
export type Place = (name: string) => Promise<RangeFile | null>;

/** What a place has wrong: a block and the files that it lies in; the manifest has no number. */
export type Wrong = { readonly block: number | null; readonly files: readonly string[] };

/** Came whole; the place has no manifest of this tree; what is wrong with it. */
export type Restored = "whole" | "absent" | Wrong;

/** Names of a tree's files in the order in which they are sent: what describes them last, so that nobody finds what is not whole. */
export function sendingOrder({ files, notes }: TreeForm): readonly string[] {
  return [...files.map(({ name }) => name), ...notes.keys(), MANIFEST];
}

/** Bytes of a tree from its files at a place. */
async function blockAt(
  place: Place,
  files: TreeForm["files"],
  { at, bytes }: { readonly at: number; readonly bytes: number },
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const { name, bytes: length } of files) {
    const [from, to] = [Math.max(at, start), Math.min(at + bytes, start + length)];
    if (from < to) {
      const file = await place(name);
      if (file === null || file.size !== length) return null;
      parts.push(await file.read(from - start, to - start));
    }
    start += length;
  }
  return concatBytes(parts);
}

/**
 * Fetches the tree at `address` from a place into a store: what its manifest says is proven by the address, each block by its digest, and what
 * is here is not fetched again. Nothing is there for others before all of it is right.
 */
export async function restore(address: Hex, place: Place, trees: TreeStore): Promise<Restored> {
  const file = await place(MANIFEST);
  if (file === null) return "absent";
  const text = Buffer.from(await file.read(0, file.size)).toString("utf8");
  const manifest = parseTreeManifest(text, address);
  if (manifest === null) return { block: null, files: [MANIFEST] };
  const { list, files } = manifest;
  const draft = await trees.draft(address, list, { files, notes: new Map() });
  try {
    for (const block of draft.missing) {
      const stretch = { at: block * BLOCK_BYTES, bytes: blockBytes(list, block) };
      const bytes = await blockAt(place, files, stretch);
      if (bytes === null || !isBlock(list, block, await digestOfBlock(bytes)))
        return { block, files: filesOf(files, stretch) };
      await draft.add(block, bytes);
    }
    await draft.finish();
    return "whole";
  } finally {
    await draft.close();
  }
}
