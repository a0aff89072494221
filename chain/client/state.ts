/** @file Reads storage at one block in as few round trips as possible. */
import { z } from "zod";
import { ChainError } from "../errors.ts";
import { utilCrypto } from "../polkadot.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { changesSchema, hexSchema, runtimeVersionSchema } from "./answers.ts";
import { type ChainLink } from "./link.ts";
import { RpcRefusal } from "./rpc.ts";
import { Runtime } from "./runtime.ts";
import { ScaleReader } from "./scale.ts";
import { type KeyPart, type StorageItem } from "./storage-item.ts";

/** So often is asked whether the chain was upgraded, for clients that only read; submitting always asks. */
const REFRESH_BLOCKS = 50;
/** System.LastRuntimeUpgrade: each runtime writes its version there in the first block that it makes, and its layouts with it. */
const LAST_UPGRADE = hexOf(
  Buffer.concat(["System", "LastRuntimeUpgrade"].map((name) => utilCrypto.xxhashAsU8a(name, 128))),
);
/** Runtimes that are kept: blocks around an upgrade are read with both. */
const KEPT_RUNTIMES = 4;
/** Keys of one question; nodes limit the size of a message. */
const KEYS_PER_QUESTION = 1000;

/** How long a slot lasts; on chains whose authors take turns by Aura. */
const slotDuration: StorageItem<bigint> = {
  pallet: "Aura",
  name: "SlotDuration",
  shape: "u64",
  decode: (reader) => reader.u64(),
};

/** Value of one asked item, once its batch was read. */
export type Answer<T> = () => T;

/** One asked item; `isOurs`: of Assay's runtime alone. */
type Asked<T> = {
  readonly item: StorageItem<T>;
  readonly parts: readonly KeyPart[];
  readonly isOurs: boolean;
  /** Its storage key, once it was read. */
  key: Hex | null;
};
/** What a block answered, with the runtime that wrote it. */
type Read = { readonly runtime: Runtime; readonly values: ReadonlyMap<Hex, Hex | null> };

/** Questions to be answered by the state of one block, read as the runtime of that block wrote it. */
export class StateBatch {
  readonly #state: ChainState;
  readonly #asked: Asked<unknown>[] = [];
  #read: Read | null = null;

  constructor(state: ChainState) {
    this.#state = state;
  }

  /** The runtime that wrote what was read. */
  get runtime(): Runtime {
    return this.#done("the batch").runtime;
  }

  /** Asks for an item whose absence means none. */
  ask<T>(item: StorageItem<T>, ...parts: readonly KeyPart[]): Answer<T | null> {
    const asked = this.#ask(item, parts, false);
    return () => this.#answer(asked);
  }

  /** Asks for an item that has a default value, so that there is always an answer. */
  askValue<T>(item: StorageItem<T>, ...parts: readonly KeyPart[]): Answer<T> {
    const asked = this.#ask(item, parts, false);
    return () => this.#value(asked);
  }

  /** Asks for an item of Assay's runtime alone; of a chain that has none the answer is `otherwise`. */
  askOurs<T>(item: StorageItem<T>, otherwise: T, ...parts: readonly KeyPart[]): Answer<T> {
    const asked = this.#ask(item, parts, true);
    return () => (this.#done(item.name).runtime.has(item) ? this.#value(asked) : otherwise);
  }

  /**
   * Reads everything that was asked, at the block with this hash.
   * @throws ChainError chain-unreachable, rpc-failed (the node no longer holds that state), runtime-incompatible
   */
  async read(at: Hex): Promise<void> {
    const first = await this.#readAs(this.#state.runtime, at);
    const wrote = writerOf(first.values.get(LAST_UPGRADE) ?? null);
    const isOther = wrote !== null && wrote !== first.runtime.version.specVersion;
    // Layouts are those of the runtime that made the block, which may be an older or a newer one than the last that was met.
    this.#read = isOther ? await this.#readAs(await this.#state.runtimeOf(wrote, at), at) : first;
  }

  #ask<T>(item: StorageItem<T>, parts: readonly KeyPart[], isOurs: boolean): Asked<T> {
    // What is asked after the read was asked before it as well, in other words.
    const asked = { item, parts, isOurs, key: this.#read?.runtime.key(item, parts) ?? null };
    this.#asked.push(asked);
    return asked;
  }

  async #readAs(runtime: Runtime, at: Hex): Promise<Read> {
    const keys = [LAST_UPGRADE];
    for (const asked of this.#asked) {
      const isThere = !asked.isOurs || runtime.has(asked.item);
      asked.key = isThere ? runtime.key(asked.item, asked.parts) : null;
      if (asked.key !== null) keys.push(asked.key);
    }
    const parts: Hex[][] = [];
    for (let from = 0; from < keys.length; from += KEYS_PER_QUESTION)
      parts.push(keys.slice(from, from + KEYS_PER_QUESTION));
    const answers = await Promise.all(parts.map(async (some) => this.#state.values(some, at)));
    return { runtime, values: new Map(answers.flatMap((entries) => [...entries])) };
  }

  #done(what: string): Read {
    if (this.#read === null) throw new RangeError(`${what} was asked but not yet read`);
    return this.#read;
  }

  #answer<T>({ item, key }: Asked<T>): T | null {
    const { runtime, values } = this.#done(item.name);
    const stored = key === null ? null : values.get(key);
    if (stored === undefined) throw new RangeError(`${item.name} was asked after the read alone`);
    return runtime.value(item, stored);
  }

  #value<T>(asked: Asked<T>): T {
    const value = this.#answer(asked);
    if (value === null)
      throw new ChainError({
        code: "runtime-incompatible",
        item: `storage ${asked.item.pallet}.${asked.item.name}`,
        expected: "a default value",
        found: "none",
      });
    return value;
  }
}

/** The version of the runtime that made the block, from its state; null: it does not say. */
function writerOf(stored: Hex | null): number | null {
  return stored === null ? null : new ScaleReader(bytesOf(stored)).compact();
}

/** Milliseconds of a slot by a runtime's metadata; null: they do not say. */
function slotMsOf(runtime: Runtime): number | null {
  try {
    return Number(runtime.constant(slotDuration));
  } catch {
    return null;
  }
}

/** The chain as a store that can be read at any block the node still holds. */
export class ChainState {
  readonly link: ChainLink;
  #runtime: Runtime;
  /** By their versions, the oldest first. */
  readonly #runtimes = new Map<number, Promise<Runtime>>();

  private constructor(link: ChainLink, runtime: Runtime) {
    this.link = link;
    this.#runtime = runtime;
    this.#keep(runtime.version.specVersion, Promise.resolve(runtime));
    const slotMs = slotMsOf(runtime);
    if (slotMs !== null) link.learnSlot(slotMs);
    // A failed refresh shows itself in the next request.
    const refresh = (): void => void this.refresh().catch(() => undefined);
    link.onReconnect(refresh);
    link.onHead((height) => {
      if (height % REFRESH_BLOCKS === 0) refresh();
    });
  }

  /** @throws ChainError */
  static async open(link: ChainLink): Promise<ChainState> {
    return new ChainState(link, await loadRuntime(link));
  }

  /** The newest runtime that was met: new extrinsics are made for it. */
  get runtime(): Runtime {
    return this.#runtime;
  }

  /** Loads the runtime again if the chain was upgraded. */
  async refresh(): Promise<void> {
    const version = await loadVersion(this.link);
    if (version.specVersion === this.#runtime.version.specVersion) return;
    this.#runtime = await loadRuntime(this.link);
    this.#keep(this.#runtime.version.specVersion, Promise.resolve(this.#runtime));
  }

  /**
   * The runtime of a version, as the block `at` has it that was made by it.
   * @throws ChainError chain-unreachable, rpc-failed, runtime-incompatible (the node has it no longer)
   */
  async runtimeOf(specVersion: number, at: Hex): Promise<Runtime> {
    const known = this.#runtimes.get(specVersion);
    if (known !== undefined) return known;
    const loading = this.#runtimeAt(specVersion, at);
    this.#keep(specVersion, loading);
    loading.catch(() => this.#runtimes.delete(specVersion));
    return loading;
  }

  async #runtimeAt(specVersion: number, at: Hex): Promise<Runtime> {
    const found = await loadRuntime(this.link, at);
    if (found.version.specVersion === specVersion) return found;
    // The block that replaced the runtime was still made by the one before.
    const header = await this.request(parentSchema, "chain_getHeader", [at]);
    const before = header === null ? found : await loadRuntime(this.link, header.parentHash);
    if (before.version.specVersion === specVersion) return before;
    throw new ChainError({
      code: "runtime-incompatible",
      item: `runtime of block ${at}`,
      expected: `version ${specVersion}`,
      found: `version ${found.version.specVersion}`,
    });
  }

  #keep(specVersion: number, runtime: Promise<Runtime>): void {
    this.#runtimes.set(specVersion, runtime);
    const [oldest] = this.#runtimes.keys();
    if (this.#runtimes.size > KEPT_RUNTIMES && oldest !== undefined) this.#runtimes.delete(oldest);
  }

  batch(): StateBatch {
    return new StateBatch(this);
  }

  /**
   * Storage keys of every entry of an item at a block, in ascending order.
   * @throws ChainError chain-unreachable, rpc-failed, runtime-incompatible
   */
  async keys(item: StorageItem<unknown>, at: Hex): Promise<readonly Hex[]> {
    const prefix = this.#runtime.prefix(item);
    const keys: Hex[] = [];
    for (;;) {
      const params = [prefix, KEYS_PER_QUESTION, keys.at(-1) ?? null, at];
      const page = await this.request(z.array(hexSchema), "state_getKeysPaged", params);
      keys.push(...page);
      if (page.length < KEYS_PER_QUESTION) return keys;
    }
  }

  /**
   * Answer of a runtime API function in the state of a block. `name` is `Api_function`, `args` are SCALE.
   * @throws ChainError chain-unreachable, rpc-failed (also where the runtime has no such function)
   */
  async call(name: string, args: Uint8Array, at: Hex): Promise<ScaleReader> {
    const answer = await this.request(hexSchema, "state_call", [name, hexOf(args), at]);
    return new ScaleReader(bytesOf(answer));
  }

  /** Stored bytes of keys at a block. */
  async values(keys: readonly Hex[], at: Hex): Promise<ReadonlyMap<Hex, Hex | null>> {
    const sets = await this.request(changesSchema, "state_queryStorageAt", [keys, at]);
    const found = new Map(sets.flatMap(({ changes }) => changes));
    // A key that is left out must not read as one that is empty.
    const left = keys.filter((key) => !found.has(key)).length;
    if (left > 0)
      throw new ChainError({
        code: "rpc-failed",
        endpoint: this.link.endpoint,
        method: "state_queryStorageAt",
        reason: `it left out ${left} of ${keys.length} keys`,
      });
    return found;
  }

  /**
   * Checked result of a reading method, with refusals as ChainError.
   * @throws ChainError chain-unreachable, rpc-failed
   */
  async request<T>(schema: z.ZodType<T>, method: string, params: readonly unknown[]): Promise<T> {
    return ask(this.link, schema, { method, params });
  }
}

const parentSchema = z.object({ parentHash: hexSchema }).nullable();

type Question = { readonly method: string; readonly params: readonly unknown[] };

async function ask<T>(link: ChainLink, schema: z.ZodType<T>, question: Question): Promise<T> {
  const { method, params } = question;
  try {
    return schema.parse(await link.read(method, params));
  } catch (cause) {
    if (cause instanceof ChainError) throw cause;
    throw new ChainError(
      { code: "rpc-failed", endpoint: link.endpoint, method, reason: reasonOf(cause) },
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof RpcRefusal)
    return cause.detail === "" ? cause.message : `${cause.message}: ${cause.detail}`;
  if (cause instanceof z.ZodError) return "its answer has an unknown shape";
  return String(cause);
}

/** Of the newest block, final or not, where none is named: it decides which extrinsics the next one takes. */
async function loadVersion(link: ChainLink, at?: Hex): Promise<Runtime["version"]> {
  const params = at === undefined ? [] : [at];
  return ask(link, runtimeVersionSchema, { method: "state_getRuntimeVersion", params });
}

/** Both of one block: an upgrade between two questions would give one runtime's version to the other's metadata, for good. */
async function loadRuntime(link: ChainLink, of?: Hex): Promise<Runtime> {
  const at = of ?? (await ask(link, hexSchema, { method: "chain_getBlockHash", params: [] }));
  const [version, metadata] = await Promise.all([
    loadVersion(link, at),
    ask(link, hexSchema, { method: "state_getMetadata", params: [at] }),
  ]);
  return new Runtime(metadata, version);
}
