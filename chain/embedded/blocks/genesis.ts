/** @file Genesis state through the runtime's GenesisBuilder; no chain spec file and no native tool. */
import { reasonOf } from "../../../base/fault.ts";
import { ChainError } from "../../errors.ts";
import { NO_BYTES } from "../codec/bytes.ts";
import {
  type JsonObject,
  type JsonValue,
  mergeJson,
  parseExactJson,
  writeExactJson,
} from "../codec/exact-json.ts";
import { ScaleReader, textVector, u64 } from "../codec/scale.ts";
import { Overlay } from "../state/overlay.ts";
import { type TrieRoot } from "../state/trie.ts";
import { CODE_KEY, parameterKey } from "../state/well-known-keys.ts";
import { type WasmRuntime } from "../wasm/runtime.ts";

/** What a chain begins with. */
export type GenesisOptions = {
  /** `:code`, compressed or plain, as it will be stored. */
  readonly runtimeCode: Uint8Array;
  /** Preset name; null takes the runtime's default configuration. */
  readonly preset: string | null;
  /** Merged over the preset. Integers beyond 2^53 as bigint. */
  readonly patch: JsonObject;
  readonly slotDurationMs: number;
};

function invalid(reason: string, cause?: unknown): ChainError {
  return new ChainError({ code: "genesis-invalid", reason }, { cause });
}

function call(runtime: WasmRuntime, name: string, args: Uint8Array): Uint8Array {
  try {
    return runtime.call(name, args, new Overlay(null));
  } catch (cause) {
    throw invalid(
      cause instanceof ChainError && cause.fault.code === "runtime-trap" ? cause.fault.log : name,
      cause,
    );
  }
}

function presetNames(runtime: WasmRuntime): string[] {
  return new ScaleReader(call(runtime, "GenesisBuilder_preset_names", NO_BYTES)).list((item) =>
    item.text(),
  );
}

function readPreset(runtime: WasmRuntime, name: string | null): JsonValue {
  const option = name === null ? Uint8Array.of(0) : Uint8Array.of(1, ...textVector(name));
  const reader = new ScaleReader(call(runtime, "GenesisBuilder_get_preset", option));
  if (reader.u8() === 0) {
    throw invalid(
      `no preset ${JSON.stringify(name)}; there are ${presetNames(runtime).join(", ")}`,
    );
  }
  return parseExactJson(reader.text());
}

/** The genesis configuration: default, then preset, then patch. @throws ChainError genesis-invalid */
export function genesisConfig(runtime: WasmRuntime, options: GenesisOptions): JsonValue {
  const base = readPreset(runtime, null);
  const preset = options.preset === null ? {} : readPreset(runtime, options.preset);
  return mergeJson(mergeJson(base, preset), options.patch);
}

/** Slot duration the runtime uses on `state`, or null when it has no Aura. */
export function slotDuration(runtime: WasmRuntime, state: TrieRoot): bigint | null {
  if (!runtime.functions.includes("AuraApi_slot_duration")) return null;
  return new ScaleReader(runtime.call("AuraApi_slot_duration", NO_BYTES, new Overlay(state))).u64();
}

/** What a panic says, without the place in the runtime's source. */
function panicOf(log: string): string {
  return log.replace(/^panicked at \S+:\d+:\d+:\s*/, "");
}

/** What the runtime's reader says, without the column: that counts in the merged JSON, which nobody has seen. */
function withoutPlace(text: string): string {
  return text.replace(/ at line \d+ column \d+/, "");
}

/**
 * Builds the genesis state. The slot duration is written to the storage parameter `:SlotDuration:` when the runtime
 * reads it from there, and left out otherwise.
 * @throws ChainError genesis-invalid
 */
export function buildGenesis(runtime: WasmRuntime, options: GenesisOptions): TrieRoot {
  const json = writeExactJson(genesisConfig(runtime, options));
  const overlay = new Overlay(null);
  let result: Uint8Array;
  try {
    result = runtime.call("GenesisBuilder_build_state", textVector(json), overlay);
  } catch (cause) {
    const isTrap = cause instanceof ChainError && cause.fault.code === "runtime-trap";
    throw invalid(isTrap ? panicOf(cause.fault.log) : reasonOf(cause), cause);
  }
  const reader = new ScaleReader(result);
  if (reader.u8() !== 0) throw invalid(withoutPlace(reader.text()));
  overlay.set(CODE_KEY, options.runtimeCode);
  const plain = overlay.root;
  const wanted = BigInt(options.slotDurationMs);
  if (slotDuration(runtime, plain) === wanted) return plain;
  overlay.set(parameterKey("SlotDuration"), u64(wanted));
  return slotDuration(runtime, overlay.root) === wanted ? overlay.root : plain;
}
