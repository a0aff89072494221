/** @file Block trees in a bucket: each block an object by its digest, and the list of each tree, put last, by its address. */
import { AssayError, isAssayError } from "../errors.ts";
import {
  blockBytes,
  type BlockList,
  encodeBlockList,
  isBlock,
  parseBlockList,
} from "../protocol/block-tree.ts";
import { type Hex, hexOf } from "../protocol/digest.ts";
import type { BucketObjects } from "./bucket-objects.ts";
import { digestOfBlock } from "./hashing.ts";
import type { TreeForm } from "./tree-files.ts";
import type { TreeDraft, TreeStore } from "./trees.ts";

/** What a store of trees in a bucket is made of. */
export type BucketTreesParts = {
  readonly objects: BucketObjects;
  /** What was fetched, and what is on its way into the bucket. */
  readonly local: TreeStore;
  /** A tree lies here that belongs into the bucket. */
  readonly move: (address: Hex) => void;
  /** Told of an object that has other bytes than its name says. */
  readonly onWrong: (error: AssayError) => void;
};

/** Blocks that are asked for at once. */
const AHEAD = 4;

/** Trees of one node: the own ones in the bucket, those of others here. */
export class BucketTrees implements TreeStore {
  readonly #parts: BucketTreesParts;
  readonly #lists = new Map<Hex, BlockList>();
  /** Own trees of which a part was wrong: fetched again, they go back into the bucket. */
  readonly #damaged = new Set<Hex>();
  readonly #made = new Set<Hex>();

  constructor(parts: BucketTreesParts) {
    this.#parts = parts;
  }

  async put(form: TreeForm, blocks: Iterable<Uint8Array>): Promise<Hex> {
    const address = await this.#parts.local.put(form, blocks);
    this.#made.add(address);
    this.#parts.move(address);
    return address;
  }

  /** Brings a tree that lies here into the bucket, its list last. @throws AssayError store-failed, blob-corrupt */
  async upload(address: Hex): Promise<boolean> {
    const { local, objects } = this.#parts;
    const list = await local.list(address);
    if (list === null) return false;
    let index = 0;
    for await (const block of local.blocks(address)) {
      const digest = list.digests[index++];
      if (digest !== undefined) await objects.put("blocks", hexOf(digest), block);
    }
    await objects.put("trees", address, encodeBlockList(list));
    this.#lists.set(address, list);
    return true;
  }

  async list(address: Hex): Promise<BlockList | null> {
    return (await this.#parts.local.list(address)) ?? this.#listThere(address);
  }

  async #listThere(address: Hex): Promise<BlockList | null> {
    const { objects } = this.#parts;
    const known = this.#lists.get(address);
    if (known !== undefined || !objects.has("trees", address)) return known ?? null;
    let encoded: Uint8Array | null;
    try {
      encoded = await objects.get("trees", address);
    } catch (error) {
      // A store that is away has nothing: others are asked.
      if (isAssayError(error, "store-failed")) return null;
      throw error;
    }
    const list = encoded === null ? null : parseBlockList(encoded, address);
    if (list === null) this.#wrong("trees", address, { tree: address, found: "other bytes" });
    else this.#lists.set(address, list);
    return list;
  }

  /** Nobody is sent to an object that is wrong; its name is told. */
  #wrong(
    kind: "trees" | "blocks",
    name: Hex,
    { tree, found }: { readonly tree: Hex; readonly found: string },
  ): AssayError {
    const { objects, onWrong } = this.#parts;
    const place = objects.nameOf(kind, name);
    const error = new AssayError({ code: "blob-corrupt", digest: name, found, place });
    objects.forget(kind, name);
    this.#damaged.add(tree);
    onWrong(error);
    return error;
  }

  async open(address: Hex): ReturnType<TreeStore["open"]> {
    const { objects, local } = this.#parts;
    for (const kind of ["trees", "blocks"] as const) {
      const bytes = objects.bytesOf(kind, address);
      if (bytes === null) continue;
      return {
        bytes,
        async *pieces(range) {
          yield (await objects.get(kind, address, range)) ?? new Uint8Array();
        },
        elsewhere: () => objects.urlFor(kind, address),
      };
    }
    return local.open(address);
  }

  async *blocks(address: Hex): AsyncGenerator<Uint8Array> {
    const { local } = this.#parts;
    const isHere = (await local.list(address)) !== null;
    yield* isHere ? local.blocks(address) : this.#blocksThere(address);
  }

  async *#blocksThere(address: Hex): AsyncGenerator<Uint8Array> {
    const list = await this.#listThere(address);
    if (list === null) throw new AssayError({ code: "blob-missing", digest: address });
    const coming: Promise<Uint8Array>[] = [];
    const ask = (index: number): void => {
      const block = this.#block(address, list, index);
      block.catch(() => undefined);
      coming.push(block);
    };
    for (let index = 0; index < Math.min(AHEAD, list.digests.length); index++) ask(index);
    for (let index = 0; index < list.digests.length; index++) {
      if (index + AHEAD < list.digests.length) ask(index + AHEAD);
      const block = await coming.shift();
      if (block !== undefined) yield block;
    }
  }

  /** One block from the bucket, looked at. @throws AssayError blob-corrupt, blob-missing, store-failed */
  async #block(tree: Hex, list: BlockList, index: number): Promise<Uint8Array> {
    const { objects } = this.#parts;
    const name = hexOf(list.digests[index] ?? new Uint8Array());
    const bytes = await objects.get("blocks", name);
    if (bytes === null) {
      objects.forget("blocks", name);
      this.#damaged.add(tree);
      throw new AssayError({ code: "blob-missing", digest: `${tree} (block ${index}, ${name})` });
    }
    const digest = await digestOfBlock(bytes);
    if (bytes.length === blockBytes(list, index) && isBlock(list, index, digest)) return bytes;
    throw this.#wrong("blocks", name, { tree, found: hexOf(digest) });
  }

  async draft(address: Hex, list: BlockList, form: TreeForm): Promise<TreeDraft> {
    const draft = await this.#parts.local.draft(address, list, form);
    return {
      ...draft,
      finish: async () => {
        await draft.finish();
        if (!this.#damaged.delete(address)) return;
        this.#parts.objects.forget("trees", address);
        this.#parts.move(address);
      },
    };
  }

  /** Removes a tree: its list first, then the blocks that no other tree of this node has. */
  async delete(address: Hex): Promise<void> {
    const { local, objects } = this.#parts;
    this.#made.delete(address);
    this.#damaged.delete(address);
    await local.delete(address);
    if (!objects.has("trees", address)) return;
    const list = await this.#listThere(address);
    await objects.remove("trees", address);
    this.#lists.delete(address);
    const others = new Set<Hex>();
    for (const other of objects.addresses("trees"))
      for (const digest of (await this.#listThere(other))?.digests ?? []) others.add(hexOf(digest));
    for (const digest of list?.digests ?? [])
      if (!others.has(hexOf(digest))) await objects.remove("blocks", hexOf(digest));
  }

  async deleteStray(address: Hex): Promise<void> {
    await this.#parts.local.deleteStray(address);
    if (!this.#made.has(address) && this.#parts.objects.has("trees", address))
      await this.delete(address);
  }

  async addresses(): Promise<readonly Hex[]> {
    const there = this.#parts.objects.addresses("trees");
    return [...new Set([...(await this.#parts.local.addresses()), ...there])];
  }
}
