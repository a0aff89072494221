/** @file Every block's header, body and state: recent states at hand, older ones rebuilt from stored changes. */
import { ChainError } from "../../errors.ts";
import { type Hex, toHex } from "../codec/bytes.ts";
import { type StorageChanges } from "../state/storage-changes.ts";
import { type StateVersion, trieRootHash } from "../state/trie-root.ts";
import { type TrieRoot, trieApply, trieGet, trieKeys, valueBytes } from "../state/trie.ts";
import { type BuiltBlock } from "./block-builder.ts";
import { BlockStore, type StoredBlock } from "./block-store.ts";
import {
  EMPTY_ROOT,
  type Header,
  ZERO_HASH,
  decodeHeader,
  encodeHeader,
  headerHash,
} from "./header.ts";

/** A block with the state after it. */
export type ChainBlock = {
  readonly number: number;
  readonly hash: Hex;
  readonly header: Header;
  readonly state: TrieRoot;
};

/** Number and hash of a block. */
export type BlockId = { readonly number: number; readonly hash: Hex };

/** How states are read. */
export type Reading = {
  readonly version: StateVersion;
  /** Milliseconds of a block, as a state says; null where it does not. */
  readonly blockMsOf: (state: TrieRoot) => number | null;
};

/** States of so many last blocks stay in memory; trees share what did not change. */
const RECENT = 256;
/** One state in so many stays for good: at most this many changes are replayed for an old one. */
const CHECKPOINT_EVERY = 256;
const REBUILT = 8;

/** All entries of a state. */
function entries(state: TrieRoot): StorageChanges {
  return Array.from(trieKeys(state, ""), (key) => {
    const value = trieGet(state, key);
    return [key, value === null ? null : valueBytes(value)];
  });
}

/** The chain so far. Only one branch exists: a block is final when it is made. */
export class Archive {
  readonly #store: BlockStore;
  readonly #version: StateVersion;
  readonly #blockMsOf: Reading["blockMsOf"];
  readonly #recent = new Map<number, ChainBlock>();
  readonly #checkpoints = new Map<number, TrieRoot>();
  readonly #rebuilt = new Map<number, TrieRoot>();
  #head: ChainBlock;
  readonly genesis: ChainBlock;

  /**
   * Opens the chain that begins with `genesis`, from the database at `path` or in memory.
   * @throws ChainError database-unreadable on a damaged file, database-foreign on one that begins otherwise
   */
  constructor(path: string | undefined, genesis: TrieRoot, { version, blockMsOf }: Reading) {
    this.#version = version;
    this.#blockMsOf = blockMsOf;
    this.#store = new BlockStore(path);
    const headerBytes = encodeHeader({
      parentHash: ZERO_HASH,
      number: 0,
      stateRoot: toHex(trieRootHash(genesis, version)),
      extrinsicsRoot: EMPTY_ROOT,
      logs: [],
    });
    const header = decodeHeader(headerBytes);
    this.genesis = { number: 0, hash: headerHash(headerBytes), header, state: genesis };
    this.#head = this.genesis;
    try {
      this.#open(headerBytes);
    } catch (error) {
      this.#store.close();
      throw error;
    }
  }

  #open(genesisHeader: Uint8Array): void {
    const stored = this.#store.block(0);
    if (stored === null) {
      const { hash, header, state } = this.genesis;
      this.#store.put({
        number: 0,
        hash,
        header: genesisHeader,
        extrinsics: [],
        changes: entries(state),
        stateRoot: header.stateRoot,
      });
      this.#adopt(this.genesis);
      return;
    }
    if (stored.hash !== this.genesis.hash) {
      throw this.#foreign(stored);
    }
    this.#load();
  }

  /** The error of a chain that begins otherwise; of a damaged file if its own beginning is. */
  #foreign({ hash, header, changes, stateRoot }: StoredBlock): ChainError {
    const state = trieApply(null, changes);
    if (headerHash(header) !== hash || toHex(trieRootHash(state, this.#version)) !== stateRoot)
      return this.#store.unreadable(new Error(`its genesis is ${hash}`));
    return new ChainError({
      code: "database-foreign",
      path: this.#store.path,
      found: hash,
      expected: this.genesis.hash,
      foundMs: this.#blockMsOf(state),
      expectedMs: this.#blockMsOf(this.genesis.state),
    });
  }

  /** Replays the stored changes; checks the chain of hashes, and the state root of the last block. */
  #load(): void {
    let state: TrieRoot = null;
    let last: StoredBlock | null = null;
    for (const block of this.#store.all()) {
      const header = decodeHeader(block.header);
      const follows = last === null || header.parentHash === last.hash;
      if (!follows || header.number !== block.number || headerHash(block.header) !== block.hash) {
        throw this.#store.unreadable(new Error(`block ${block.number} does not follow its parent`));
      }
      state = trieApply(state, block.changes);
      this.#adopt({ number: block.number, hash: block.hash, header, state });
      last = block;
    }
    const root = toHex(trieRootHash(state, this.#version));
    if (last === null || root !== last.stateRoot) {
      throw this.#store.unreadable(new Error(`state root ${root}, stored ${last?.stateRoot}`));
    }
  }

  get head(): ChainBlock {
    return this.#head;
  }

  /** Takes a block that was built on the head. */
  append(block: BuiltBlock): ChainBlock {
    const { number, stateRoot } = block.header;
    this.#store.put({
      number,
      hash: block.hash,
      header: block.headerBytes,
      extrinsics: block.extrinsics,
      changes: block.changes,
      stateRoot,
    });
    this.#adopt({ number, hash: block.hash, header: block.header, state: block.state });
    return this.#head;
  }

  #adopt(block: ChainBlock): void {
    this.#head = block;
    this.#recent.set(block.number, block);
    this.#recent.delete(block.number - RECENT);
    if (block.number % CHECKPOINT_EVERY === 0) this.#checkpoints.set(block.number, block.state);
  }

  /** Changes the head's state by hand (`dev_setStorage`): its header keeps the root it was made with. */
  patchHead(changes: StorageChanges): void {
    const stored = this.#store.block(this.#head.number);
    if (stored === null) return;
    const state = trieApply(this.#head.state, changes);
    const merged = new Map([...stored.changes, ...changes]);
    const stateRoot = toHex(trieRootHash(state, this.#version));
    this.#store.put({ ...stored, changes: [...merged], stateRoot });
    this.#rebuilt.clear();
    this.#adopt({ ...this.#head, state });
  }

  /** Makes block `number` the head and forgets the blocks after it. */
  rewind(number: number): void {
    const block = this.block(number);
    if (block === null) return;
    const state = this.state(number);
    this.#store.truncate(number);
    this.#rebuilt.clear();
    for (const states of [this.#recent, this.#checkpoints]) {
      for (const known of states.keys()) if (known > number) states.delete(known);
    }
    const header = decodeHeader(block.header);
    this.#adopt({ number, hash: block.hash, header, state });
  }

  /** Hash of block `number`, or null. */
  hash(number: number): Hex | null {
    return this.#recent.get(number)?.hash ?? this.#store.block(number)?.hash ?? null;
  }

  /** Number of the block with this hash, or null. */
  number(hash: Hex): number | null {
    if (hash === this.#head.hash) return this.#head.number;
    return this.#store.blockByHash(hash)?.number ?? null;
  }

  /** Header of block `number`, or null. */
  header(number: number): Header | null {
    const recent = this.#recent.get(number);
    if (recent !== undefined) return recent.header;
    const stored = this.#store.block(number);
    return stored === null ? null : decodeHeader(stored.header);
  }

  /** Block `number` as stored, or null. */
  block(number: number): StoredBlock | null {
    return this.#store.block(number);
  }

  /** Keys that blocks `first` .. `last` wrote. */
  changes(first: number, last: number): StorageChanges[] {
    return this.#store.changes(first, last);
  }

  /** State after block `number`, which must exist. */
  state(number: number): TrieRoot {
    const recent = this.#recent.get(number);
    if (recent !== undefined) return recent.state;
    const known = this.#rebuilt.get(number);
    if (known !== undefined) return known;
    const from = number - (number % CHECKPOINT_EVERY);
    let state = this.#checkpoints.get(from) ?? null;
    for (const changes of this.#store.changes(from + 1, number)) state = trieApply(state, changes);
    this.#rebuilt.set(number, state);
    for (const oldest of this.#rebuilt.keys()) {
      if (this.#rebuilt.size <= REBUILT) break;
      this.#rebuilt.delete(oldest);
    }
    return state;
  }

  close(): void {
    this.#store.close();
  }
}
