/** @file Asks a built runtime for its metadata and version, on empty state. */
import { ScaleReader, u32 } from "../embedded/codec/scale.ts";
import { Overlay } from "../embedded/state/overlay.ts";
import { decodeRuntimeVersion } from "../embedded/wasm/runtime-version.ts";
import { WasmRuntime } from "../embedded/wasm/runtime.ts";

/** What the artifact's manifest says about a runtime. */
export type RuntimeFacts = { readonly specVersion: number; readonly metadata: Uint8Array };

/**
 * Spec version and metadata V15 (beginning with "meta") of `code`, plain or compressed.
 * The state is empty because `Aura.SlotDuration` lies in storage: a running chain's metadata may differ in it.
 * @throws ChainError runtime-unreadable, runtime-import-missing, runtime-trap
 */
export function runtimeFacts(code: Uint8Array): RuntimeFacts {
  const runtime = new WasmRuntime(code);
  const version = decodeRuntimeVersion(
    runtime.call("Core_version", new Uint8Array(), new Overlay(null)),
  );
  const answer = new ScaleReader(
    runtime.call("Metadata_metadata_at_version", u32(15), new Overlay(null)),
  );
  if (answer.u8() !== 1) throw new Error("The runtime offers no metadata of version 15.");
  return { specVersion: version.specVersion, metadata: answer.bytes() };
}
