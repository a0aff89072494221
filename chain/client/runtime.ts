/**
 * @file The runtime a chain runs, as its metadata describes it: storage keys, calls, errors. Nothing about
 * indexes or layouts is assumed; names are, and a name that is missing is reported by name.
 */
import type { TypeRegistry } from "@polkadot/types";
import type { DecoratedMeta } from "@polkadot/types/metadata/decorate/types";
import type { Si1Field, SiLookupTypeId } from "@polkadot/types/interfaces";
import { ChainError } from "../errors.ts";
import { typesPackage, utilCrypto } from "../polkadot.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { ScaleReader } from "./scale.ts";
import { type KeyPart, keyBytes, type StorageItem } from "./storage-item.ts";

const { blake2AsU8a, xxhashAsU8a } = utilCrypto;
const EMPTY = { extrinsic: {}, payload: {} };
/** Transaction extensions of Subtensor that put nothing into an extrinsic. */
export const SILENT_EXTENSIONS = {
  SudoTransactionExtension: EMPTY,
  CheckShieldedTxValidity: EMPTY,
  SubtensorTransactionExtension: EMPTY,
  DrandPriority: EMPTY,
};

/** Versions that go into every signature. */
export type RuntimeVersion = { readonly specVersion: number; readonly transactionVersion: number };

type Hasher = (bytes: Uint8Array) => Uint8Array;
type Entry = {
  readonly prefix: Uint8Array;
  readonly hashers: readonly Hasher[];
  /** Value of an absent key; null where absence means none. */
  readonly fallback: Uint8Array | null;
  readonly shape: string;
};

const HASHERS: Readonly<Record<string, Hasher>> = {
  Identity: (bytes) => bytes,
  Twox64Concat: (bytes) => Buffer.concat([xxhashAsU8a(bytes, 64), bytes]),
  Blake2_128Concat: (bytes) => Buffer.concat([blake2AsU8a(bytes, 128), bytes]),
};

function camel(name: string): string {
  const joined = name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return joined.slice(0, 1).toLowerCase() + joined.slice(1);
}

/** A decoded runtime; immutable, replaced as a whole when the chain upgrades. */
export class Runtime {
  readonly version: RuntimeVersion;
  readonly registry: TypeRegistry;
  readonly #tx: DecoratedMeta["tx"];
  readonly #entries = new Map<string, Entry>();
  readonly #shapes = new Map<number, string>();
  readonly #checked = new WeakMap<StorageItem<unknown>, Entry>();

  /** @throws ChainError runtime-incompatible when the bytes are no metadata */
  constructor(metadata: Hex, version: RuntimeVersion) {
    const { Metadata, TypeRegistry, expandMetadata } = typesPackage();
    this.version = version;
    this.registry = new TypeRegistry();
    try {
      const decoded = new Metadata(this.registry, metadata);
      this.registry.setMetadata(decoded, undefined, SILENT_EXTENSIONS, true);
      this.#tx = expandMetadata(this.registry, decoded).tx;
      this.#indexStorage();
    } catch (cause) {
      throw new ChainError(
        {
          code: "runtime-incompatible",
          item: "metadata",
          expected: "version 14 to 16",
          found: "not readable",
        },
        { cause },
      );
    }
  }

  /**
   * Storage key of an item.
   * @throws ChainError runtime-incompatible when the runtime lacks the item or gives it another shape
   */
  key(item: StorageItem<unknown>, parts: readonly KeyPart[]): Hex {
    const { prefix, hashers } = this.#entry(item);
    if (parts.length !== hashers.length)
      throw this.#incompatible(item, `${parts.length} keys`, `${hashers.length} keys`);
    const hashed = parts.map((part, index) => hashers[index]?.(keyBytes(part)) ?? prefix);
    return hexOf(Buffer.concat([prefix, ...hashed]));
  }

  /**
   * What the storage keys of all entries of an item begin with.
   * @throws ChainError runtime-incompatible
   */
  prefix(item: StorageItem<unknown>): Hex {
    return hexOf(this.#entry(item).prefix);
  }

  /**
   * A constant of a pallet.
   * @throws ChainError runtime-incompatible when the runtime lacks it or gives it another shape
   */
  constant<T>(item: StorageItem<T>): T {
    const { pallet, name } = item;
    const found = this.registry.metadata.pallets
      .find((one) => one.name.eq(pallet))
      ?.constants.find((one) => one.name.eq(name));
    const shape = found === undefined ? "absent" : this.#shape(found.type);
    if (found === undefined || shape !== item.shape)
      throw new ChainError({
        code: "runtime-incompatible",
        item: `constant ${pallet}.${name}`,
        expected: item.shape,
        found: shape,
      });
    return item.decode(new ScaleReader(found.value.toU8a(true)));
  }

  /** Value of an item from its stored bytes (null = absent), or null when absence means none. */
  value<T>(item: StorageItem<T>, stored: Hex | null): T | null {
    const bytes = stored === null ? this.#entry(item).fallback : bytesOf(stored);
    if (bytes === null) return null;
    try {
      return item.decode(new ScaleReader(bytes));
    } catch (cause) {
      const found = `${bytes.length} bytes that are not this shape`;
      throw new ChainError(
        {
          code: "runtime-incompatible",
          item: `${item.pallet}.${item.name}`,
          expected: item.shape,
          found,
        },
        { cause },
      );
    }
  }

  /** Whether the runtime has an item of this name. */
  has({ pallet, name }: StorageItem<unknown>): boolean {
    return this.#pending.has(`${pallet}.${name}`);
  }

  /** @throws ChainError runtime-incompatible for the first item that is missing or has another shape */
  require(items: readonly StorageItem<unknown>[]): void {
    for (const item of items) this.#entry(item);
  }

  /**
   * A call of this runtime, by its names in metadata (`SubtensorModule`, `set_weights`).
   * @throws ChainError runtime-incompatible (no such call), extrinsic-invalid (arguments do not fit)
   */
  call(
    pallet: string,
    name: string,
    args: readonly unknown[],
  ): ReturnType<DecoratedMeta["tx"][string][string]> {
    const make = this.#tx[camel(pallet)]?.[camel(name)];
    if (make === undefined)
      throw new ChainError({
        code: "runtime-incompatible",
        item: `call ${pallet}.${name}`,
        expected: "a call",
        found: "absent",
      });
    try {
      return make(...args);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new ChainError(
        { code: "extrinsic-invalid", reason: `arguments of ${pallet}.${name}`, detail },
        { cause },
      );
    }
  }

  /** Name of a pallet by its index. */
  palletName(index: number): string {
    const found = this.registry.metadata.pallets.find((pallet) => pallet.index.eqn(index));
    return found?.name.toString() ?? `pallet ${index}`;
  }

  /** Name and documentation of a pallet's error. */
  errorNamed(pallet: number, error: number): { readonly name: string; readonly docs: string } {
    try {
      const { name, docs } = this.registry.findMetaError(Uint8Array.of(pallet, error));
      return { name, docs: docs.join(" ").trim() };
    } catch {
      return { name: `error ${error}`, docs: "" };
    }
  }

  #indexStorage(): void {
    for (const pallet of this.registry.metadata.pallets) {
      if (pallet.storage.isNone) continue;
      const storage = pallet.storage.unwrap();
      const palletHash = xxhashAsU8a(storage.prefix.toString(), 128);
      for (const item of storage.items) {
        const full = `${pallet.name.toString()}.${item.name.toString()}`;
        const map = item.type.isMap ? item.type.asMap : null;
        const value = map?.value ?? item.type.asPlain;
        this.#pending.set(full, () => ({
          prefix: Buffer.concat([palletHash, xxhashAsU8a(item.name.toString(), 128)]),
          hashers: (map?.hashers ?? []).map((hasher) => this.#hasher(full, hasher.type)),
          fallback: item.modifier.isOptional ? null : item.fallback.toU8a(true),
          shape: this.#shape(value),
        }));
      }
    }
  }

  /** Entries are worked out on first use: a runtime has a thousand, a node reads forty. */
  readonly #pending = new Map<string, () => Entry>();

  #hasher(item: string, name: string): Hasher {
    const hasher = HASHERS[name];
    if (hasher === undefined)
      throw new ChainError({
        code: "runtime-incompatible",
        item,
        expected: Object.keys(HASHERS).join(" or "),
        found: name,
      });
    return hasher;
  }

  #entry(item: StorageItem<unknown>): Entry {
    const known = this.#checked.get(item);
    if (known !== undefined) return known;
    const full = `${item.pallet}.${item.name}`;
    const entry = this.#entries.get(full) ?? this.#pending.get(full)?.();
    if (entry === undefined) throw this.#absent(full);
    this.#entries.set(full, entry);
    if (entry.shape !== item.shape) throw this.#incompatible(item, item.shape, entry.shape);
    this.#checked.set(item, entry);
    return entry;
  }

  #absent(item: string): ChainError {
    return new ChainError({
      code: "runtime-incompatible",
      item: `storage ${item}`,
      expected: "an item",
      found: "absent",
    });
  }

  #incompatible(item: StorageItem<unknown>, expected: string, found: string): ChainError {
    return new ChainError({
      code: "runtime-incompatible",
      item: `storage ${item.pallet}.${item.name}`,
      expected,
      found,
    });
  }

  /** Shape of a type as text; a struct of one field is that field, as SCALE writes no difference. */
  #shape(id: SiLookupTypeId): string {
    const index = id.toNumber();
    const known = this.#shapes.get(index);
    if (known !== undefined) return known;
    const shape = this.#describe(id);
    this.#shapes.set(index, shape);
    return shape;
  }

  #struct(fields: readonly Si1Field[]): string {
    const [first] = fields;
    if (first !== undefined && fields.length === 1) return this.#shape(first.type);
    const named = fields.map(
      (field) => `${field.name.unwrapOrDefault().toString()}:${this.#shape(field.type)}`,
    );
    return `{${named.join(",")}}`;
  }

  #describe(id: SiLookupTypeId): string {
    const { def, path } = this.registry.lookup.getSiType(id);
    if (def.isPrimitive) return def.asPrimitive.type.toLowerCase();
    if (def.isSequence) return `Vec<${this.#shape(def.asSequence.type)}>`;
    if (def.isArray) return `[${this.#shape(def.asArray.type)};${def.asArray.len.toString()}]`;
    if (def.isCompact) return `Compact<${this.#shape(def.asCompact.type)}>`;
    if (def.isTuple) return `(${def.asTuple.map((part) => this.#shape(part)).join(",")})`;
    if (def.isComposite) return this.#struct(def.asComposite.fields);
    return `enum ${path.at(-1)?.toString() ?? ""}`;
  }
}
