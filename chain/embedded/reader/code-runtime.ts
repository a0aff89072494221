/** @file The runtime that a state names in `:code`, compiled when another code comes. */
import { NO_BYTES, sameBytes } from "../codec/bytes.ts";
import { Overlay } from "../state/overlay.ts";
import { type TrieRoot, trieGet, valueBytes } from "../state/trie.ts";
import { CODE_KEY } from "../state/well-known-keys.ts";
import { type RuntimeLog } from "../wasm/host-context.ts";
import { type RuntimeVersion, decodeRuntimeVersion } from "../wasm/runtime-version.ts";
import { WasmRuntime } from "../wasm/runtime.ts";

/** The last code that ran. */
type Running = {
  readonly code: Uint8Array;
  readonly runtime: WasmRuntime;
  readonly version: RuntimeVersion;
};

/** Runs states. */
export class CodeRuntime {
  readonly #onLog: (log: RuntimeLog) => void;
  #running: Running | null = null;
  #maxLogLevel: number | null = null;

  constructor(onLog: (log: RuntimeLog) => void) {
    this.#onLog = onLog;
  }

  /** Least important level the runtime should log. */
  set maxLogLevel(level: number) {
    this.#maxLogLevel = level;
    if (this.#running !== null) this.#running.runtime.maxLogLevel = level;
  }

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
    const runtime = new WasmRuntime(code, { onLog: this.#onLog });
    if (this.#maxLogLevel !== null) runtime.maxLogLevel = this.#maxLogLevel;
    const version = decodeRuntimeVersion(
      runtime.call("Core_version", NO_BYTES, new Overlay(state)),
    );
    this.#running = { code, runtime, version };
    return this.#running;
  }
}
