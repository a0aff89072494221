/** @file The blocks that a reader knows: the last ones as they came, older ones as the author tells them when somebody asks. */
import { type ChainBlock } from "../blocks/archive.ts";
import { type Header, decodeHeader } from "../blocks/header.ts";
import { type Hex } from "../codec/bytes.ts";
import { type StorageChanges, decodeChanges } from "../state/storage-changes.ts";
import { type TrieRoot, trieApply } from "../state/trie.ts";
import { type Asker } from "./asking.ts";
import { Kept } from "./kept.ts";

/** States of so many last blocks are held; trees share what did not change. */
const RECENT = 256;
/** Of extrinsics and changes of those blocks; older ones are asked for. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_OLD_BLOCKS = 256;
const MOST_OLD_BYTES = 8 * 1024 * 1024;
const MOST_OLD_STATES = 4;

/** A block that came by itself. */
type RecentBlock = {
  readonly block: ChainBlock;
  /** Null: the author has it. */
  contents: {
    readonly extrinsics: readonly Uint8Array[];
    readonly changes: StorageChanges;
    readonly bytes: number;
  } | null;
};

/** A block as it is answered. */
export type WholeBlock = {
  readonly header: Header;
  readonly extrinsics: readonly Uint8Array[] | null;
};

function sizeOf(extrinsics: readonly Uint8Array[], changes: StorageChanges): number {
  const bodies = extrinsics.reduce((sum, { length }) => sum + length, 0);
  return changes.reduce((sum, [key, value]) => sum + key.length + (value?.length ?? 0), bodies);
}

/** The one branch of blocks. */
export class BlockWindow {
  readonly #asker: Asker;
  /** By number, in order. */
  readonly #recent = new Map<number, RecentBlock>();
  readonly #numbers = new Map<Hex, number>();
  #bytes = 0;
  #head: ChainBlock;
  /** Of blocks before the recent ones: which never change, unless the chain goes back before them. */
  readonly #oldNumbers = new Kept<Hex, number>(MOST_OLD_BLOCKS);
  readonly #oldHashes = new Kept<number, Hex>(MOST_OLD_BLOCKS);
  readonly #oldBlocks = new Kept<Hex, WholeBlock>(MOST_OLD_BLOCKS, MOST_OLD_BYTES);
  readonly #oldStates = new Kept<Hex, TrieRoot>(MOST_OLD_STATES);

  constructor(head: ChainBlock, asker: Asker) {
    this.#asker = asker;
    this.#head = head;
    this.#put({ block: head, contents: null });
  }

  get head(): ChainBlock {
    return this.#head;
  }

  /** A new head: on the last one, or that again with another state, or one before it. */
  advance(
    block: ChainBlock,
    changes: StorageChanges,
    extrinsics: readonly Uint8Array[] | null,
  ): void {
    if (block.number <= this.#head.number) this.#rewind(block.number);
    this.#head = block;
    const bytes = extrinsics === null ? 0 : sizeOf(extrinsics, changes);
    this.#put({ block, contents: extrinsics === null ? null : { extrinsics, changes, bytes } });
  }

  #rewind(number: number): void {
    for (const [known, { block, contents }] of this.#recent) {
      if (known < number) continue;
      this.#recent.delete(known);
      this.#numbers.delete(block.hash);
      this.#bytes -= contents?.bytes ?? 0;
    }
    for (const old of [this.#oldNumbers, this.#oldHashes, this.#oldBlocks, this.#oldStates])
      old.clear();
  }

  #put(recent: RecentBlock): void {
    const { number, hash } = recent.block;
    this.#recent.set(number, recent);
    this.#numbers.set(hash, number);
    this.#bytes += recent.contents?.bytes ?? 0;
    const last = this.#recent.get(number - RECENT);
    if (last !== undefined) {
      this.#recent.delete(number - RECENT);
      this.#numbers.delete(last.block.hash);
      this.#empty(last);
    }
    for (const old of this.#recent.values()) {
      if (this.#bytes <= MOST_BYTES) break;
      this.#empty(old);
    }
  }

  #empty(recent: RecentBlock): void {
    this.#bytes -= recent.contents?.bytes ?? 0;
    recent.contents = null;
  }

  /** Hash of block `number`, or null. */
  hash(number: number): Hex | null {
    if (number > this.#head.number) return null;
    const known = this.#recent.get(number)?.block.hash ?? this.#oldHashes.get(number);
    if (known !== undefined) return known;
    const hash = this.#asker.ask({ kind: "hash", number });
    if (hash !== null) this.#oldHashes.put(number, hash);
    return hash;
  }

  /** Number of the block with this hash, or null. */
  number(hash: Hex): number | null {
    const known = this.#numbers.get(hash) ?? this.#oldNumbers.get(hash);
    if (known !== undefined) return known;
    const number = this.#asker.ask({ kind: "number", hash });
    if (number !== null) this.#oldNumbers.put(hash, number);
    return number;
  }

  #recentOf(hash: Hex): RecentBlock | undefined {
    const number = this.#numbers.get(hash);
    return number === undefined ? undefined : this.#recent.get(number);
  }

  header(hash: Hex): Header | null {
    return this.#recentOf(hash)?.block.header ?? this.#old(hash)?.header ?? null;
  }

  /** The block, or null. */
  block(hash: Hex): WholeBlock | null {
    const recent = this.#recentOf(hash);
    if (recent === undefined || recent.contents === null) return this.#old(hash);
    return { header: recent.block.header, extrinsics: recent.contents.extrinsics };
  }

  #old(hash: Hex): WholeBlock | null {
    const known = this.#oldBlocks.get(hash);
    if (known !== undefined) return known;
    const told = this.#asker.ask({ kind: "block", hash });
    if (told === null) return null;
    const block = { header: decodeHeader(told.header), extrinsics: told.extrinsics };
    this.#oldBlocks.put(hash, block, told.header.length + sizeOf(told.extrinsics ?? [], []));
    return block;
  }

  /** What blocks `first` .. `last` changed, one list a block. */
  changes(first: number, last: number): StorageChanges[] {
    const lists: StorageChanges[] = [];
    let missing = first;
    // What the window lacks lies before what it has.
    for (let number = first; number <= last; number++) {
      const contents = this.#recent.get(number)?.contents ?? null;
      if (contents === null) missing = number + 1;
    }
    if (missing > first) {
      const told = this.#asker.ask({ kind: "changes", first, last: missing - 1 });
      lists.push(...told.map(decodeChanges));
    }
    for (let number = missing; number <= last; number++)
      lists.push(this.#recent.get(number)?.contents?.changes ?? []);
    return lists;
  }

  /** State after the block. @throws RangeError on an unknown hash, or where the state was pruned */
  state(hash: Hex): TrieRoot {
    const recent = this.#recentOf(hash);
    if (recent !== undefined) return recent.block.state;
    const known = this.#oldStates.get(hash);
    if (known !== undefined) return known;
    const number = this.number(hash);
    if (number === null) throw new RangeError(`unknown block ${hash}`);
    // The nearest of those that are held differs least.
    const [oldest] = this.#recent.values();
    const base = oldest?.block ?? this.#head;
    const diff = this.#asker.ask({ kind: "state", hash, from: base.hash });
    const state = trieApply(base.state, decodeChanges(diff));
    this.#oldStates.put(hash, state);
    return state;
  }
}
