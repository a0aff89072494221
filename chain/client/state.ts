/** @file Reads storage at one block in as few round trips as possible. */
import { z } from "zod";
import { ChainError } from "../errors.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { changesSchema, hexSchema, runtimeVersionSchema } from "./answers.ts";
import { type ChainLink } from "./link.ts";
import { RpcRefusal } from "./rpc.ts";
import { Runtime } from "./runtime.ts";
import { ScaleReader } from "./scale.ts";
import { type KeyPart, type StorageItem } from "./storage-item.ts";

/** So often is asked whether the chain was upgraded, for clients that only read; submitting always asks. */
const REFRESH_BLOCKS = 50;
/** Keys of one question; nodes limit the size of a message. */
const KEYS_PER_QUESTION = 1000;

/** Value of one asked item, once its batch was read. */
export type Answer<T> = () => T;

/** Questions to be answered by the state of one block. */
export class StateBatch {
  readonly #state: ChainState;
  readonly #keys: Hex[] = [];
  #values: ReadonlyMap<Hex, Hex | null> | null = null;

  constructor(state: ChainState) {
    this.#state = state;
  }

  /** Asks for an item whose absence means none. */
  ask<T>(item: StorageItem<T>, ...parts: readonly KeyPart[]): Answer<T | null> {
    const { runtime } = this.#state;
    const key = runtime.key(item, parts);
    this.#keys.push(key);
    return () => {
      if (this.#values === null) throw new RangeError(`${item.name} was asked but not yet read`);
      return runtime.value(item, this.#values.get(key) ?? null);
    };
  }

  /** Asks for an item that has a default value, so that there is always an answer. */
  askValue<T>(item: StorageItem<T>, ...parts: readonly KeyPart[]): Answer<T> {
    const answer = this.ask(item, ...parts);
    return () => {
      const value = answer();
      if (value === null)
        throw new ChainError({
          code: "runtime-incompatible",
          item: `storage ${item.pallet}.${item.name}`,
          expected: "a default value",
          found: "none",
        });
      return value;
    };
  }

  /** Asks for an item of Assay's runtime alone; of a chain that has none the answer is `otherwise`. */
  askOurs<T>(item: StorageItem<T>, otherwise: T, ...parts: readonly KeyPart[]): Answer<T> {
    return this.#state.runtime.has(item) ? this.askValue(item, ...parts) : () => otherwise;
  }

  /**
   * Reads everything that was asked, at the block with this hash.
   * @throws ChainError chain-unreachable, rpc-failed (the node no longer holds that state)
   */
  async read(at: Hex): Promise<void> {
    const parts: Hex[][] = [];
    for (let from = 0; from < this.#keys.length; from += KEYS_PER_QUESTION)
      parts.push(this.#keys.slice(from, from + KEYS_PER_QUESTION));
    const answers = await Promise.all(parts.map(async (keys) => this.#state.values(keys, at)));
    this.#values = new Map(answers.flatMap((entries) => [...entries]));
  }
}

/** The chain as a store that can be read at any block the node still holds. */
export class ChainState {
  readonly link: ChainLink;
  #runtime: Runtime;

  private constructor(link: ChainLink, runtime: Runtime) {
    this.link = link;
    this.#runtime = runtime;
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

  /** The runtime as last loaded. */
  get runtime(): Runtime {
    return this.#runtime;
  }

  /** Loads the runtime again if the chain was upgraded. */
  async refresh(): Promise<void> {
    const version = await loadVersion(this.link, []);
    if (version.specVersion !== this.#runtime.version.specVersion)
      this.#runtime = await loadRuntime(this.link);
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

async function loadVersion(link: ChainLink, params: readonly Hex[]): Promise<Runtime["version"]> {
  return ask(link, runtimeVersionSchema, { method: "state_getRuntimeVersion", params });
}

/** Both of one block: an upgrade between two questions would give one runtime's version to the other's metadata, for good. */
async function loadRuntime(link: ChainLink): Promise<Runtime> {
  const at = await ask(link, hexSchema, { method: "chain_getBlockHash", params: [] });
  const [version, metadata] = await Promise.all([
    loadVersion(link, [at]),
    ask(link, hexSchema, { method: "state_getMetadata", params: [at] }),
  ]);
  return new Runtime(metadata, version);
}
