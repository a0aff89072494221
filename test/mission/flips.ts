/** @file R8: bits of a checkpoint that are flipped one at a time, wherever it lies. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Metagraph, Neuron } from "../../chain/client/metagraph.ts";
import { layoutOf } from "../../kernels/nn/model.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { memoryBlobs } from "../../src/blobs/memory.ts";
import { openTrees, type TreeStore } from "../../src/blobs/trees.ts";
import { blocksOf, formOf } from "../../src/checkpoint/form.ts";
import { memoryFile } from "../../src/data/ranges.ts";
import { isAssayError } from "../../src/errors.ts";
import { BLOCK_BYTES } from "../../src/protocol/block-tree.ts";
import { type Hex, hexOf, isHex } from "../../src/protocol/digest.ts";
import { BlobFinder } from "../../src/run/finder.ts";
import { portOf } from "../support/ports.ts";
import { stub } from "../unit/stub.ts";
import { type Place, restore } from "./tree-places.ts";

/** Flipped bits: in a folder, in a place of files as a bucket is, and of a peer, where each takes seconds. */
export const SEEDS = { folder: 100, place: 30, peer: 2 } as const;
/** Of the checkpoint whose bits are flipped: ten blocks and a half in four files. */
const FLIPPED = layoutOf([
  { name: "a", shape: [700, 1024], decay: true },
  { name: "b", shape: [512, 1024], decay: true },
  { name: "c", shape: [800, 1024], decay: true },
  { name: "d", shape: [680, 1024], decay: true },
]);
/** Files of three MiB at most. */
export const FLIPPED_FORM = formOf(FLIPPED, 3 << 20);
const { signal } = new AbortController();

/** A number below `most` that follows from a seed: xorshift. */
function drawn(seed: number, most: number): number {
  let state = (seed + 1) * 2_654_435_761;
  for (const shift of [13, -17, 5])
    state = (shift > 0 ? state ^ (state << shift) : state ^ (state >>> -shift)) >>> 0;
  return state % most;
}

/** A file with one bit flipped. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

/** Where a bit of the checkpoint lies. */
type Spot = { readonly file: string; readonly bit: number; readonly block: number };

function spotOf(seed: number): Spot {
  const { files, bytes } = FLIPPED_FORM;
  const bit = drawn(seed, bytes * 8);
  const at = Math.floor(bit / 8);
  let start = 0;
  for (const { name, bytes: length } of files) {
    const block = Math.floor(at / BLOCK_BYTES);
    if (at < start + length) return { file: name, bit: bit - 8 * start, block };
    start += length;
  }
  throw new RangeError("no such bit");
}

/** Whether a folder in which one bit of a file is flipped is refused with block and file. */
async function folderIsNamed(
  trees: TreeStore,
  { folder, address }: Stored,
  spot: Spot,
): Promise<boolean> {
  const path = join(folder, spot.file);
  const right = readFileSync(path);
  writeFileSync(path, flipped(right, spot.bit));
  try {
    for await (const one of trees.blocks(address)) void one;
    return false;
  } catch (error) {
    const words = [`block ${spot.block} in `, spot.file];
    return (
      isAssayError(error, "blob-corrupt") && words.every((word) => error.message.includes(word))
    );
  } finally {
    writeFileSync(path, right);
  }
}

/** Whether a place of files, one with a flipped bit, is refused with block and file, and nothing of it is taken for the checkpoint. */
async function placeIsNamed(
  { folder, address }: Stored,
  { file, bit, block }: Spot,
): Promise<boolean> {
  const place: Place = async (name) => {
    const bytes = readFileSync(join(folder, name));
    return memoryFile(name, name === file ? flipped(bytes, bit) : bytes);
  };
  const { trees } = memoryBlobs();
  const found = await restore(address, place, trees);
  const isNamed = typeof found === "object" && found.block === block && found.files.includes(file);
  return isNamed && (await trees.list(address)) === null;
}

/** A checkpoint in a folder of trees, and the bits of it that were flipped and not refused with what they lie in. */
export type Flips = {
  readonly trees: TreeStore;
  readonly address: Hex;
  readonly unnamed: Readonly<Record<keyof typeof SEEDS, number>>;
};

/** A checkpoint that lies in its own folder. */
type Stored = { readonly folder: string; readonly address: Hex };

/** Flips bits of a checkpoint in many files, one at a time. */
export async function flips(t: TestContext, root: string): Promise<Flips> {
  const theta = Float32Array.from({ length: FLIPPED.total }, (_, at) => Math.sin(at));
  const path = join(root, "flips");
  const trees = openTrees(path);
  const address = await trees.put(FLIPPED_FORM, blocksOf(FLIPPED_FORM, theta));
  const stored = { folder: join(path, address.slice(2)), address };
  const list = (await trees.list(address)) ?? assert.fail("no list");
  const tried: Readonly<Record<keyof typeof SEEDS, (spot: Spot) => Promise<boolean>>> = {
    folder: (spot) => folderIsNamed(trees, stored, spot),
    place: (spot) => placeIsNamed(stored, spot),
    peer: ({ block }) =>
      peerIsNamed(t, {
        root,
        trees,
        address,
        digest: hexOf(list.digests[block] ?? new Uint8Array()),
      }),
  };
  const unnamed = { folder: 0, place: 0, peer: 0 };
  for (const where of ["folder", "place", "peer"] as const)
    for (let seed = 0; seed < SEEDS[where]; seed++)
      if (!(await tried[where](spotOf(seed + 1000 * where.length)))) unnamed[where] += 1;
  return { trees, address, unnamed };
}

/** Whether a peer that serves one block with a flipped bit is refused with that block. */
async function peerIsNamed(
  t: TestContext,
  {
    root,
    trees,
    address,
    digest,
  }: {
    readonly root: string;
    readonly trees: TreeStore;
    readonly address: Hex;
    readonly digest: Hex;
  },
): Promise<boolean> {
  const server = createServer((request, response) => {
    const asked = (request.url ?? "").replace("/blobs/", "");
    void (isHex(asked) ? trees.open(asked) : Promise.resolve(null)).then(async (found) => {
      if (found === null) return response.writeHead(404).end();
      const parts: Uint8Array[] = [];
      // The pieces share one buffer, and a slice of a Buffer is a view.
      for await (const piece of found.pieces()) parts.push(new Uint8Array(piece));
      const bytes = Buffer.concat(parts);
      return response.end(asked === digest ? Buffer.from(flipped(bytes, 8 * 1000 + 3)) : bytes);
    });
  });
  const axon = { ip: "127.0.0.1", port: await portOf(server) };
  t.after(() => server.close());
  const neurons = [
    stub<Neuron>({
      hotkey: `0x${"01".repeat(32)}`,
      axon: stub<NonNullable<Neuron["axon"]>>(axon),
    }),
  ];
  // Of the chain only who has which address.
  const chain = { metagraph: () => Promise.resolve(stub<Metagraph>({ neurons })) };
  const blobs = openBlobs(mkdtempSync(join(root, "peer-")));
  const finder = new BlobFinder({ netuid: 1, allowPrivate: true }, { chain, blobs });
  const wrong = new Set<string>();
  const onWrong = (one: { readonly digest: Hex }): void => void wrong.add(one.digest);
  const found = await finder.findTree(address, FLIPPED_FORM, { patient: false, signal, onWrong });
  return (
    !found && wrong.size === 1 && wrong.has(digest) && (await blobs.trees.list(address)) === null
  );
}
