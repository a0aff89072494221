/** @file What every host function works with: the instance's memory and heap, and the storage of the call. */
import { compactSize, putCompact } from "../codec/scale.ts";
import { type Overlay } from "../state/overlay.ts";
import { type Allocator } from "./allocator.ts";
import { type LinearMemory, fatPointer } from "./linear-memory.ts";
import { type WasmFunction } from "./web-assembly.ts";

/** Log levels of the runtime interface: 1 error, 2 warning, 3 information, 4 debug, 5 trace. */
export type RuntimeLog = {
  readonly level: number;
  readonly target: string;
  readonly message: string;
};

/** Shared by the host functions of one instance; `overlay` is exchanged at every call. */
export type HostContext = {
  readonly memory: LinearMemory;
  readonly allocator: Allocator;
  overlay: Overlay;
  maxLogLevel: number;
  readonly onLog: (log: RuntimeLog) => void;
};

/** Functions by import name. */
export type HostFunctions = Record<string, WasmFunction>;

const NONE = Uint8Array.of(0);
const SOME = 1;

/** Writes bytes into a new chunk; returns pointer and length as one i64. */
export function giveFat(host: HostContext, bytes: Uint8Array): bigint {
  const pointer = givePointer(host, bytes);
  return fatPointer(pointer, bytes.length);
}

/** Writes bytes into a new chunk; returns the pointer. */
export function givePointer(host: HostContext, bytes: Uint8Array): number {
  const pointer = host.allocator.allocate(Math.max(1, bytes.length));
  host.memory.bytes().set(bytes, pointer);
  return pointer;
}

/** `Option<Vec<u8>>`, written where it goes. */
export function giveOptionalBytes(host: HostContext, bytes: Uint8Array | null): bigint {
  if (bytes === null) return giveFat(host, NONE);
  const size = 1 + compactSize(bytes.length) + bytes.length;
  const pointer = host.allocator.allocate(size);
  const memory = host.memory.bytes();
  memory[pointer] = SOME;
  memory.set(bytes, putCompact(memory, pointer + 1, bytes.length));
  return fatPointer(pointer, size);
}
