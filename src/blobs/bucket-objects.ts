/** @file What one node has put into a bucket for one run: which objects are there, and how they are reached (docs/protocol.md#stores). */
import { type Hex, isHex } from "../protocol/digest.ts";
import type { Bucket } from "./bucket.ts";
import type { ByteRange } from "./stored.ts";

/** Folders below the node's own: blobs, lists of trees, blocks of trees, and the records of windows. */
export type Kind = "blobs" | "trees" | "blocks" | "records";

/** Digits of a run's id in names. */
const RUN_DIGITS = 16;

/**
 * The objects of one node, below `<prefix>/<run>/<node>/`. Nobody else writes there, so what is there is known after one list. Each is named
 * by the address that its bytes prove.
 */
export class BucketObjects {
  readonly #bucket: Bucket;
  readonly #node: string;
  readonly #there = new Map<string, number>();
  #base: string | null = null;

  /** @param node - a name that no other node in the bucket has */
  constructor(bucket: Bucket, node: string) {
    this.#bucket = bucket;
    this.#node = node;
  }

  /** Whether a run is known, below whose name objects are put. */
  get isOpen(): boolean {
    return this.#base !== null;
  }

  /** Begins to work for a run: looks what lies there of an earlier process. False where it does already. @throws AssayError store-failed */
  async enter(runId: Hex): Promise<boolean> {
    const base = `${runId.slice(2, 2 + RUN_DIGITS)}/${this.#node}`;
    if (base === this.#base) return false;
    const listed = await this.#bucket.list(`${base}/`);
    this.#there.clear();
    for (const { key, bytes } of listed) this.#there.set(key.slice(base.length + 1), bytes);
    this.#base = base;
    return true;
  }

  #key(kind: Kind, name: string): string {
    return `${this.#base ?? ""}/${kind}/${name}`;
  }

  /** Bytes of an object; null when it is not there. */
  bytesOf(kind: Kind, name: string): number | null {
    return this.#there.get(`${kind}/${name}`) ?? null;
  }

  has(kind: Kind, name: string): boolean {
    return this.#there.has(`${kind}/${name}`);
  }

  /** Names of all objects of a kind. */
  names(kind: Kind): readonly string[] {
    return [...this.#there.keys()].flatMap((one) =>
      one.startsWith(`${kind}/`) ? [one.slice(kind.length + 1)] : [],
    );
  }

  /** Names of a kind that are addresses. */
  addresses(kind: Exclude<Kind, "records">): readonly Hex[] {
    return this.names(kind).flatMap((name): Hex[] => (isHex(name, 32) ? [name] : []));
  }

  /** How an object is called to people. */
  nameOf(kind: Kind, name: string): string {
    return this.#bucket.nameOf(this.#key(kind, name));
  }

  /** @throws AssayError store-failed */
  async put(kind: Kind, name: string, bytes: Uint8Array): Promise<void> {
    if (this.has(kind, name)) return;
    const [key, entry] = [this.#key(kind, name), `${kind}/${name}`];
    await this.#bucket.put(key, bytes);
    this.#there.set(entry, bytes.length);
  }

  /** Its bytes, not looked at; null when it is gone, or longer than it was. @throws AssayError store-failed */
  async get(kind: Kind, name: string, range?: ByteRange): Promise<Uint8Array | null> {
    const bytes = this.bytesOf(kind, name);
    return bytes === null ? null : this.#bucket.get(this.#key(kind, name), bytes, range);
  }

  /** From now on nobody is sent there: it is damaged, and is put again when it is had again. */
  forget(kind: Kind, name: string): void {
    this.#there.delete(`${kind}/${name}`);
  }

  /** @throws AssayError store-failed */
  async remove(kind: Kind, name: string): Promise<void> {
    if (!this.#there.delete(`${kind}/${name}`)) return;
    await this.#bucket.remove(this.#key(kind, name));
  }

  /** Where others read it. */
  urlFor(kind: Kind, name: string): Promise<URL> {
    return this.#bucket.urlFor(this.#key(kind, name));
  }
}
