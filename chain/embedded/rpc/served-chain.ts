/** @file What JSON-RPC needs of a chain: the chain itself in this thread, or the copy of it that a reader's thread keeps. */
import { type BlockId } from "../blocks/archive.ts";
import { type Header } from "../blocks/header.ts";
import { type ChainEvent, type EmbeddedChain } from "../chain.ts";
import { type Hex } from "../codec/bytes.ts";
import { type SealingMode, startSealing } from "../sealing.ts";
import { type StorageChanges } from "../state/storage-changes.ts";
import { type TrieRoot } from "../state/trie.ts";
import { type RuntimeVersion } from "../wasm/runtime-version.ts";

/** A chain that is read, and that takes extrinsics. What each member does: {@link EmbeddedChain}. */
export type ServedChain = {
  readonly genesisHash: Hex;
  readonly runtimeVersion: RuntimeVersion;
  runtimeVersionAt(hash?: Hex): RuntimeVersion;
  head(): BlockId;
  blockHash(number: number): Hex | null;
  blockNumber(hash: Hex): number | null;
  header(hash?: Hex): Header | null;
  block(hash?: Hex): { header: Header; extrinsics: readonly Uint8Array[] } | null;
  storageAt(key: Hex, hash?: Hex): Hex | null;
  keysAt(prefix: string, count: number, startKey?: string, hash?: Hex): string[];
  readProof(keys: readonly Hex[], hash?: Hex): Uint8Array[];
  stateAt(hash?: Hex): TrieRoot;
  call(name: string, args: Uint8Array, hash?: Hex): Uint8Array;
  dryRun(extrinsic: Uint8Array, hash?: Hex): Uint8Array;
  changesBetween(first: number, last: number): StorageChanges[];
  nextNonce(account: Uint8Array): number;
  pendingExtrinsics(): readonly Uint8Array[];
  submit(extrinsic: Uint8Array): Promise<Hex>;
  subscribe(listener: (event: ChainEvent) => void): () => void;
  report(error: unknown): void;
};

/** What `dev_*` methods do to a chain. */
export type ChainControl = {
  seal(extrinsics?: readonly Uint8Array[]): Promise<BlockId>;
  setStorage(changes: StorageChanges): Promise<void>;
  setHead(number: number): Promise<BlockId>;
  timeTravel(timeMs: number): Promise<number>;
  setRuntimeLogLevel(level: number): Promise<void>;
  setSealing(mode: SealingMode): Promise<void>;
};

/** Control of a chain in this thread. */
export function controlOf(chain: EmbeddedChain): ChainControl {
  return {
    seal: async (extrinsics) => chain.seal(extrinsics),
    setStorage: async (changes) => Promise.resolve(chain.setStorage(changes)),
    setHead: async (number) => Promise.resolve(chain.setHead(number)),
    timeTravel: async (timeMs) => Promise.resolve(chain.timeTravel(timeMs)),
    setRuntimeLogLevel: async (level) => Promise.resolve(chain.setRuntimeLogLevel(level)),
    setSealing: async (mode) => {
      startSealing(chain, mode);
      return Promise.resolve();
    },
  };
}
