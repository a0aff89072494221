/** @file The embedded chain: one authority, one process, blocks on request. What a native node would compute. */
import { ChainError } from "../errors.ts";
import { Archive, type BlockId, type ChainBlock } from "./blocks/archive.ts";
import { type BlockAuthor, slotAuthor } from "./blocks/author.ts";
import {
  type BuiltBlock,
  type Candidate,
  type Outcome,
  buildBlock,
  candidates,
  openingHeader,
} from "./blocks/block-builder.ts";
import { buildGenesis, slotDuration } from "./blocks/genesis.ts";
import { type Header, auraSlot } from "./blocks/header.ts";
import { computedUs } from "./blocks/slot-budget.ts";
import { type ValidTransaction, decodeValidity, refusal } from "./blocks/validity.ts";
import { type Hex, concat, fromHex, keyOfHex, toHex } from "./codec/bytes.ts";
import { type JsonObject } from "./codec/exact-json.ts";
import { cryptoReady } from "./codec/hashing.ts";
import { ScaleReader } from "./codec/scale.ts";
import { type PoolLimits, TransactionPool, type TransactionStatus } from "./pool/pool.ts";
import { Overlay } from "./state/overlay.ts";
import { readProof } from "./state/read-proof.ts";
import { type StorageChanges } from "./state/storage-changes.ts";
import { trieDiff } from "./state/trie-diff.ts";
import { type StateVersion, layoutOf } from "./state/trie-root.ts";
import { type TrieRoot, trieGet, trieKeys, valueBytes } from "./state/trie.ts";
import { CODE_KEY } from "./state/well-known-keys.ts";
import { type RuntimeLog } from "./wasm/host-context.ts";
import { type RuntimeVersion } from "./wasm/runtime-version.ts";
import { Runtimes, codeOf } from "./wasm/runtimes.ts";

/** Levels of the log. */
export type LogLevel = "error" | "warn" | "info" | "debug";

/** What {@link openEmbeddedChain} takes. */
export type EmbeddedChainOptions = {
  /** `:code` of a new chain, compressed or plain; one that is in the database goes on with the code of its state. */
  readonly runtimeCode: Uint8Array;
  /** Genesis preset of the runtime; "development" if left out. */
  readonly preset?: string;
  /** Merged over the preset. Integers beyond 2^53 as bigint. */
  readonly genesisPatch?: JsonObject;
  /** SQLite file; in memory if left out. */
  readonly database?: string;
  /** Blocks whose bodies and states are kept (at least); all if left out. */
  readonly pruning?: number;
  /** Milliseconds of (virtual) time per block; 250 if left out. */
  readonly slotDurationMs?: number;
  /** (Virtual) time just before block 1, in ms since 1970; the clock's if left out. */
  readonly startTimeMs?: number;
  readonly poolLimits?: Partial<PoolLimits>;
  /** Who makes its blocks; one that knows the slot alone if left out. */
  readonly author?: BlockAuthor;
  readonly log?: (level: LogLevel, text: string) => void;
  /** Told when a block cannot be kept (the disk is full): the chain cannot go on then. */
  readonly onFailure?: (error: unknown) => void;
};

/** What happens on the chain. For one block: `head`, `finalized`, then inBlock and
 * finalized of its extrinsics. */
export type ChainEvent =
  | {
      readonly type: "head";
      readonly block: ChainBlock;
      readonly changes: StorageChanges;
      /** Of a new block; left out where one that was there has become the head again, or its state was changed. */
      readonly extrinsics?: readonly Uint8Array[];
    }
  | { readonly type: "finalized"; readonly block: ChainBlock }
  | { readonly type: "transaction"; readonly hash: Hex; readonly status: TransactionStatus };

const DEFAULT_SLOT_MS = 250;
const DEFAULT_PRESET = "development";
/** `TransactionSource::External`. */
const SOURCE_EXTERNAL = 2;
/** `InvalidTransaction::Custom` of a carrier that cannot be opened: the runtime's number for one that cannot be one. */
const UNREADABLE = 23;
/** Extrinsics that are judged anew at once after an upgrade: each costs a signature check, and a full pool would hold up blocks for half a minute. */
const MOST_JUDGED_ANEW = 64;
const LEVELS: readonly LogLevel[] = ["error", "error", "warn", "info", "debug", "debug"];

/**
 * Opens the chain in `options.database`, or a new one. A chain that is there must have begun with the genesis that the
 * options ask for, as its own first runtime builds it: so the release may have another runtime by now.
 * @throws ChainError genesis-invalid, database-unreadable, database-foreign, database-refused, database-in-use, runtime-unreadable, runtime-import-missing
 */
export async function openEmbeddedChain(options: EmbeddedChainOptions): Promise<EmbeddedChain> {
  await cryptoReady();
  const log = options.log ?? ((): void => undefined);
  const runtimes = new Runtimes({
    onLog: ({ level, target, message }: RuntimeLog): void => {
      log(LEVELS[level] ?? "debug", `${target}: ${message}`);
    },
  });
  const archive = new Archive(options.database, {
    pruning: options.pruning ?? null,
    genesisBy: (stored) => {
      const runtimeCode = stored ?? options.runtimeCode;
      const runtime = runtimes.ofCode(runtimeCode);
      const state = buildGenesis(runtime, {
        runtimeCode,
        preset: options.preset ?? DEFAULT_PRESET,
        patch: options.genesisPatch ?? {},
        slotDurationMs: options.slotDurationMs ?? DEFAULT_SLOT_MS,
      });
      return { state, version: layoutOf(runtime.version.systemVersion) };
    },
    blockMsOf: (state) => blockMsOf(runtimes, state),
  });
  return new EmbeddedChain({ runtimes, archive, options });
}

/** Milliseconds of a block as a state says, which may be another chain's. */
function blockMsOf(runtimes: Runtimes, state: TrieRoot): number | null {
  try {
    const slotMs = slotDuration(runtimes.of(state), state);
    return slotMs === null ? null : Number(slotMs);
  } catch {
    return null;
  }
}

type Parts = {
  readonly runtimes: Runtimes;
  readonly archive: Archive;
  readonly options: EmbeddedChainOptions;
};

/** A running chain. Make one with {@link openEmbeddedChain}. */
export class EmbeddedChain {
  readonly genesisHash: Hex;
  /** The sealing in force, if any: set by `startSealing`. */
  sealing: { stop(): void } | null = null;
  readonly pool: TransactionPool;
  readonly #runtimes: Runtimes;
  readonly #archive: Archive;
  readonly #slotMs: bigint;
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #author: BlockAuthor;
  readonly #listeners = new Set<(event: ChainEvent) => void>();
  #nextSlot: bigint;
  #closed = false;

  constructor({ runtimes, archive, options }: Parts) {
    this.#runtimes = runtimes;
    this.#archive = archive;
    this.genesisHash = archive.genesis.hash;
    this.#log = options.log ?? ((): void => undefined);
    this.#onFailure = options.onFailure ?? ((): void => undefined);
    this.#author = options.author ?? slotAuthor;
    const slotMs = options.slotDurationMs ?? DEFAULT_SLOT_MS;
    const { state } = archive.head;
    this.#slotMs = slotDuration(runtimes.of(state), state) ?? BigInt(slotMs);
    this.#nextSlot = this.#slotAfter(archive.head.header, options.startTimeMs ?? Date.now());
    this.pool = new TransactionPool(
      {
        validate: (bytes) => this.#validate(bytes),
        headNumber: () => this.#archive.head.number,
        onStatus: (hash, status) => {
          this.#emit({ type: "transaction", hash, status });
        },
        nowMs: Date.now,
        clockMs: () => performance.now(),
        workMs: () => computedUs() / 1000,
      },
      options.poolLimits,
    );
  }

  #slotAfter(parent: Header, nowMs: number): bigint {
    return (auraSlot(parent) ?? BigInt(nowMs) / this.#slotMs) + 1n;
  }

  /** Milliseconds of virtual time per block. */
  get slotDurationMs(): number {
    return Number(this.#slotMs);
  }

  /** Who the runtime is that the head's state names. */
  get runtimeVersion(): RuntimeVersion {
    return this.runtimeVersionAt();
  }

  /** Who the runtime is that the state after the block (the head if left out) names. @throws RangeError on an unknown hash */
  runtimeVersionAt(hash?: Hex): RuntimeVersion {
    return this.#runtimes.of(this.#stateAt(hash)).version;
  }

  /** The last block, which is final. */
  head(): BlockId {
    const { number, hash } = this.#archive.head;
    return { number, hash };
  }

  /** Hash of block `number`, or null when there is none. */
  blockHash(number: number): Hex | null {
    return this.#archive.hash(number);
  }

  /** Number of the block with this hash, or null. */
  blockNumber(hash: Hex): number | null {
    return this.#archive.number(hash);
  }

  /** Header of the block (the head if left out), or null. */
  header(hash?: Hex): Header | null {
    const number = this.#numberOf(hash);
    return number === null ? null : this.#archive.header(number);
  }

  /** Header and extrinsics (with their length prefix) of the block, or null: there is none, or it was pruned. */
  block(hash?: Hex): { header: Header; extrinsics: readonly Uint8Array[] } | null {
    const number = this.#numberOf(hash);
    const extrinsics = number === null ? null : this.#archive.extrinsics(number);
    const header = this.header(hash);
    return extrinsics === null || header === null ? null : { header, extrinsics };
  }

  /** Value under `key` after the block (the head if left out), or null. @throws RangeError on an unknown hash */
  storageAt(key: Hex, hash?: Hex): Hex | null {
    const value = trieGet(this.#stateAt(hash), keyOfHex(key));
    return value === null ? null : toHex(valueBytes(value));
  }

  /** Up to `count` keys under `prefix`, in order, after `startKey`. Latin1 in, latin1 out. */
  keysAt(prefix: string, count: number, startKey?: string, hash?: Hex): string[] {
    return [...trieKeys(this.#stateAt(hash), prefix, startKey).take(count)];
  }

  /** How the trees of its states are hashed. */
  get layout(): StateVersion {
    return this.#archive.layout;
  }

  /** Parts of the state's tree that prove what `keys` hold. @throws RangeError on an unknown hash */
  readProof(keys: readonly Hex[], hash?: Hex): Uint8Array[] {
    return readProof(this.#stateAt(hash), keys.map(keyOfHex), this.#archive.layout);
  }

  /** The whole state as an immutable tree. @throws RangeError on an unknown hash */
  stateAt(hash?: Hex): TrieRoot {
    return this.#stateAt(hash);
  }

  /** Calls the runtime API on the state after the block; its writes are dropped. @throws ChainError runtime-trap */
  call(name: string, args: Uint8Array, hash?: Hex): Uint8Array {
    const state = this.#stateAt(hash);
    return this.#runtimes.of(state).call(name, args, new Overlay(state));
  }

  /** ApplyExtrinsicResult of an extrinsic in a block of its own on the head; nothing is kept. */
  dryRun(extrinsic: Uint8Array, hash?: Hex): Uint8Array {
    const number = this.#numberOf(hash);
    const state = this.#stateAt(hash);
    const [overlay, runtime] = [new Overlay(state), this.#runtimes.of(state)];
    const opening = openingHeader({
      parentHash: hash ?? this.#archive.head.hash,
      number: (number ?? 0) + 1,
      slot: this.#nextSlot,
    });
    runtime.call("Core_initialize_block", opening, overlay);
    return runtime.call("BlockBuilder_apply_extrinsic", extrinsic, overlay);
  }

  /** What blocks `first` .. `last` changed, one list a block. */
  changesBetween(first: number, last: number): StorageChanges[] {
    return this.#archive.changes(first, last);
  }

  /** Makes one block of what the pool holds, or of `extrinsics`. @throws ChainError runtime-trap */
  async seal(extrinsics?: readonly Uint8Array[]): Promise<BlockId> {
    if (this.#closed) return this.head();
    this.#seal(extrinsics === undefined ? this.pool.inOrder() : candidates(extrinsics));
    // Given extrinsics may have used nonces that the pool counts on.
    if (extrinsics !== undefined) this.pool.revalidate();
    return Promise.resolve(this.head());
  }

  #seal(extrinsics: Iterable<Candidate>): void {
    const parent = this.#archive.head;
    const runtime = this.#runtimes.of(parent.state);
    const built = buildBlock(runtime, {
      parentHash: parent.hash,
      parentState: parent.state,
      number: parent.number + 1,
      slot: this.#nextSlot,
      slotDurationMs: this.#slotMs,
      extrinsics,
      author: this.#author,
      codeFault: (code) => this.#codeFault(code),
    });
    const block = this.#kept(built);
    this.#nextSlot += 1n;
    this.#announce(block, built.changes, built.extrinsics);
    this.#settle(built);
    if (codeOf(block.state) !== codeOf(parent.state)) this.#upgraded(runtime.version);
    if (built.opened.size > 0) this.pool.revalidate(({ account }) => built.opened.has(account));
    this.#keep(built.leftOver);
  }

  /** Why the chain cannot go on with a code; it is said aloud. */
  #codeFault(code: Uint8Array | null): ChainError | null {
    const fault = this.#runtimes.faultOf(code, this.#archive.layout);
    if (fault !== null) this.report(fault);
    return fault;
  }

  /** What waits was signed for another version, and was judged by another runtime. What is many leaves when its block comes. */
  #upgraded(before: RuntimeVersion): void {
    const { specName, specVersion } = this.runtimeVersion;
    const from = `${before.specName} ${before.specVersion}`;
    this.#log(
      "info",
      `the runtime is ${specName} ${specVersion} from the next block on, after ${from}`,
    );
    let left = MOST_JUDGED_ANEW;
    this.pool.revalidate(() => left-- > 0);
  }

  /** What came out of a carrier and found no room waits like all others; it has been seen by then. */
  #keep(extrinsics: readonly Uint8Array[]): void {
    for (const extrinsic of extrinsics) {
      try {
        this.pool.submit(extrinsic);
      } catch (error) {
        this.#log("warn", `what a carrier held is lost: ${String(error)}`);
      }
    }
  }

  #kept(built: BuiltBlock): ChainBlock {
    try {
      return this.#archive.append(built);
    } catch (error) {
      this.#onFailure(error);
      throw error;
    }
  }

  #announce(block: ChainBlock, changes: StorageChanges, extrinsics?: readonly Uint8Array[]): void {
    this.#emit({ type: "head", block, changes, ...(extrinsics && { extrinsics }) });
    this.#emit({ type: "finalized", block });
  }

  /** Tells the pool and the watchers what became of each extrinsic. */
  #settle({ hash, outcomes }: BuiltBlock): void {
    const having = (wanted: Outcome): Hex[] =>
      [...outcomes].filter(([, outcome]) => outcome === wanted).map(([extrinsic]) => extrinsic);
    const included = having("included");
    for (const status of [{ inBlock: hash }, { finalized: hash }]) {
      for (const extrinsic of included) {
        this.#emit({ type: "transaction", hash: extrinsic, status });
      }
    }
    this.pool.included(included);
    for (const extrinsic of having("refused")) this.pool.refuse(extrinsic);
    const early = new Set(having("early"));
    if (early.size > 0) this.pool.revalidate((entry) => early.has(entry.hash));
  }

  /** Takes an extrinsic (with its length prefix) into the pool; returns its hash. @throws ChainError extrinsic-invalid */
  async submit(extrinsic: Uint8Array): Promise<Hex> {
    await Promise.resolve();
    return this.pool.submit(extrinsic);
  }

  /** Extrinsics that wait: those for the next blocks in order, then those that wait for a nonce. */
  pendingExtrinsics(): readonly Uint8Array[] {
    return this.pool.pending();
  }

  /** Hears every event until the returned function is called. */
  subscribe(listener: (event: ChainEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Next nonce of an account (32 bytes), counting what the pool holds for it. */
  nextNonce(account: Uint8Array): number {
    const nonce = new ScaleReader(this.call("AccountNonceApi_account_nonce", account)).u32();
    return nonce + this.pool.consecutive(account, nonce);
  }

  /** Changes the head's state by hand. @throws ChainError code-refused */
  setStorage(changes: StorageChanges): void {
    const code = changes.find(([key]) => key === CODE_KEY);
    const fault = code === undefined ? null : this.#codeFault(code[1]);
    if (fault !== null) throw fault;
    this.#archive.patchHead(changes);
    this.pool.revalidate();
    this.#announce(this.#archive.head, changes);
  }

  /** Goes back to block `number` and forgets what follows it. @throws RangeError when there is no such block */
  setHead(number: number): BlockId {
    if (this.#archive.hash(number) === null) throw new RangeError(`there is no block ${number}`);
    const { state: before } = this.#archive.head;
    this.#archive.rewind(number);
    const { header, state } = this.#archive.head;
    this.#nextSlot = this.#slotAfter(header, Date.now());
    this.pool.revalidate();
    this.#announce(this.#archive.head, trieDiff(before, state));
    return this.head();
  }

  /** Sets the (virtual) time of the next block; never before the last one's slot. Returns that time in ms. */
  timeTravel(timeMs: number): number {
    const wanted = BigInt(Math.floor(timeMs)) / this.#slotMs;
    const earliest = (auraSlot(this.#archive.head.header) ?? 0n) + 1n;
    this.#nextSlot = wanted > earliest ? wanted : earliest;
    return Number(this.#nextSlot * this.#slotMs);
  }

  /** Least important level the runtime logs: 0 off .. 5 trace. */
  setRuntimeLogLevel(level: number): void {
    this.#runtimes.maxLogLevel = level;
  }

  /** Puts an error into the log. */
  report(error: unknown): void {
    this.#log("error", error instanceof Error ? error.message : String(error));
  }

  /** Stops the sealing and closes the database. */
  async close(): Promise<void> {
    this.sealing?.stop();
    this.sealing = null;
    this.#listeners.clear();
    if (!this.#closed) this.#archive.close();
    this.#closed = true;
    await Promise.resolve();
  }

  #validate(bytes: Uint8Array): ValidTransaction {
    const args = concat(Uint8Array.of(SOURCE_EXTERNAL), bytes, fromHex(this.#archive.head.hash));
    try {
      const valid = decodeValidity(this.call("TaggedTransactionQueue_validate_transaction", args));
      this.#requireReadable(bytes);
      return valid;
    } catch (error) {
      if (!(error instanceof ChainError) || error.fault.code !== "runtime-trap") throw error;
      throw refusal("Verification Error", error.fault.log, error);
    }
  }

  /** What the author cannot open never pays: in the pool it would take the place of what does, in blocks the time. */
  #requireReadable(bytes: Uint8Array): void {
    const opened = this.#author.open(bytes, (name, args) => this.call(name, args));
    if (opened.kind !== "unreadable") return;
    throw refusal("Invalid Transaction", `Custom error: ${UNREADABLE}`);
  }

  #numberOf(hash: Hex | undefined): number | null {
    return hash === undefined ? this.#archive.head.number : this.#archive.number(hash);
  }

  #stateAt(hash: Hex | undefined): TrieRoot {
    if (hash === undefined) return this.#archive.head.state;
    const number = this.#archive.number(hash);
    if (number === null) throw new RangeError(`unknown block ${hash}`);
    return this.#archive.state(number);
  }

  #emit(event: ChainEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.report(error);
      }
    }
  }
}
