/** @file Every block's header, body and state: recent states at hand, older ones from the nearest snapshot. */
import { ChainError } from "../../errors.ts";
import { type Hex, toHex } from "../codec/bytes.ts";
import { type StorageChanges } from "../state/storage-changes.ts";
import { type StateVersion, trieRootHash } from "../state/trie-root.ts";
import { type TrieRoot, trieApply } from "../state/trie.ts";
import { CODE_KEY } from "../state/well-known-keys.ts";
import { type BuiltBlock } from "./block-builder.ts";
import { BlockStore, type StoredBlock } from "./block-store.ts";
import { ChainFile } from "./chain-file.ts";
import {
  EMPTY_ROOT,
  type Header,
  ZERO_HASH,
  decodeHeader,
  encodeHeader,
  headerHash,
} from "./header.ts";
import { type Snapshot, SnapshotStore, entriesOf } from "./snapshot-store.ts";

/** A block with the state after it. */
export type ChainBlock = {
  readonly number: number;
  readonly hash: Hex;
  readonly header: Header;
  readonly state: TrieRoot;
};

/** Number and hash of a block. */
export type BlockId = { readonly number: number; readonly hash: Hex };

/** A genesis, and how its chain hashes states. */
type Genesis = { readonly state: TrieRoot; readonly version: StateVersion };

/** What is asked of an archive. */
export type ArchiveOptions = {
  /** Blocks whose bodies and states are kept at least; null: all. */
  readonly pruning: number | null;
  /** The genesis that is asked for, as the runtime with this code builds it; null: the code for new chains. */
  readonly genesisBy: (code: Uint8Array | null) => Genesis;
  /** Milliseconds of a block, as a state says; null where it does not. */
  readonly blockMsOf: (state: TrieRoot) => number | null;
};

/** States of so many last blocks stay in memory; trees share what did not change. */
const RECENT = 256;
/**
 * A snapshot is due after so many blocks, and when their changes have the weight of the last one. So snapshots at most
 * double what a block takes, and what is replayed for any state is about as much as the state itself, however long the chain.
 */
const SNAPSHOT_BLOCKS = 256;
/** So many stretches between snapshots are pruned at once: a chain that was never pruned before is not held up. */
const PRUNED_AT_ONCE = 16;
/** Of what is pruned, so many blocks are stripped with each block that is made: a stretch may be a whole chain of the first format. */
const STRIPPED_AT_ONCE = 1000;
const REBUILT = 8;
/** Name of the number before which there are no bodies and states any more, but for the genesis. */
const PRUNED = "pruned";
/** Name of the number before which that is done on the disk, too. */
const STRIPPED = "stripped";

/** The chain so far. Only one branch exists: a block is final when it is made. */
export class Archive {
  readonly genesis: ChainBlock;
  /** How states are hashed. */
  readonly layout: StateVersion;
  readonly #file: ChainFile;
  readonly #blocks: BlockStore;
  readonly #snapshots: SnapshotStore;
  readonly #options: ArchiveOptions;
  readonly #recent = new Map<number, ChainBlock>();
  readonly #rebuilt = new Map<number, TrieRoot>();
  #head: ChainBlock;
  /** What lies behind the last snapshot, and its bytes. */
  #since = { blocks: 0, bytes: 0, snapshotBytes: 0 };
  #prunedTo = 0;
  #strippedTo = 0;

  /**
   * Opens the chain in the database at `path` or in memory, or begins it.
   * @throws ChainError database-unreadable on a damaged file, database-foreign on one that begins otherwise
   */
  constructor(path: string | undefined, options: ArchiveOptions) {
    this.#options = options;
    this.#file = new ChainFile(path);
    try {
      this.#blocks = new BlockStore(this.#file);
      this.#snapshots = new SnapshotStore(this.#file);
      const stored = this.#blocks.block(0);
      const { state, version } = stored === null ? options.genesisBy(null) : this.#again(stored);
      this.layout = version;
      const headerBytes = encodeHeader({
        parentHash: ZERO_HASH,
        number: 0,
        stateRoot: toHex(trieRootHash(state, version)),
        extrinsicsRoot: EMPTY_ROOT,
        logs: [],
      });
      const header = decodeHeader(headerBytes);
      this.genesis = { number: 0, hash: headerHash(headerBytes), header, state };
      this.#head = this.genesis;
      if (stored === null) this.#begin(headerBytes);
      else if (stored.hash === this.genesis.hash) this.#load();
      else throw this.#foreign(stored);
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** The genesis that is asked for, as the first runtime of this file builds it: the release may have another by now. */
  #again({ changes }: StoredBlock): Genesis {
    const code = changes.find(([key]) => key === CODE_KEY)?.[1] ?? null;
    if (code === null) throw this.#file.unreadable(new Error("its genesis has no code"));
    try {
      return this.#options.genesisBy(code);
    } catch (cause) {
      const isDamaged = cause instanceof ChainError && cause.code === "runtime-unreadable";
      throw isDamaged ? this.#file.unreadable(cause) : cause;
    }
  }

  #begin(headerBytes: Uint8Array): void {
    const { hash, header, state } = this.genesis;
    const changes = entriesOf(state);
    const { stateRoot } = header;
    const block = { number: 0, hash, header: headerBytes, extrinsics: [], changes, stateRoot };
    this.#file.transaction(() => void this.#blocks.put(block));
    this.#adopt(this.genesis);
  }

  /** The error of a chain that begins otherwise; of a damaged file if its own beginning is. */
  #foreign({ hash, header, changes, stateRoot }: StoredBlock): ChainError {
    const state = trieApply(null, changes);
    if (headerHash(header) !== hash || toHex(trieRootHash(state, this.layout)) !== stateRoot)
      return this.#file.unreadable(new Error(`its genesis is ${hash}`));
    return new ChainError({
      code: "database-foreign",
      path: this.#file.path,
      found: hash,
      expected: this.genesis.hash,
      foundMs: this.#options.blockMsOf(state),
      expectedMs: this.#options.blockMsOf(this.genesis.state),
    });
  }

  /** Replays what lies behind the last snapshot; checks there the chain of hashes, and the state root of the last block. */
  #load(): void {
    this.#prunedTo = this.#file.numberOf(PRUNED);
    // Files of older releases do not have it: they were stripped as they were pruned.
    this.#strippedTo = this.#file.numberOf(STRIPPED) || this.#prunedTo;
    const base = this.#base(this.#blocks.last());
    let { state } = base;
    let parentHash = this.#blocks.hash(base.number);
    this.#adopt(this.#restored(base));
    for (const block of this.#blocks.after(base.number)) {
      const header = decodeHeader(block.header);
      const follows = header.parentHash === parentHash && header.number === block.number;
      if (!follows || headerHash(block.header) !== block.hash)
        throw this.#file.unreadable(new Error(`block ${block.number} does not follow its parent`));
      state = trieApply(state, block.changes);
      parentHash = block.hash;
      this.#adopt({ number: block.number, hash: block.hash, header, state });
    }
    this.#requireRoot(this.#head);
    this.#measure();
    // A file of the first format has none yet.
    if (this.#isDue()) this.#file.transaction(() => this.#keepState(this.#head));
  }

  /** The block of a snapshot. */
  #restored({ number, state }: Snapshot): ChainBlock {
    const bytes = this.#blocks.header(number);
    if (bytes === null) throw this.#file.unreadable(new Error(`block ${number} is missing`));
    return { number, hash: headerHash(bytes), header: decodeHeader(bytes), state };
  }

  /** The nearest state at or before block `number` that needs no replay: a snapshot, or the genesis. */
  #base(number: number): Snapshot {
    const snapshot = this.#snapshots.nearest(number);
    if (snapshot !== null) return snapshot;
    const genesis = this.#blocks.block(0);
    return { number: 0, state: genesis === null ? null : trieApply(null, genesis.changes) };
  }

  /** @throws ChainError database-unreadable: the state is not the one that was written */
  #requireRoot({ number, state }: Snapshot): void {
    const root = toHex(trieRootHash(state, this.layout));
    const stored = this.#blocks.stateRoot(number);
    if (root !== stored)
      throw this.#file.unreadable(new Error(`state root ${root} of ${number}, stored ${stored}`));
  }

  /** Finds out how much lies behind the last snapshot. */
  #measure(): void {
    const base = this.#snapshots.nearest(this.#head.number);
    const stretch = this.#blocks.stretch(base?.number ?? 0);
    this.#since = { ...stretch, snapshotBytes: base?.bytes ?? 0 };
  }

  get head(): ChainBlock {
    return this.#head;
  }

  /** Takes a block that was built on the head; it is on the disk when this returns. */
  append(block: BuiltBlock): ChainBlock {
    const { number, stateRoot } = block.header;
    const { hash, headerBytes, extrinsics, changes, state } = block;
    this.#file.transaction(() => {
      const stored = { number, hash, header: headerBytes, extrinsics, changes, stateRoot };
      this.#since.bytes += this.#blocks.put(stored);
      this.#since.blocks++;
      if (this.#isDue()) this.#keepState({ number, state });
      this.#strip();
    });
    this.#adopt({ number, hash, header: block.header, state });
    return this.#head;
  }

  #isDue(): boolean {
    const { blocks, bytes, snapshotBytes } = this.#since;
    return blocks >= SNAPSHOT_BLOCKS && bytes >= snapshotBytes;
  }

  #keepState({ number, state }: Snapshot): void {
    this.#since = { blocks: 0, bytes: 0, snapshotBytes: this.#snapshots.put(number, state) };
    this.#prune(number);
  }

  /** Forgets bodies and states that nobody wants kept, up to a snapshot, from which the rest is replayed. */
  #prune(head: number): void {
    const { pruning } = this.#options;
    if (pruning === null) return;
    const to = this.#snapshots.above(this.#prunedTo, head - pruning, PRUNED_AT_ONCE).at(-1);
    if (to === undefined) return;
    this.#snapshots.dropBefore(to);
    this.#keepBorders(to, Math.max(1, this.#strippedTo));
    // Nothing is replayed from a state whose successors are gone.
    this.#rebuilt.clear();
  }

  /** Takes some more of what is pruned off the disk. */
  #strip(): void {
    const first = this.#strippedTo;
    if (first >= this.#prunedTo) return;
    const to = Math.min(this.#prunedTo, first + STRIPPED_AT_ONCE);
    this.#blocks.strip(first, to - 1);
    this.#keepBorders(this.#prunedTo, to);
  }

  #keepBorders(prunedTo: number, strippedTo: number): void {
    this.#file.keepNumber(PRUNED, prunedTo);
    this.#file.keepNumber(STRIPPED, strippedTo);
    this.#prunedTo = prunedTo;
    this.#strippedTo = strippedTo;
  }

  #adopt(block: ChainBlock): void {
    this.#head = block;
    this.#recent.set(block.number, block);
    this.#recent.delete(block.number - RECENT);
  }

  /**
   * Changes the head's state by hand (`dev_setStorage`): its header keeps the root it was made with.
   * @throws TypeError for the code of the genesis, from which its database is known again
   */
  patchHead(changes: StorageChanges): void {
    const { number } = this.#head;
    const stored = this.#blocks.block(number);
    if (stored === null) return;
    if (number === 0 && changes.some(([key]) => key === CODE_KEY))
      throw new TypeError("the code of the genesis cannot be changed: make a block first");
    const state = trieApply(this.#head.state, changes);
    const merged = new Map([...stored.changes, ...changes]);
    const stateRoot = toHex(trieRootHash(state, this.layout));
    this.#file.transaction(() => {
      this.#blocks.put({ ...stored, changes: [...merged], stateRoot });
      // After pruning it may be the only one, without which nothing can be replayed.
      if (this.#snapshots.has(number)) this.#snapshots.put(number, state);
    });
    this.#rebuilt.clear();
    this.#adopt({ ...this.#head, state });
    this.#measure();
  }

  /** Makes block `number` the head and forgets the blocks after it. @throws RangeError when its state was pruned */
  rewind(number: number): void {
    const header = this.header(number);
    const hash = this.hash(number);
    if (header === null || hash === null) return;
    // A state may be at hand whose block is pruned on the disk: no chain could be opened there again.
    this.#requireKept(number);
    const state = this.state(number);
    this.#file.transaction(() => {
      this.#blocks.truncate(number);
      this.#snapshots.drop(number + 1);
      // Only the genesis lies before what is kept; what comes after it is a new chain, of which nothing is pruned.
      if (number < this.#prunedTo) this.#keepBorders(0, 0);
    });
    this.#rebuilt.clear();
    for (const known of this.#recent.keys()) if (known > number) this.#recent.delete(known);
    this.#adopt({ number, hash, header, state });
    this.#measure();
  }

  /** Hash of block `number`, or null. */
  hash(number: number): Hex | null {
    if (number === 0) return this.genesis.hash;
    return this.#recent.get(number)?.hash ?? this.#blocks.hash(number);
  }

  /** Number of the block with this hash, or null. */
  number(hash: Hex): number | null {
    if (hash === this.#head.hash) return this.#head.number;
    return this.#blocks.number(hash);
  }

  /** Header of block `number`, or null. */
  header(number: number): Header | null {
    const recent = this.#recent.get(number);
    if (recent !== undefined) return recent.header;
    const bytes = this.#blocks.header(number);
    return bytes === null ? null : decodeHeader(bytes);
  }

  /** Extrinsics of block `number`, or null: there is no such block, or it was pruned. */
  extrinsics(number: number): readonly Uint8Array[] | null {
    return number > 0 && number < this.#prunedTo ? null : this.#blocks.extrinsics(number);
  }

  /** Keys that blocks `first` .. `last` wrote. @throws RangeError when they were pruned */
  changes(first: number, last: number): StorageChanges[] {
    if (first <= last) this.#requireKept(first);
    return this.#blocks.changes(first, last);
  }

  #requireKept(number: number): void {
    if (number === 0 || number >= this.#prunedTo) return;
    throw new RangeError(`State already discarded for block ${number}`);
  }

  /** State after block `number`, which must exist. @throws RangeError when it was pruned */
  state(number: number): TrieRoot {
    const recent = this.#recent.get(number);
    if (recent !== undefined) return recent.state;
    const known = this.#rebuilt.get(number);
    if (known !== undefined) return known;
    this.#requireKept(number);
    const state = this.#replayed(number);
    this.#rebuilt.set(number, state);
    for (const oldest of this.#rebuilt.keys()) {
      if (this.#rebuilt.size <= REBUILT) break;
      this.#rebuilt.delete(oldest);
    }
    return state;
  }

  /** A state from the nearest one before it: whoever walks over old blocks replays each once. */
  #replayed(number: number): TrieRoot {
    let near = Math.max(-1, ...[...this.#rebuilt.keys()].filter((one) => one < number));
    let state = this.#rebuilt.get(near) ?? null;
    if (near < 0 || number - near > SNAPSHOT_BLOCKS) {
      const base = this.#base(number);
      if (base.number >= near) ({ number: near, state } = base);
    }
    for (const changes of this.#blocks.changes(near + 1, number)) state = trieApply(state, changes);
    this.#requireRoot({ number, state });
    return state;
  }

  close(): void {
    this.#file.close();
  }
}
