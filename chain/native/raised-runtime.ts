/**
 * @file The runtime with a raised spec version, made without Rust, to upgrade a chain under trial with. Each place is found by what the compiler
 * makes of `RuntimeVersion` next to its neighbours; whoever changes the compiler may have to look for others.
 */
import { zstdCompressSync } from "node:zlib";
import { concat } from "../embedded/codec/bytes.ts";
import { u32 } from "../embedded/codec/scale.ts";
import { plainCode } from "../embedded/wasm/code.ts";
import { WasmRuntime } from "../embedded/wasm/runtime.ts";

const COMPRESSED_PREFIX = Buffer.from("52bc537646db8e05", "hex");
const I64_CONST = 0x42;

/** `i64.const value`. */
function i64Const(value: bigint): Uint8Array {
  const bytes = [I64_CONST];
  for (let rest = value; ; rest >>= 7n) {
    const digit = Number(rest & 0x7fn);
    const isLast = rest >> 7n === 0n && (digit & 0x40) === 0;
    bytes.push(isLast ? digit : digit | 0x80);
    if (isLast) return Uint8Array.from(bytes);
  }
}

/** Two adjacent u32 fields, written as one constant. */
function pair(low: number, high: number): Uint8Array {
  return i64Const((BigInt(high) << 32n) | BigInt(low));
}

/** Replaces every occurrence where it is; returns how many there were. */
function replace(wasm: Buffer, from: Uint8Array, to: Uint8Array): number {
  if (from.length !== to.length)
    throw new RangeError("another length moves the rest of the module");
  let count = 0;
  for (let at = wasm.indexOf(from); at >= 0; at = wasm.indexOf(from, at + 1)) {
    wasm.set(to, at);
    count++;
  }
  return count;
}

/**
 * `code` with its spec version raised by one: in its version section, its constant, and what signatures cover.
 * @throws RangeError: it says its version in another way
 */
export function raisedRuntime(code: Uint8Array): Uint8Array {
  const before = new WasmRuntime(code).version;
  const { authoringVersion, specVersion, implVersion, transactionVersion } = before;
  const wasm = Buffer.from(plainCode(code));
  const record = (spec: number): Uint8Array =>
    concat(u32(authoringVersion), u32(spec), u32(implVersion));
  const places = [
    record,
    (spec: number) => pair(authoringVersion, spec),
    (spec: number) => pair(spec, transactionVersion),
  ];
  for (const place of places) replace(wasm, place(specVersion), place(specVersion + 1));
  const raised = concat(COMPRESSED_PREFIX, zstdCompressSync(wasm));
  if (new WasmRuntime(raised).version.specVersion !== specVersion + 1)
    throw new RangeError("the runtime says its version in another place, too");
  return raised;
}
