/** @file A runtime's code as `:code` holds it: plain or compressed, with its version in custom sections. */
import { zstdDecompressSync } from "node:zlib";
import { concat } from "../codec/bytes.ts";
import { ScaleReader, compact } from "../codec/scale.ts";
import { type WasmModule, wasmApi } from "./web-assembly.ts";

const COMPRESSED_PREFIX = Buffer.from("52bc537646db8e05", "hex");
/** A node unpacks at most this much (sp-maybe-compressed-blob). */
const LARGEST_CODE_BYTES = 50 * 1024 * 1024;
/** An API in a version: eight bytes of its name's hash, and a u32. */
const API_BYTES = 12;

/** `:code` without its compression, or as it is. @throws RangeError on a damaged blob */
export function plainCode(code: Uint8Array): Uint8Array {
  const prefix = code.subarray(0, COMPRESSED_PREFIX.length);
  if (Buffer.compare(prefix, COMPRESSED_PREFIX) !== 0) return code;
  return zstdDecompressSync(code.subarray(COMPRESSED_PREFIX.length), {
    maxOutputLength: LARGEST_CODE_BYTES,
  });
}

/** Compiles `:code`. @throws an error of zlib's or the engine's */
export function moduleOf(code: Uint8Array): WasmModule {
  return new wasmApi.Module(Uint8Array.from(plainCode(code)));
}

function sectionOf(module: WasmModule, name: string): Uint8Array | null {
  const [section] = wasmApi.Module.customSections(module, name);
  return section === undefined ? null : new Uint8Array(section);
}

/**
 * SCALE `RuntimeVersion` of a module: section `runtime_version`, with the APIs of section `runtime_apis`
 * (sc-executor, `read_embedded_version`). Null where there is no version section: such a runtime has to be asked.
 * @throws RangeError on sections that are no version
 */
export function embeddedVersion(module: WasmModule): Uint8Array | null {
  const version = sectionOf(module, "runtime_version");
  if (version === null) return null;
  const apis = sectionOf(module, "runtime_apis");
  if (apis === null) return version;
  if (apis.length % API_BYTES !== 0) throw new RangeError("runtime_apis is no list of APIs");
  const reader = new ScaleReader(version);
  reader.bytes();
  reader.bytes();
  reader.take(API_BYTES);
  const head = reader.offset;
  reader.list((item) => item.take(API_BYTES));
  const count = compact(apis.length / API_BYTES);
  return concat(version.subarray(0, head), count, apis, version.subarray(reader.offset));
}

/** {@link embeddedVersion} of `:code`; null also where it is no runtime at all. */
export function versionInCode(code: Uint8Array): Uint8Array | null {
  try {
    return embeddedVersion(moduleOf(code));
  } catch {
    return null;
  }
}
