/**
 * @file A blob store in a bucket (docs/protocol.md#stores): what is this node's own lies there alone, and others are sent there to read it;
 * what was fetched from others lies in a folder here.
 */
import { AssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import type { BucketObjects } from "./bucket-objects.ts";
import { BucketTrees } from "./bucket-trees.ts";
import { type BlobStore, type RecordObjects, refuseOversized } from "./directory.ts";
import { addressOf } from "./hashing.ts";
import { Moving, type MovingNews } from "./moving.ts";
import type { StoredBlob } from "./stored.ts";
import type { TreeStore } from "./trees.ts";

/** What a store in a bucket is made of. */
export type BucketBlobsParts = {
  readonly objects: BucketObjects;
  /** Holds what was fetched from others, and the own until the bucket has it. */
  readonly local: BlobStore;
  /** Keeps the own here as well, and brings all that is here into the bucket: of an owner, whose folder is the publication. */
  readonly mirror?: boolean;
  /** Between two tries of what the bucket does not take. */
  readonly againMs?: number;
  readonly news: MovingNews & {
    /** Told of an object that has other bytes than its name says. */
    onWrong(error: AssayError): void;
  };
};

/** Blobs of one node. Writing never waits for the bucket: what was put lies here until it lies there. */
export class BucketBlobs implements BlobStore {
  readonly #parts: BucketBlobsParts;
  readonly #trees: BucketTrees;
  readonly #moving: Moving;
  /** Own blobs that were wrong in the bucket: fetched again, they go back. */
  readonly #damaged = new Set<Hex>();

  constructor(parts: BucketBlobsParts) {
    this.#parts = parts;
    this.#moving = new Moving(parts.news, parts.againMs);
    this.#trees = new BucketTrees({
      objects: parts.objects,
      local: parts.local.trees,
      move: (address) => this.#moveTree(address),
      onWrong: (error) => parts.news.onWrong(error),
    });
  }

  get trees(): TreeStore {
    return this.#trees;
  }

  async enter(runId: Hex): Promise<void> {
    const { objects, local, mirror = false } = this.#parts;
    const isNew = await objects.enter(runId);
    if (!mirror || !isNew) return;
    const trees = new Set(await local.trees.addresses());
    for (const address of await local.addresses())
      if (trees.has(address)) this.#moveTree(address);
      else this.#moveBlob(address);
  }

  /** Waits until the bucket has all that is to be there. */
  moved(): Promise<void> {
    return this.#moving.idle();
  }

  #moveTree(address: Hex): void {
    const { objects, local, mirror = false } = this.#parts;
    if (!objects.isOpen) return;
    this.#moving.add(`tree ${address}`, async () => {
      if ((await this.#trees.upload(address)) && !mirror) await local.trees.delete(address);
    });
  }

  #moveBlob(address: Hex): void {
    const { objects, local, mirror = false } = this.#parts;
    if (!objects.isOpen) return;
    this.#moving.add(`blob ${address}`, async () => {
      const bytes = await local.get(address);
      if (bytes === null) return;
      await objects.put("blobs", address, bytes);
      if (!mirror) await local.delete(address);
    });
  }

  async put(bytes: Uint8Array): Promise<Hex> {
    const address = await this.#parts.local.put(bytes);
    this.#moveBlob(address);
    return address;
  }

  async keep(bytes: Uint8Array): Promise<Hex> {
    const address = await this.#parts.local.put(bytes);
    if (this.#damaged.delete(address)) this.#moveBlob(address);
    return address;
  }

  async get(address: Hex, limitBytes = Infinity): Promise<Uint8Array | null> {
    const { objects, local } = this.#parts;
    const here = await local.get(address, limitBytes);
    const size = objects.bytesOf("blobs", address);
    if (here !== null || size === null) return here;
    refuseOversized(address, size, limitBytes);
    const bytes = await objects.get("blobs", address);
    const found = bytes === null ? "nothing, or more than was put there" : await addressOf(bytes);
    if (found === address) return bytes;
    const place = objects.nameOf("blobs", address);
    const error = new AssayError({ code: "blob-corrupt", digest: address, found, place });
    objects.forget("blobs", address);
    this.#damaged.add(address);
    this.#parts.news.onWrong(error);
    throw error;
  }

  async open(address: Hex): Promise<StoredBlob | null> {
    const { objects, local } = this.#parts;
    const bytes = objects.bytesOf("blobs", address);
    if (bytes === null) return (await local.open(address)) ?? this.#trees.open(address);
    return {
      bytes,
      async *pieces(range) {
        yield (await objects.get("blobs", address, range)) ?? new Uint8Array();
      },
      elsewhere: () => objects.urlFor("blobs", address),
    };
  }

  async has(address: Hex): Promise<boolean> {
    const { objects, local } = this.#parts;
    const isThere = objects.has("blobs", address) || objects.has("trees", address);
    return isThere || local.has(address);
  }

  async delete(address: Hex): Promise<void> {
    const { objects, local } = this.#parts;
    await local.delete(address);
    await objects.remove("blobs", address);
    await this.#trees.delete(address);
  }

  async addresses(): Promise<readonly Hex[]> {
    const { objects, local } = this.#parts;
    const there = [...objects.addresses("blobs"), ...objects.addresses("trees")];
    return [...new Set([...(await local.addresses()), ...there])];
  }

  get records(): RecordObjects {
    const { objects } = this.#parts;
    return {
      put: (window, line) => {
        const name = String(window);
        if (!objects.isOpen || objects.has("records", name)) return;
        this.#moving.add(`record ${name}`, () =>
          objects.put("records", name, new TextEncoder().encode(line)),
        );
      },
      removeBefore: async (oldest) => {
        for (const name of objects.names("records"))
          if (Number(name) < oldest) await objects.remove("records", name);
      },
    };
  }
}
