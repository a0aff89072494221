/** @file The optimizer's state as bytes: run id, step count, then m, v and error feedback as float32. */
import type { MomentState } from "../kernels/engine/calls.ts";
import { bytesOf, type Hex, hexOf } from "../src/protocol/digest.ts";

const HEADER_BYTES = 40;

/** Bytes of `state`; `total` floats a vector. */
export function encodeMoments(runId: Hex, state: MomentState, total: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + 12 * total);
  bytes.set(bytesOf(runId));
  new DataView(bytes.buffer).setFloat64(32, state.step, true);
  for (const [index, vector] of [state.m, state.v, state.e].entries())
    bytes.set(
      new Uint8Array(vector.buffer, vector.byteOffset, 4 * total),
      HEADER_BYTES + 4 * total * index,
    );
  return bytes;
}

/** Reads them back; null when they belong to another run or have another size. */
export function decodeMoments(runId: Hex, bytes: Uint8Array, total: number): MomentState | null {
  if (bytes.length !== HEADER_BYTES + 12 * total || hexOf(bytes.subarray(0, 32)) !== runId)
    return null;
  const copy = new Uint8Array(bytes).buffer;
  const vector = (index: number): Float32Array =>
    new Float32Array(copy, HEADER_BYTES + 4 * total * index, total);
  const step = new DataView(copy).getFloat64(32, true);
  if (!Number.isSafeInteger(step) || step < 0) return null;
  return { step, m: vector(0), v: vector(1), e: vector(2) };
}
