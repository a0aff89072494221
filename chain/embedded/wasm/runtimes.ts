/** @file The runtimes that a chain's states name in `:code`: each code compiled once, ready for the next state that has it. */
import { reasonOf } from "../../../base/fault.ts";
import { ChainError } from "../../errors.ts";
import { NO_BYTES, keyOf } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { Overlay } from "../state/overlay.ts";
import { type StateVersion, layoutOf } from "../state/trie-root.ts";
import { type TrieRoot, trieGet, valueBytes } from "../state/trie.ts";
import { CODE_KEY } from "../state/well-known-keys.ts";
import { WasmRuntime, type WasmRuntimeOptions } from "./runtime.ts";

/** One that runs, one that comes, and two for whoever asks about old blocks; an instance has megabytes. */
const KEPT = 4;
/** What an author calls: a code without one of these makes no further block. */
const NEEDED = [
  "Core_initialize_block",
  "BlockBuilder_apply_extrinsic",
  "BlockBuilder_finalize_block",
  "BlockBuilder_inherent_extrinsics",
  "TaggedTransactionQueue_validate_transaction",
];

function refused(reason: string, cause?: unknown): ChainError {
  return new ChainError({ code: "code-refused", reason }, { cause });
}

/** The code of a state, or null. */
export function codeOf(state: TrieRoot): Uint8Array | null {
  const value = trieGet(state, CODE_KEY);
  return value === null ? null : valueBytes(value);
}

/** Compiled runtimes by code. */
export class Runtimes {
  readonly #options: WasmRuntimeOptions;
  /** Trees share their values, so that no code is hashed at every call. */
  readonly #hashes = new WeakMap<Uint8Array, string>();
  /** The last ones used, the newest last. */
  readonly #runtimes = new Map<string, WasmRuntime>();
  #newest: WasmRuntime | null = null;
  #maxLogLevel: number | null = null;

  constructor(options: WasmRuntimeOptions = {}) {
    this.#options = options;
  }

  /** Least important level the runtimes should log: 0 off .. 5 trace. */
  set maxLogLevel(level: number) {
    this.#maxLogLevel = level;
    for (const runtime of this.#runtimes.values()) runtime.maxLogLevel = level;
  }

  /** What runs on a state. @throws ChainError runtime-unreadable, runtime-import-missing */
  of(state: TrieRoot): WasmRuntime {
    const code = codeOf(state);
    if (code === null) throw new ChainError({ code: "runtime-unreadable", path: ":code" });
    return this.ofCode(code);
  }

  /** The runtime with this code, compressed or plain. @throws ChainError runtime-unreadable, runtime-import-missing */
  ofCode(code: Uint8Array): WasmRuntime {
    const hash = this.#hashOf(code);
    const known = this.#runtimes.get(hash);
    if (known !== undefined && known === this.#newest) return known;
    const runtime = known ?? this.#compiled(code);
    this.#runtimes.delete(hash);
    this.#runtimes.set(hash, runtime);
    this.#newest = runtime;
    for (const oldest of this.#runtimes.keys()) {
      if (this.#runtimes.size <= KEPT) break;
      this.#runtimes.delete(oldest);
    }
    return runtime;
  }

  /**
   * Why a chain whose states are hashed by `layout` cannot go on with this code; null if it can. The code is run for it.
   */
  faultOf(code: Uint8Array | null, layout: StateVersion): ChainError | null {
    if (code === null) return refused("there is no code left");
    try {
      const runtime = this.ofCode(code);
      const missing = NEEDED.filter((name) => !runtime.functions.includes(name));
      if (missing.length > 0) return refused(`it lacks ${missing.join(", ")}`);
      const { systemVersion } = runtime.version;
      if (layoutOf(systemVersion) !== layout)
        return refused(`system version ${systemVersion} hashes states in another way`);
      runtime.call("Core_version", NO_BYTES, new Overlay(null));
      return null;
    } catch (error) {
      return refused(reasonOf(error), error);
    }
  }

  #compiled(code: Uint8Array): WasmRuntime {
    const runtime = new WasmRuntime(code, this.#options);
    if (this.#maxLogLevel !== null) runtime.maxLogLevel = this.#maxLogLevel;
    return runtime;
  }

  #hashOf(code: Uint8Array): string {
    let hash = this.#hashes.get(code);
    if (hash === undefined) {
      hash = keyOf(blake2b256(code));
      this.#hashes.set(code, hash);
    }
    return hash;
  }
}
