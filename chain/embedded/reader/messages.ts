/** @file What the author's thread and a reader's thread tell each other. Everything here crosses as a copy. */
import { type ChainFault, ChainError } from "../../errors.ts";
import { type LogLevel } from "../chain.ts";
import { type Hex } from "../codec/bytes.ts";
import { type PoolEntry } from "../pool/entry.ts";
import { type TransactionStatus } from "../pool/pool.ts";
import { TryLater } from "../rpc/failure.ts";
import { type RpcLimits } from "../rpc/limits.ts";
import { type SealingMode } from "../sealing.ts";
import { type StorageChanges } from "../state/storage-changes.ts";
import { type StateVersion } from "../state/trie-root.ts";

/** A block's header, in SCALE. */
export type HeaderCopy = {
  readonly number: number;
  readonly hash: Hex;
  readonly header: Uint8Array;
};

/** A waiting extrinsic, and in which queue. */
export type PoolPlace = { readonly entry: PoolEntry; readonly queue: "ready" | "future" };

/** What a reader begins with. */
export type Beginning = {
  readonly genesisHash: Hex;
  readonly slotDurationMs: number;
  readonly head: HeaderCopy;
  /** The whole state after the head: `encodeChanges`. */
  readonly state: Uint8Array;
  /** How its trees are hashed. */
  readonly layout: StateVersion;
  readonly pool: readonly PoolPlace[];
  /** Whether dev_ methods are served. */
  readonly dev: boolean;
  /** Whether metrics are served; the author has them. */
  readonly metrics: boolean;
  readonly host: string;
  readonly port: number;
  readonly limits: Partial<RpcLimits>;
};

/** A request to the chain, by its number. */
export type Request =
  | {
      readonly kind: "submit";
      readonly extrinsic: Uint8Array;
      /** Names of the signatures that the reader found right. */
      readonly signatures: readonly string[];
    }
  | { readonly kind: "metrics" }
  | { readonly kind: "seal"; readonly extrinsics: readonly Uint8Array[] | null }
  | { readonly kind: "setStorage"; readonly changes: StorageChanges }
  | { readonly kind: "setHead"; readonly number: number }
  | { readonly kind: "timeTravel"; readonly timeMs: number }
  | { readonly kind: "logLevel"; readonly level: number }
  | { readonly kind: "sealing"; readonly mode: SealingMode };

/** An error in a form that crosses threads. */
export type Failure =
  | { readonly kind: "chain"; readonly fault: ChainFault }
  | { readonly kind: "type" | "range" | "later" | "other"; readonly message: string };

/** From the author to a reader. Blocks come in order, and before the answer to what made them. */
export type AuthorMessage =
  | { readonly type: "begin"; readonly beginning: Beginning }
  | {
      readonly type: "head";
      readonly head: HeaderCopy;
      /** `encodeChanges`. */
      readonly changes: Uint8Array;
      /** Null: the block was there before. */
      readonly extrinsics: readonly Uint8Array[] | null;
    }
  | { readonly type: "finalized"; readonly hash: Hex }
  | {
      readonly type: "transaction";
      readonly hash: Hex;
      readonly status: TransactionStatus;
      /** Where it waits now; null: nowhere any more. */
      readonly place: PoolPlace | null;
    }
  /** The value has the type that waits under the id: a channel cannot say so. */
  | { readonly type: "done"; readonly id: number; readonly value: never }
  | { readonly type: "failed"; readonly id: number; readonly failure: Failure }
  | { readonly type: "ping" }
  | { readonly type: "close" };

/** What the author posts: it does not know the type that waits under an id. */
export type Posted =
  | AuthorMessage
  | { readonly type: "done"; readonly id: number; readonly value: unknown };

/** From a reader to the author. */
export type ReaderMessage =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "refused"; readonly failure: Failure }
  | { readonly type: "request"; readonly id: number; readonly request: Request }
  | { readonly type: "log"; readonly level: LogLevel; readonly text: string }
  | { readonly type: "pong" };

/** What a reader asks about blocks that it does not hold itself, and waits for. */
export type Question =
  | { readonly kind: "hash"; readonly number: number }
  | { readonly kind: "number"; readonly hash: Hex }
  | { readonly kind: "block"; readonly hash: Hex }
  | { readonly kind: "changes"; readonly first: number; readonly last: number }
  /** What turns the state after block `from` into that after `hash`. */
  | { readonly kind: "state"; readonly hash: Hex; readonly from: Hex };

/** A block as it is told: without extrinsics where they were pruned. */
export type BlockCopy = {
  readonly header: Uint8Array;
  readonly extrinsics: readonly Uint8Array[] | null;
};

/** The answers by question. */
export type AnswerTo = {
  readonly hash: Hex | null;
  readonly number: number | null;
  readonly block: BlockCopy | null;
  readonly changes: readonly Uint8Array[];
  readonly state: Uint8Array;
};

/** The error as it crosses. */
export function failureFrom(error: unknown): Failure {
  if (error instanceof ChainError) return { kind: "chain", fault: error.fault };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError) return { kind: "type", message };
  if (error instanceof TryLater) return { kind: "later", message };
  return { kind: error instanceof RangeError ? "range" : "other", message };
}

/** The error as it was. */
export function errorFrom(failure: Failure): Error {
  if (failure.kind === "chain") return new ChainError(failure.fault);
  if (failure.kind === "type") return new TypeError(failure.message);
  if (failure.kind === "later") return new TryLater(failure.message);
  return failure.kind === "range" ? new RangeError(failure.message) : new Error(failure.message);
}
