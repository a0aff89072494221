/** @file The runtime that a state names in `:code`, compiled when another code comes. */
import { NO_BYTES, sameBytes } from "../codec/bytes.ts";
import { Overlay } from "../state/overlay.ts";
import { type TrieRoot, trieGet, valueBytes } from "../state/trie.ts";
import { CODE_KEY } from "../state/well-known-keys.ts";
import { type RuntimeVersion, decodeRuntimeVersion } from "../wasm/runtime-version.ts";
import { WasmRuntime } from "../wasm/runtime.ts";

/** The last code that ran. */
type Running = {
  readonly code: Uint8Array;
  readonly runtime: WasmRuntime;
  readonly version: RuntimeVersion;
};

/** Runs states. What a runtime says meanwhile is in the answer where it traps, and nowhere else: strangers must not fill a log. */
export class CodeRuntime {
  #running: Running | null = null;

  /** What runs on a state. @throws RangeError when it has no code */
  of(state: TrieRoot): WasmRuntime {
    return this.#of(state).runtime;
  }

  /** Who that is. */
  versionOf(state: TrieRoot): RuntimeVersion {
    return this.#of(state).version;
  }

  #of(state: TrieRoot): Running {
    const value = trieGet(state, CODE_KEY);
    if (value === null) throw new RangeError("the state has no :code");
    const code = valueBytes(value);
    const running = this.#running;
    if (running !== null && (running.code === code || sameBytes(running.code, code)))
      return running;
    const runtime = new WasmRuntime(code);
    const version = decodeRuntimeVersion(
      runtime.call("Core_version", NO_BYTES, new Overlay(state)),
    );
    this.#running = { code, runtime, version };
    return this.#running;
  }
}
