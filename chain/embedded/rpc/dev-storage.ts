/** @file Values for `dev_setStorage`: raw pairs, or pallet and item names resolved through the metadata. */
import { typesPackage } from "../../lean-crypto.ts";
import { NO_BYTES, fromHex, isHex, keyOf, keyOfHex, toHex } from "../codec/bytes.ts";
import {
  type JsonObject,
  type JsonValue,
  isJsonObject,
  writeExactJson,
} from "../codec/exact-json.ts";
import { ScaleReader } from "../codec/scale.ts";
import { type StorageChange, type StorageChanges } from "../state/storage-changes.ts";
import { type ServedChain } from "./served-chain.ts";

type Codec = { toU8a(): Uint8Array };
/** The number of a type in the runtime's metadata. */
type LookupId = { toNumber(): number };
type StorageEntry = {
  (...keys: unknown[]): Uint8Array;
  keyPrefix(...keys: unknown[]): Uint8Array;
  meta: { type: { isPlain: boolean; asPlain: LookupId; asMap: { value: LookupId } } };
};
type Resolver = {
  entry(pallet: string, item: string): StorageEntry;
  encode(entry: StorageEntry, value: JsonValue): Uint8Array;
};

/** JSON with numbers that do not fit as text: what createType takes. */
function plain(value: JsonValue): unknown {
  return JSON.parse(writeExactJson(value), (_key, item: unknown, context?: { source?: string }) =>
    typeof item === "number" && !Number.isSafeInteger(item) ? (context?.source ?? item) : item,
  );
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function isEntry(value: unknown): value is StorageEntry {
  return typeof value === "function" && "keyPrefix" in value && "meta" in value;
}

function resolver(chain: ServedChain): Resolver {
  const { Metadata, TypeRegistry, expandMetadata } = typesPackage();
  const registry = new TypeRegistry();
  const bytes = new ScaleReader(chain.call("Metadata_metadata", NO_BYTES)).bytes();
  const metadata = new Metadata(registry, toHex(bytes));
  registry.setMetadata(metadata);
  const storage: Record<string, Record<string, unknown>> = expandMetadata(registry, metadata).query;
  return {
    entry: (pallet, item) => {
      const entry = storage[lowerFirst(pallet)]?.[lowerFirst(item)];
      if (!isEntry(entry)) throw new TypeError(`there is no storage ${pallet}.${item}`);
      return entry;
    },
    encode: (entry, value) => {
      const { type } = entry.meta;
      const id = type.isPlain ? type.asPlain : type.asMap.value;
      const name = registry.createLookupType(id.toNumber());
      const codec: Codec = registry.createType(name, plain(value));
      return codec.toU8a();
    },
  };
}

/** A storage key of the metadata comes behind its compact length. */
function storageKey(prefixed: Uint8Array): string {
  return keyOf(new ScaleReader(prefixed).bytes());
}

function rawChanges(pairs: readonly JsonValue[]): StorageChanges {
  return pairs.map((pair) => {
    const [key, value] = Array.isArray(pair) ? pair : [];
    if (!isHex(key) || !(value === null || value === undefined || isHex(value))) {
      throw new TypeError("a raw change is [hex key, hex value or null]");
    }
    return [keyOfHex(key), isHex(value) ? fromHex(value) : null];
  });
}

function removals(chain: ServedChain, prefix: string): StorageChanges {
  return chain.keysAt(prefix, Number.MAX_SAFE_INTEGER).map((key): StorageChange => [key, null]);
}

function itemChanges(resolve: Resolver, entry: StorageEntry, value: JsonValue): StorageChanges {
  const encoded = (item: JsonValue): Uint8Array | null =>
    item === null ? null : resolve.encode(entry, item);
  if (entry.meta.type.isPlain) return [[storageKey(entry()), encoded(value)]];
  if (!Array.isArray(value)) throw new TypeError("a map takes [[keys], value] pairs");
  return value.map((pair: JsonValue) => {
    const [keys, item] = Array.isArray(pair) ? pair : [];
    if (!Array.isArray(keys)) throw new TypeError("a map takes [[keys], value] pairs");
    const args = keys.map((key: JsonValue) => plain(key));
    // A map with several keys takes them as one list.
    const key = args.length > 1 ? entry(args) : entry(...args);
    return [storageKey(key), encoded(item ?? null)];
  });
}

function palletChanges(
  chain: ServedChain,
  resolve: Resolver,
  [pallet, items]: [string, JsonValue],
): StorageChanges {
  if (!isJsonObject(items)) throw new TypeError(`${pallet} is not an object`);
  const changes: StorageChange[] = [];
  const { $removePrefix: removed, ...rest } = items;
  for (const item of Array.isArray(removed) ? removed : []) {
    if (typeof item !== "string") throw new TypeError("$removePrefix is a list of item names");
    changes.push(...removals(chain, keyOf(resolve.entry(pallet, item).keyPrefix())));
  }
  for (const [item, value] of Object.entries(rest)) {
    changes.push(...itemChanges(resolve, resolve.entry(pallet, item), value));
  }
  return changes;
}

/** Changes that `dev_setStorage` asks for. @throws TypeError when they make no sense */
export function storageChangesOf(chain: ServedChain, values: JsonValue): StorageChanges {
  if (Array.isArray(values)) return rawChanges(values);
  if (!isJsonObject(values)) throw new TypeError("parameter 0 is neither a list nor an object");
  const resolve = resolver(chain);
  const named: JsonObject = values;
  return Object.entries(named).flatMap((entry) => palletChanges(chain, resolve, entry));
}
