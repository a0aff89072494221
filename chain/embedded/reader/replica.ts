/** @file A chain as a reader's thread has it: the author's blocks, states and pool, and a runtime of its own to ask. */
import { type BlockId, type ChainBlock } from "../blocks/archive.ts";
import { openingHeader } from "../blocks/block-builder.ts";
import { type Header, auraSlot, decodeHeader } from "../blocks/header.ts";
import { type ChainEvent, type LogLevel } from "../chain.ts";
import { type Hex, keyOfHex, toHex } from "../codec/bytes.ts";
import { ScaleReader } from "../codec/scale.ts";
import { type ServedChain } from "../rpc/served-chain.ts";
import { Overlay } from "../state/overlay.ts";
import { readProof } from "../state/read-proof.ts";
import { type StorageChanges, decodeChanges } from "../state/storage-changes.ts";
import { type StateVersion } from "../state/trie-root.ts";
import { type TrieRoot, trieApply, trieGet, trieKeys, valueBytes } from "../state/trie.ts";
import { type RuntimeVersion } from "../wasm/runtime-version.ts";
import { Runtimes } from "../wasm/runtimes.ts";
import { type Asker } from "./asking.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import { type AuthorMessage, type Beginning, type HeaderCopy } from "./messages.ts";
import { PoolMirror } from "./pool-mirror.ts";
import { BlockWindow } from "./window.ts";

/** What a replica needs beside its beginning. */
export type ReplicaParts = {
  readonly asker: Asker;
  /** Takes an extrinsic that was found valid to the author. */
  readonly submit: (extrinsic: Uint8Array, signatures: readonly string[]) => Promise<Hex>;
  readonly log: (level: LogLevel, text: string) => void;
};

function blockOf({ number, hash, header }: HeaderCopy, state: TrieRoot): ChainBlock {
  return { number, hash, header: decodeHeader(header), state };
}

/** A chain that is read only; what is sent to it goes to the author. */
export class Replica implements ServedChain {
  readonly genesisHash: Hex;
  readonly #window: BlockWindow;
  readonly #layout: StateVersion;
  /** What they say meanwhile is in the answer where one traps, and nowhere else: strangers must not fill a log. */
  readonly #runtimes = new Runtimes();
  readonly #pool = new PoolMirror();
  readonly #doorkeeper: Doorkeeper;
  readonly #log: ReplicaParts["log"];
  readonly #listeners = new Set<(event: ChainEvent) => void>();

  constructor(beginning: Beginning, { asker, submit, log }: ReplicaParts) {
    this.genesisHash = beginning.genesisHash;
    this.#layout = beginning.layout;
    this.#log = log;
    const state = trieApply(null, decodeChanges(beginning.state));
    this.#window = new BlockWindow(blockOf(beginning.head, state), asker);
    for (const place of beginning.pool) this.#pool.put(place.entry.hash, place);
    this.#doorkeeper = new Doorkeeper({
      isWaiting: (hash) => this.#pool.has(hash),
      head: () => this.head(),
      call: (name, args) => this.call(name, args),
      submit,
    });
  }

  /** Takes what the author tells about the chain. */
  hear(message: AuthorMessage): void {
    if (message.type === "head") {
      const changes = decodeChanges(message.changes);
      const block = blockOf(message.head, trieApply(this.#window.head.state, changes));
      this.#window.advance(block, changes, message.extrinsics);
      this.#emit({ type: "head", block, changes });
    } else if (message.type === "finalized") {
      this.#emit({ type: "finalized", block: this.#window.head });
    } else if (message.type === "transaction") {
      const { hash, status, place } = message;
      this.#pool.put(hash, place);
      this.#emit({ type: "transaction", hash, status });
    }
  }

  get runtimeVersion(): RuntimeVersion {
    return this.runtimeVersionAt();
  }

  runtimeVersionAt(hash?: Hex): RuntimeVersion {
    return this.#runtimes.of(this.stateAt(hash)).version;
  }

  head(): BlockId {
    const { number, hash } = this.#window.head;
    return { number, hash };
  }

  blockHash(number: number): Hex | null {
    return number === 0 ? this.genesisHash : this.#window.hash(number);
  }

  blockNumber(hash: Hex): number | null {
    return hash === this.genesisHash ? 0 : this.#window.number(hash);
  }

  header(hash?: Hex): Header | null {
    return hash === undefined ? this.#window.head.header : this.#window.header(hash);
  }

  block(hash?: Hex): { header: Header; extrinsics: readonly Uint8Array[] } | null {
    const block = this.#window.block(hash ?? this.#window.head.hash);
    if (block === null || block.extrinsics === null) return null;
    return { header: block.header, extrinsics: block.extrinsics };
  }

  storageAt(key: Hex, hash?: Hex): Hex | null {
    const value = trieGet(this.stateAt(hash), keyOfHex(key));
    return value === null ? null : toHex(valueBytes(value));
  }

  keysAt(prefix: string, count: number, startKey?: string, hash?: Hex): string[] {
    return [...trieKeys(this.stateAt(hash), prefix, startKey).take(count)];
  }

  readProof(keys: readonly Hex[], hash?: Hex): Uint8Array[] {
    return readProof(this.stateAt(hash), keys.map(keyOfHex), this.#layout);
  }

  stateAt(hash?: Hex): TrieRoot {
    return hash === undefined ? this.#window.head.state : this.#window.state(hash);
  }

  call(name: string, args: Uint8Array, hash?: Hex): Uint8Array {
    const state = this.stateAt(hash);
    return this.#runtimes.of(state).call(name, args, new Overlay(state));
  }

  dryRun(extrinsic: Uint8Array, hash?: Hex): Uint8Array {
    const state = this.stateAt(hash);
    const parent = this.header(hash) ?? this.#window.head.header;
    const [overlay, runtime] = [new Overlay(state), this.#runtimes.of(state)];
    const opening = openingHeader({
      parentHash: hash ?? this.#window.head.hash,
      number: parent.number + 1,
      slot: (auraSlot(parent) ?? 0n) + 1n,
    });
    runtime.call("Core_initialize_block", opening, overlay);
    return runtime.call("BlockBuilder_apply_extrinsic", extrinsic, overlay);
  }

  changesBetween(first: number, last: number): StorageChanges[] {
    return this.#window.changes(first, last);
  }

  nextNonce(account: Uint8Array): number {
    const nonce = new ScaleReader(this.call("AccountNonceApi_account_nonce", account)).u32();
    return nonce + this.#pool.consecutive(account, nonce);
  }

  pendingExtrinsics(): readonly Uint8Array[] {
    return this.#pool.pending();
  }

  async submit(extrinsic: Uint8Array): Promise<Hex> {
    return this.#doorkeeper.submit(extrinsic);
  }

  subscribe(listener: (event: ChainEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  report(error: unknown): void {
    this.#log("error", error instanceof Error ? error.message : String(error));
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
