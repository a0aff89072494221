/** @file The file that describes a block tree in its folder: how it is cut into files, and the digests of its blocks. */
import { z } from "zod";
import { BLOCK_BYTES, type BlockList, blocksIn, treeRoot } from "../protocol/block-tree.ts";
import { bytesOf, type Hex, hexOf, isHex } from "../protocol/digest.ts";
import { formBytes, type TreeFile } from "./tree-files.ts";

/** Name of the file. */
export const MANIFEST = "manifest.json";
const FORMAT = "assay/checkpoint/1";
const digest = z.custom<Hex>((value) => typeof value === "string" && isHex(value, 32));

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  address: digest,
  bytes: z.int().min(1),
  blockBytes: z.literal(BLOCK_BYTES),
  files: z.array(
    z.strictObject({ name: z.string().regex(/^[A-Za-z\d][\w.-]{0,99}$/), bytes: z.int().min(0) }),
  ),
  blocks: z.array(digest),
});

/** What a manifest says. */
export type TreeManifest = { readonly files: readonly TreeFile[]; readonly list: BlockList };

/** A manifest of the tree at `address`; null for a text that is damaged or describes another one. */
export function parseTreeManifest(text: string, address: Hex): TreeManifest | null {
  try {
    const value: unknown = JSON.parse(text);
    const { files, bytes, blocks, ...named } = manifestSchema.parse(value);
    if (blocks.length !== blocksIn(bytes) || formBytes({ files }) !== bytes) return null;
    const list = { bytes, digests: blocks.map(bytesOf) };
    if (named.address !== address || treeRoot(list) !== address) return null;
    const manifest = { files, list };
    // One spelling, so that any change of the file is seen.
    return treeManifestText(address, manifest) === text ? manifest : null;
  } catch {
    return null;
  }
}

/** The manifest of the tree at `address`. */
export function treeManifestText(address: Hex, { files, list }: TreeManifest): string {
  const manifest = {
    format: FORMAT,
    address,
    bytes: list.bytes,
    blockBytes: BLOCK_BYTES,
    files,
    blocks: list.digests.map(hexOf),
  };
  return `${JSON.stringify(manifest, null, 1)}\n`;
}
