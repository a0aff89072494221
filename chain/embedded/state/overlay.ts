/** @file Pending storage changes of one block or one dry run, with nested transactions. */
import { AppendedVec } from "./appended-vec.ts";
import { type StateVersion, trieRootHash } from "./trie-root.ts";
import {
  type TrieRoot,
  newEdit,
  trieFind,
  trieGet,
  trieKeys,
  trieNext,
  trieRemove,
  trieSet,
  valueBytes,
} from "./trie.ts";

/** Where a transaction began. */
type Mark = { readonly root: TrieRoot; readonly journalLength: number };

/** What `clear_prefix` did: whether all keys are gone, and how many keys of the parent state it looked at. */
export type ClearedPrefix = { readonly all: boolean; readonly loops: number };

/**
 * A working copy of a state. A transaction is one remembered root, and reading, iterating and hashing see pending changes
 * without merging layers. Nodes made since a root was last given away or remembered are changed in place.
 */
export class Overlay {
  readonly #base: TrieRoot;
  #root: TrieRoot;
  /** Every key written, in order, repeats included. */
  readonly #journal: string[] = [];
  readonly #marks: Mark[] = [];
  #edit = newEdit();

  constructor(base: TrieRoot) {
    this.#base = base;
    this.#root = base;
  }

  /** The state with the pending changes in it; it stays as it is. */
  get root(): TrieRoot {
    this.#edit = newEdit();
    return this.#root;
  }

  /** Open transactions. */
  get depth(): number {
    return this.#marks.length;
  }

  get(key: string): Uint8Array | null {
    const value = trieGet(this.#root, key);
    return value === null ? null : valueBytes(value);
  }

  has(key: string): boolean {
    return trieGet(this.#root, key) !== null;
  }

  /** {@link get} of the key that lies in `bytes`. */
  getAt(bytes: Uint8Array, from: number, size: number): Uint8Array | null {
    const value = trieFind(this.#root, bytes, from, size)?.value ?? null;
    return value === null ? null : valueBytes(value);
  }

  /** The key that lies in `bytes`, if there is a value under it: no new text is made of it then. */
  keyAt(bytes: Uint8Array, from: number, size: number): string | null {
    return trieFind(this.#root, bytes, from, size)?.sample ?? null;
  }

  set(key: string, value: Uint8Array): void {
    this.#journal.push(key);
    this.#root = trieSet(this.#root, key, value, this.#edit);
  }

  remove(key: string): void {
    this.#journal.push(key);
    this.#root = trieRemove(this.#root, key);
  }

  /** Treats the value as a SCALE vector and adds one encoded item. */
  append(key: string, item: Uint8Array): void {
    const value = trieGet(this.#root, key);
    const vector = value instanceof AppendedVec ? value : AppendedVec.from(value);
    this.#journal.push(key);
    this.#root = trieSet(this.#root, key, vector.append(item), this.#edit);
  }

  /** Smallest key greater than `key`, or null. */
  next(key: string): string | null {
    return trieNext(this.#root, key);
  }

  /**
   * As Substrate's `clear_prefix`: everything pending under the prefix goes, whatever the limit; of the keys the
   * parent state has there, at most `limit` are visited (also those that are gone already), in order.
   */
  clearPrefix(prefix: string, limit: number | null): ClearedPrefix {
    const pending = new Set(this.#journal.filter((key) => key.startsWith(prefix)));
    for (const key of pending) this.remove(key);
    let loops = 0;
    for (const key of trieKeys(this.#base, prefix)) {
      if (loops === limit) return { all: false, loops };
      if (this.has(key)) this.remove(key);
      loops++;
    }
    return { all: true, loops };
  }

  begin(): void {
    this.#marks.push({ root: this.#root, journalLength: this.#journal.length });
    this.#edit = newEdit();
  }

  /** Keeps the changes of the innermost transaction. @throws RangeError when none is open */
  commit(): void {
    if (this.#marks.pop() === undefined) throw new RangeError("no storage transaction is open");
  }

  /** Undoes the innermost transaction. @throws RangeError when none is open */
  rollback(): void {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new RangeError("no storage transaction is open");
    this.#root = mark.root;
    this.#journal.length = mark.journalLength;
  }

  /** Undoes transactions until `depth` are open: what a trap left behind. */
  rollbackTo(depth: number): void {
    while (this.depth > depth) this.rollback();
  }

  /** State root with the pending changes. */
  stateRoot(version: StateVersion): Uint8Array {
    return trieRootHash(this.#root, version);
  }

  /** Every key written and what it holds now; null = gone. Keys that end where they began are included. */
  changes(): Map<string, Uint8Array | null> {
    const changes = new Map<string, Uint8Array | null>();
    for (const key of this.#journal) if (!changes.has(key)) changes.set(key, this.get(key));
    return changes;
  }
}
