/** @file JSON-RPC subscriptions: what starts one, what ends it, what its notifications are called. */
import { isDeepStrictEqual } from "node:util";
import { type ChainEvent } from "../chain.ts";
import { type Hex, keyOfHex, toHex } from "../codec/bytes.ts";
import { type JsonValue } from "../codec/exact-json.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { type StorageChanges } from "../state/storage-changes.ts";
import { headerJson } from "./header-json.ts";
import { type RpcParams } from "./params.ts";
import { type ServedChain } from "./served-chain.ts";
import { valuesOf } from "./storage-values.ts";

/** Sends one notification. */
type Notify = (result: JsonValue) => void;

/** One kind of subscription. `start` returns what ends it. */
export type Subscription = {
  readonly unsubscribe: readonly string[];
  readonly notification: string;
  readonly start: (
    params: RpcParams,
    notify: Notify,
    /** Called when nothing more will come. */
    done: () => void,
  ) => (() => void) | Promise<() => void>;
};

function heads(chain: ServedChain, type: "head" | "finalized"): Subscription["start"] {
  return (_params, notify) => {
    const header = chain.header();
    if (header !== null) notify(headerJson(header));
    return chain.subscribe((event) => {
      if (event.type === type) notify(headerJson(event.block.header));
    });
  };
}

function storage(chain: ServedChain): Subscription["start"] {
  return (params, notify) => {
    const keys = params.hexList(0);
    const wanted = new Map(keys.map((key) => [keyOfHex(key), key]));
    const { hash } = chain.head();
    notify({ block: hash, changes: valuesOf(chain, keys, hash) });
    return chain.subscribe((event) => {
      if (event.type !== "head") return;
      const changes = chosen(event.changes, wanted);
      if (changes.length > 0) notify({ block: event.block.hash, changes });
    });
  };
}

/** Changes by key, made once for all who listen. */
const byKey = new WeakMap<StorageChanges, ReadonlyMap<string, Uint8Array | null>>();

function indexed(changes: StorageChanges): ReadonlyMap<string, Uint8Array | null> {
  const known = byKey.get(changes);
  if (known !== undefined) return known;
  const made = new Map(changes);
  byKey.set(changes, made);
  return made;
}

/** Keys a block wrote, even to the value they had: a node reports those too (System.Events of quiet blocks). */
function chosen(changes: StorageChanges, wanted: ReadonlyMap<string, Hex>): [Hex, Hex | null][] {
  const written = indexed(changes);
  const result: [Hex, Hex | null][] = [];
  for (const [key, name] of wanted) {
    const value = written.get(key);
    if (value !== undefined) result.push([name, value === null ? null : toHex(value)]);
  }
  return result;
}

/**
 * `finalized` follows `inBlock` after this pause. @polkadot/api drops an inBlock whose block it is still fetching
 * when the next status arrives, and scripts that wait for inBlock would wait for ever.
 */
const FINALIZED_PAUSE_MS = 200;

function isLast(event: ChainEvent): boolean {
  if (event.type !== "transaction") return false;
  const { status } = event;
  if (typeof status === "string") return status === "invalid" || status === "dropped";
  return "finalized" in status || "usurped" in status;
}

function extrinsic(chain: ServedChain): Subscription["start"] {
  return async (params, notify, done) => {
    const bytes = params.bytes(0);
    const hash = toHex(blake2b256(bytes));
    let finalized: NodeJS.Timeout | undefined;
    const stop = chain.subscribe((event) => {
      if (event.type !== "transaction" || event.hash !== hash) return;
      const { status } = event;
      if (isLast(event)) stop();
      if (typeof status === "object" && "finalized" in status) {
        finalized = setTimeout(() => {
          notify(status);
          done();
        }, FINALIZED_PAUSE_MS).unref();
        return;
      }
      notify(status);
      if (isLast(event)) done();
    });
    try {
      await chain.submit(bytes);
    } catch (error) {
      stop();
      throw error;
    }
    return () => {
      stop();
      clearTimeout(finalized);
    };
  };
}

/** The version of the head's runtime, and every other one that takes its place: as a node, when the block is there. */
function versions(chain: ServedChain, notify: Notify): () => void {
  let told = chain.runtimeVersion;
  notify(told);
  return chain.subscribe(({ type }) => {
    if (type !== "head" || isDeepStrictEqual(chain.runtimeVersion, told)) return;
    told = chain.runtimeVersion;
    notify(told);
  });
}

/** Subscriptions by the method that starts them. */
export function subscriptionKinds(chain: ServedChain): Readonly<Record<string, Subscription>> {
  const newHead: Subscription = {
    unsubscribe: ["chain_unsubscribeNewHead", "chain_unsubscribeNewHeads", "unsubscribe_newHead"],
    notification: "chain_newHead",
    start: heads(chain, "head"),
  };
  const finalizedHead: Subscription = {
    unsubscribe: ["chain_unsubscribeFinalizedHeads", "chain_unsubscribeFinalisedHeads"],
    notification: "chain_finalizedHead",
    start: heads(chain, "finalized"),
  };
  const runtimeVersion: Subscription = {
    unsubscribe: ["state_unsubscribeRuntimeVersion", "chain_unsubscribeRuntimeVersion"],
    notification: "state_runtimeVersion",
    start: (_params, notify) => versions(chain, notify),
  };
  return {
    chain_subscribeNewHead: newHead,
    chain_subscribeNewHeads: newHead,
    subscribe_newHead: newHead,
    chain_subscribeAllHeads: {
      unsubscribe: ["chain_unsubscribeAllHeads"],
      notification: "chain_allHead",
      start: heads(chain, "head"),
    },
    chain_subscribeFinalizedHeads: finalizedHead,
    chain_subscribeFinalisedHeads: finalizedHead,
    state_subscribeStorage: {
      unsubscribe: ["state_unsubscribeStorage"],
      notification: "state_storage",
      start: storage(chain),
    },
    state_subscribeRuntimeVersion: runtimeVersion,
    chain_subscribeRuntimeVersion: runtimeVersion,
    author_submitAndWatchExtrinsic: {
      unsubscribe: ["author_unwatchExtrinsic"],
      notification: "author_extrinsicUpdate",
      start: extrinsic(chain),
    },
  };
}
