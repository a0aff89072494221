/** @file Checkpoints: parameters as safetensors, and their digest (docs/protocol.md#5-digests). */
import type { Layout } from "../../kernels/nn/model.ts";
import { isAssayError } from "../errors.ts";
import { type Hex, thetaDigest } from "../protocol/digest.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  MAX_HEADER_BYTES,
  type NamedTensor,
} from "./safetensors.ts";

/** The tensors of flat parameters `theta` (padded layout) as views, in manifest order. */
export function tensorsOf(layout: Layout, theta: Float32Array): readonly Float32Array[] {
  return layout.offsets.map((offset, index) =>
    theta.subarray(offset, offset + (layout.lengths[index] ?? 0)),
  );
}

/** No checkpoint of this layout is longer: its header's limit, and four bytes a parameter. */
export function maximumCheckpointBytes(layout: Layout): number {
  return MAX_HEADER_BYTES + 4 * layout.lengths.reduce((sum, length) => sum + length, 0);
}

/** digest(theta) of flat parameters. */
export function digestOf(runId: Hex, layout: Layout, theta: Float32Array): Hex {
  return thetaDigest(runId, tensorsOf(layout, theta));
}

/** Flat parameters -> safetensors bytes; the same parameters always give the same bytes. */
export function encodeCheckpoint(layout: Layout, theta: Float32Array): Uint8Array {
  const views = tensorsOf(layout, theta);
  const tensors: NamedTensor[] = layout.specs.map(({ name, shape }, index) => ({
    name,
    shape,
    values: views[index] ?? new Float32Array(0),
  }));
  return encodeSafetensors(tensors, { format: "pt" });
}

/**
 * Safetensors bytes of either layout -> all that nodes share, flat and padded: `shared` begins with `layout`, and a file without what is
 * behind that has zeros there.
 * @throws AssayError checkpoint-invalid as for a file of `layout`
 */
export function decodeShared(layout: Layout, shared: Layout, bytes: Uint8Array): Float32Array {
  if (shared.total > layout.total) {
    try {
      return decodeCheckpoint(shared, bytes);
    } catch (error) {
      if (!isAssayError(error, "checkpoint-invalid")) throw error;
    }
  }
  const theta = new Float32Array(shared.total);
  theta.set(decodeCheckpoint(layout, bytes));
  return theta;
}

/** Safetensors bytes -> flat padded parameters. @throws AssayError checkpoint-invalid */
export function decodeCheckpoint(layout: Layout, bytes: Uint8Array): Float32Array {
  const theta = new Float32Array(layout.total);
  for (const [index, { values }] of decodeSafetensors(bytes, layout.specs).entries())
    theta.set(values, layout.offsets[index] ?? 0);
  return theta;
}
