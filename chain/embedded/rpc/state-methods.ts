/** @file JSON-RPC: state_*. */
import { type Hex, NO_BYTES, fromHex, hexOfKey, keyOf, keyOfHex, toHex } from "../codec/bytes.ts";
import { type JsonValue } from "../codec/exact-json.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { ScaleReader } from "../codec/scale.ts";
import { Answers } from "./answers.ts";
import { type RpcMethods } from "./methods.ts";
import { type RpcParams } from "./params.ts";
import { type ServedChain } from "./served-chain.ts";
import { valuesOf } from "./storage-values.ts";

const MOST_KEYS = 1000;
/** Of one answer that cannot be asked for in pages. */
const MOST_KEYS_AT_ONCE = 20_000;
/** Blocks that one question about changes may span. */
const MOST_BLOCKS = 256;

/** Changes of `keys` in each of the blocks from `first` to `last`, beginning with their values at `first`. */
function storageHistory(
  chain: ServedChain,
  keys: readonly Hex[],
  [first, last]: [Hex, Hex],
): JsonValue {
  const from = chain.blockNumber(first);
  const to = chain.blockNumber(last);
  if (from === null || to === null) throw new RangeError("a block of the range is unknown");
  if (to - from > MOST_BLOCKS)
    throw new TypeError(`more than ${MOST_BLOCKS} blocks: ask for a shorter range`);
  const history: JsonValue[] = [{ block: first, changes: valuesOf(chain, keys, first) }];
  const wanted = new Set<string>(keys);
  chain.changesBetween(from + 1, to).forEach((changes, index) => {
    const mine = changes
      .map(([key, value]) => [hexOfKey(key), value === null ? null : toHex(value)] as const)
      .filter(([key]) => wanted.has(key));
    const block = chain.blockHash(from + 1 + index);
    if (mine.length > 0) history.push({ block, changes: mine });
  });
  return history;
}

function keysPaged(chain: ServedChain, params: RpcParams): JsonValue {
  const prefix = params.value(0) === null ? "" : keyOfHex(params.hex(0));
  const count = params.count(1);
  if (count > MOST_KEYS) {
    throw new TypeError(`count exceeds maximum value. value: ${count}, max: ${MOST_KEYS}`);
  }
  const start = params.value(2) === null ? undefined : keyOfHex(params.hex(2));
  return chain.keysAt(prefix, count, start, params.optionalHash(3)).map(hexOfKey);
}

/** All keys of a prefix. Nodes give them without a bound; here whoever wants more has to turn pages. */
function allKeys(chain: ServedChain, params: RpcParams): JsonValue {
  const [prefix, hash] = [keyOfHex(params.hex(0)), params.optionalHash(1)];
  const keys = chain.keysAt(prefix, MOST_KEYS_AT_ONCE + 1, undefined, hash);
  if (keys.length > MOST_KEYS_AT_ONCE)
    throw new TypeError(`more than ${MOST_KEYS_AT_ONCE} keys: ask by state_getKeysPaged`);
  return keys.map(hexOfKey);
}

/** Nodes of the state's tree that prove what keys hold: `{ at, proof }`. */
function readProof(chain: ServedChain, params: RpcParams): JsonValue {
  const keys = params.hexList(0);
  if (keys.length > MOST_KEYS) throw new TypeError(`more than ${MOST_KEYS} keys at once`);
  const at = params.optionalHash(1) ?? chain.head().hash;
  return { at, proof: chain.readProof(keys, at).map(toHex) };
}

/** Storage, runtime calls, metadata. */
export function stateMethods(chain: ServedChain): RpcMethods {
  const storage = (params: RpcParams): Hex | null =>
    chain.storageAt(params.hex(0), params.optionalHash(1));
  const answers = new Answers(chain);
  const call = (params: RpcParams): JsonValue => {
    const [name, args] = [params.text(0), params.bareBytes(1)];
    const hash = params.optionalHash(2) ?? chain.head().hash;
    return answers.of(`${hash} ${name} ${keyOf(args)}`, () => toHex(chain.call(name, args, hash)));
  };
  const metadata = (hash: Hex): Hex =>
    toHex(new ScaleReader(chain.call("Metadata_metadata", NO_BYTES, hash)).bytes());
  const version = (params: RpcParams): JsonValue => chain.runtimeVersionAt(params.optionalHash(0));
  return {
    state_getStorage: storage,
    state_getStorageAt: storage,
    state_getStorageSize: (params) => {
      const value = storage(params);
      return value === null ? null : value.length / 2 - 1;
    },
    state_getStorageHash: (params) => {
      const value = storage(params);
      return value === null ? null : toHex(blake2b256(fromHex(value)));
    },
    state_getKeys: (params) => allKeys(chain, params),
    state_getKeysPaged: (params) => keysPaged(chain, params),
    state_getKeysPagedAt: (params) => keysPaged(chain, params),
    state_getReadProof: (params) => readProof(chain, params),
    state_queryStorageAt: (params) => {
      const hash = params.optionalHash(1) ?? chain.head().hash;
      return [{ block: hash, changes: valuesOf(chain, params.hexList(0), hash) }];
    },
    state_queryStorage: (params) =>
      storageHistory(chain, params.hexList(0), [
        params.hash(1),
        params.optionalHash(2) ?? chain.head().hash,
      ]),
    state_call: call,
    state_callAt: call,
    state_getMetadata: (params) => {
      const hash = params.optionalHash(0) ?? chain.head().hash;
      const make = (): Hex => metadata(hash);
      return hash === chain.head().hash
        ? answers.metadata(make)
        : answers.of(`${hash} metadata`, make);
    },
    state_getRuntimeVersion: version,
    chain_getRuntimeVersion: version,
  };
}
