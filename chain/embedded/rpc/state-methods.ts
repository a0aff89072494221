/** @file JSON-RPC: state_*, author_* and payment_*. */
import { type Hex, NO_BYTES, concat, fromHex, hexOfKey, keyOfHex, toHex } from "../codec/bytes.ts";
import { type Engine } from "../chain.ts";
import { type JsonValue } from "../codec/exact-json.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { type RpcMethods } from "./method.ts";
import { type RpcParams } from "./params.ts";
import { ScaleReader, u32 } from "../codec/scale.ts";

const MOST_KEYS = 1000;
const CLASSES = ["normal", "operational", "mandatory"];

/** Changes of `keys` in each of the blocks from `first` to `last`, beginning with their values at `first`. */
function storageHistory(
  engine: Engine,
  keys: readonly Hex[],
  [first, last]: [Hex, Hex],
): JsonValue {
  const from = engine.blockNumber(first);
  const to = engine.blockNumber(last);
  if (from === null || to === null) throw new RangeError("a block of the range is unknown");
  const history: JsonValue[] = [
    { block: first, changes: keys.map((key) => [key, engine.storageAt(key, first)]) },
  ];
  const wanted = new Set<string>(keys);
  engine.changesBetween(from + 1, to).forEach((changes, index) => {
    const mine = changes
      .map(([key, value]) => [hexOfKey(key), value === null ? null : toHex(value)] as const)
      .filter(([key]) => wanted.has(key));
    const block = engine.blockHash(from + 1 + index);
    if (mine.length > 0) history.push({ block, changes: mine });
  });
  return history;
}

function keysPaged(engine: Engine, params: RpcParams): JsonValue {
  const prefix = params.value(0) === null ? "" : keyOfHex(params.hex(0));
  const count = params.count(1);
  if (count > MOST_KEYS) {
    throw new TypeError(`count exceeds maximum value. value: ${count}, max: ${MOST_KEYS}`);
  }
  const start = params.value(2) === null ? undefined : keyOfHex(params.hex(2));
  return engine.keysAt(prefix, count, start, params.optionalHash(3)).map(hexOfKey);
}

/** Storage, runtime calls, metadata. */
export function stateMethods(engine: Engine): RpcMethods {
  const storage = (params: RpcParams): Hex | null =>
    engine.storageAt(params.hex(0), params.optionalHash(1));
  const call = (params: RpcParams): JsonValue =>
    toHex(engine.call(params.text(0), params.bytes(1), params.optionalHash(2)));
  const version = (): JsonValue => engine.runtimeVersion;
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
    state_getKeysPaged: (params) => keysPaged(engine, params),
    state_getKeysPagedAt: (params) => keysPaged(engine, params),
    state_queryStorageAt: (params) => {
      const hash = params.optionalHash(1) ?? engine.head().hash;
      const changes = params.hexList(0).map((key) => [key, engine.storageAt(key, hash)]);
      return [{ block: hash, changes }];
    },
    state_queryStorage: (params) =>
      storageHistory(engine, params.hexList(0), [
        params.hash(1),
        params.optionalHash(2) ?? engine.head().hash,
      ]),
    state_call: call,
    state_callAt: call,
    state_getMetadata: (params) =>
      toHex(
        new ScaleReader(engine.call("Metadata_metadata", NO_BYTES, params.optionalHash(0))).bytes(),
      ),
    state_getRuntimeVersion: version,
    chain_getRuntimeVersion: version,
  };
}

/** The transaction pool. */
export function authorMethods(engine: Engine): RpcMethods {
  return {
    author_submitExtrinsic: (params) => engine.submit(params.bytes(0)),
    author_pendingExtrinsics: () => engine.pool.pending().map(toHex),
  };
}

/** Little-endian unsigned integer of any width. */
function unsigned(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}

/** Fees. */
export function paymentMethods(engine: Engine): RpcMethods {
  return {
    payment_queryInfo: (params) => {
      const extrinsic = params.bytes(0);
      const args = concat(extrinsic, u32(extrinsic.length));
      const info = engine.call("TransactionPaymentApi_query_info", args, params.optionalHash(1));
      const reader = new ScaleReader(info);
      const weight = { ref_time: reader.compact(), proof_size: reader.compact() };
      const kind = CLASSES[reader.u8()] ?? "normal";
      return { weight, class: kind, partialFee: unsigned(reader.take(reader.left)).toString() };
    },
  };
}
