/** @file A FRAME runtime in V8: one compiled module and one instance that serves every call. */
import { ChainError } from "../../errors.ts";
import { NO_BYTES } from "../codec/bytes.ts";
import { Overlay } from "../state/overlay.ts";
import { Allocator } from "./allocator.ts";
import { embeddedVersion, moduleOf } from "./code.ts";
import { type HostContext, type HostFunctions, type RuntimeLog } from "./host-context.ts";
import { cryptoFunctions, hashingFunctions } from "./host-crypto.ts";
import { TRAPPING_IMPORTS, miscFunctions, trappingFunction } from "./host-misc.ts";
import { storageFunctions } from "./host-storage.ts";
import { LinearMemory } from "./linear-memory.ts";
import { type RuntimeVersion, decodeRuntimeVersion } from "./runtime-version.ts";
import { type WasmExports, type WasmModule, wasmApi } from "./web-assembly.ts";

/** 2048 heap pages as on a node, and room for the data segments. Unused pages cost no memory. */
const INITIAL_PAGES = 2048 + 64;
const PAGE_BYTES = 65_536;
const WARNING = 2;
const KEPT_LOGS = 20;

/** Settings of a runtime. */
export type WasmRuntimeOptions = {
  /** Receives what the runtime logs (and prints). */
  readonly onLog?: (log: RuntimeLog) => void;
  /** Test aid: fill stack and heap with this byte before each call. No result may depend on it. */
  readonly heapFill?: number;
  /** Host functions beyond a chain's: a benchmark's. */
  readonly furtherFunctions?: (host: HostContext) => HostFunctions;
};

type Instance = {
  readonly host: HostContext;
  readonly imports: HostFunctions;
  exports: WasmExports;
  /** Whether its last call was left by an exception: its stack pointer stayed where it was then. */
  isTrapped: boolean;
  readonly heapBase: number;
  /** Memory between shadow stack and heap as it was after instantiation, and where it begins: data, bss. */
  readonly pristine: Uint8Array;
  readonly dataBase: number;
};

/**
 * Where the data begins: the page with the first byte that is not 0. Linkers put the shadow stack below it, a megabyte
 * that nobody reads before writing it.
 */
function dataBaseOf(memory: Uint8Array): number {
  const first = memory.findIndex((byte) => byte !== 0);
  return Math.max(0, first - (first % PAGE_BYTES));
}

/**
 * Runs runtime API calls. Before each call data and bss are written back and the heap is emptied, so a call sees a
 * fresh instance without paying for one. After an exception the next call has another instance, because the
 * WASM stack pointer of a trapped call stays where it was; on the same memory, for a new one takes a tenth of a second.
 */
export class WasmRuntime {
  readonly #module: WasmModule;
  readonly #options: WasmRuntimeOptions;
  readonly #logs: RuntimeLog[] = [];
  readonly #instance: Instance;
  #version: RuntimeVersion | null = null;
  #maxLogLevel = WARNING;

  /**
   * @param code WASM, plain or compressed
   * @throws ChainError runtime-import-missing; runtime-unreadable when `code` is no WASM module
   */
  constructor(code: Uint8Array, options: WasmRuntimeOptions = {}) {
    this.#options = options;
    try {
      this.#module = moduleOf(code);
    } catch (cause) {
      throw new ChainError({ code: "runtime-unreadable", path: ":code" }, { cause });
    }
    this.#instance = this.#build();
  }

  /** Least important level the runtime should log: 0 off .. 5 trace. */
  set maxLogLevel(level: number) {
    this.#maxLogLevel = level;
  }

  /**
   * Who this runtime is: as its custom sections say, else by `Core_version`, as nodes do it.
   * @throws ChainError runtime-trap, RangeError when it says no version
   */
  get version(): RuntimeVersion {
    this.#version ??= decodeRuntimeVersion(
      embeddedVersion(this.#module) ?? this.call("Core_version", NO_BYTES, new Overlay(null)),
    );
    return this.#version;
  }

  /** Names of the runtime API functions. */
  get functions(): string[] {
    return wasmApi.Module.exports(this.#module)
      .filter((entry) => entry.kind === "function")
      .map((entry) => entry.name);
  }

  /**
   * Calls e.g. "Core_initialize_block" with SCALE arguments on `overlay`.
   * @throws ChainError runtime-trap; storage transactions that were open in the overlay are then the caller's to undo
   */
  call(name: string, args: Uint8Array, overlay: Overlay): Uint8Array {
    this.#logs.length = 0;
    const instance = this.#instance;
    if (instance.isTrapped) this.#instantiate(instance);
    try {
      return this.#run(instance, name, args, overlay);
    } catch (cause) {
      instance.isTrapped = true;
      const panic = this.#logs.findLast((entry) => entry.level <= 1);
      const log = panic?.message ?? (cause instanceof Error ? cause.message : "");
      throw new ChainError({ code: "runtime-trap", call: name, log }, { cause });
    }
  }

  #run(instance: Instance, name: string, args: Uint8Array, overlay: Overlay): Uint8Array {
    const entry = instance.exports[name];
    if (typeof entry !== "function") throw new Error(`the runtime has no function ${name}`);
    const { host } = instance;
    host.overlay = overlay;
    host.maxLogLevel = this.#maxLogLevel;
    host.allocator.reset(instance.heapBase);
    if (this.#options.heapFill !== undefined) {
      host.memory.bytes().fill(this.#options.heapFill, 0, instance.dataBase);
      host.memory.bytes().fill(this.#options.heapFill, instance.heapBase);
    }
    host.memory.bytes().set(instance.pristine, instance.dataBase);
    const pointer = host.allocator.allocate(Math.max(1, args.length));
    host.memory.bytes().set(args, pointer);
    const result: unknown = entry(pointer, args.length);
    if (typeof result !== "bigint") throw new Error(`${name} is not a runtime API function`);
    return host.memory.copy(result);
  }

  #instantiate(instance: Instance): void {
    const { imports, host } = instance;
    const env = { ...imports, memory: host.memory.memory };
    instance.exports = new wasmApi.Instance(this.#module, { env }).exports;
    instance.isTrapped = false;
  }

  #build(): Instance {
    const memory = new LinearMemory(new wasmApi.Memory({ initial: INITIAL_PAGES }));
    const host: HostContext = {
      memory,
      allocator: new Allocator(memory),
      overlay: new Overlay(null),
      maxLogLevel: this.#maxLogLevel,
      onLog: (log) => {
        this.#logs.push(log);
        if (this.#logs.length > KEPT_LOGS) this.#logs.shift();
        this.#options.onLog?.(log);
      },
    };
    const further = this.#options.furtherFunctions?.(host) ?? {};
    const functions = importsOf(this.#module, { ...hostFunctions(host), ...further });
    const { exports } = new wasmApi.Instance(this.#module, {
      env: { ...functions, memory: memory.memory },
    });
    const base = exports["__heap_base"];
    const heapBase = typeof base === "object" ? Number(base.value) : Number.NaN;
    if (!Number.isSafeInteger(heapBase)) {
      throw new ChainError({ code: "runtime-unreadable", path: ":code" });
    }
    const dataBase = dataBaseOf(memory.bytes().subarray(0, heapBase));
    return {
      host,
      imports: functions,
      exports,
      isTrapped: false,
      heapBase,
      dataBase,
      pristine: memory.bytes().slice(dataBase, heapBase),
    };
  }
}

function hostFunctions(host: HostContext): HostFunctions {
  return {
    ...storageFunctions(host),
    ...hashingFunctions(host),
    ...cryptoFunctions(host),
    ...miscFunctions(host),
  };
}

/** The functions the module asks for. A missing one is refused now, not when a block happens to need it. */
function importsOf(module: WasmModule, functions: HostFunctions): HostFunctions {
  const chosen: HostFunctions = {};
  const missing: string[] = [];
  for (const { kind, module: from, name } of wasmApi.Module.imports(module)) {
    if (kind === "memory") continue;
    const known =
      functions[name] ?? (TRAPPING_IMPORTS.has(name) ? trappingFunction(name) : undefined);
    if (kind === "function" && from === "env" && known !== undefined) chosen[name] = known;
    else missing.push(`${from}.${name}`);
  }
  if (missing.length > 0) throw new ChainError({ code: "runtime-import-missing", names: missing });
  return chosen;
}
