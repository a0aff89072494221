/** @file Checkpoints: parameters as safetensors, their address and their digest (docs/protocol.md#checkpoint, #5-digests). */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Layout } from "../../kernels/nn/model.ts";
import { digestBytes } from "../blobs/hashing.ts";
import type { TreeStore } from "../blobs/trees.ts";
import { AssayError } from "../errors.ts";
import { concatBytes } from "../protocol/bytes.ts";
import { type Hex, refuseNaN, thetaDigestOf } from "../protocol/digest.ts";
import { blocksOf, formOf, placeBytes } from "./form.ts";
import { decodeSafetensors, MAX_HEADER_BYTES } from "./safetensors.ts";

/** The tensors of flat parameters `theta` (padded layout) as views, in manifest order. */
export function tensorsOf(layout: Layout, theta: Float32Array): readonly Float32Array[] {
  return layout.offsets.map((offset, index) =>
    theta.subarray(offset, offset + (layout.lengths[index] ?? 0)),
  );
}

/** No file with this layout's tensors is longer: a header's limit, and four bytes a parameter. */
export function maximumCheckpointBytes(layout: Layout): number {
  return MAX_HEADER_BYTES + 4 * layout.lengths.reduce((sum, length) => sum + length, 0);
}

/** About a millisecond of looking. */
const SLICE_FLOATS = 1 << 19;

/**
 * digest(theta) of flat parameters, equal to thetaDigest bit for bit, without holding up the event loop; they must not change meanwhile.
 * @throws AssayError state-corrupt if a parameter is NaN
 */
export async function digestOf(runId: Hex, layout: Layout, theta: Float32Array): Promise<Hex> {
  const digests: Uint8Array[] = [];
  for (const [index, tensor] of tensorsOf(layout, theta).entries()) {
    for (let at = 0; at < tensor.length; at += SLICE_FLOATS) {
      if (at > 0) await nextTurn();
      refuseNaN(tensor.subarray(at, at + SLICE_FLOATS), index);
    }
    const { buffer, byteOffset, byteLength } = tensor;
    digests.push(await digestBytes(new Uint8Array(buffer, byteOffset, byteLength)));
  }
  return thetaDigestOf(runId, digests);
}

/** Flat parameters -> the bytes of their checkpoint; the same parameters always give the same bytes. */
export function encodeCheckpoint(layout: Layout, theta: Float32Array): Uint8Array {
  return concatBytes(Array.from(blocksOf(formOf(layout), theta), (block) => block.slice()));
}

/** Stores the checkpoint of flat parameters, which must not change meanwhile. @throws AssayError disk-full */
export function putCheckpoint(trees: TreeStore, layout: Layout, theta: Float32Array): Promise<Hex> {
  const form = formOf(layout);
  return trees.put(form, blocksOf(form, theta));
}

/**
 * The flat padded parameters of a checkpoint that lies in a store.
 * @throws AssayError checkpoint-invalid, blob-corrupt, blob-missing
 */
export async function getCheckpoint(
  trees: Pick<TreeStore, "blocks" | "list">,
  layout: Layout,
  address: Hex,
): Promise<Float32Array> {
  const form = formOf(layout);
  const list = await trees.list(address);
  if (list !== null && list.bytes !== form.bytes)
    throw new AssayError({ code: "checkpoint-invalid", reason: "it is of another length" });
  const theta = new Float32Array(layout.total);
  let at = 0;
  for await (const bytes of trees.blocks(address)) {
    placeBytes(form, theta, { at, bytes });
    at += bytes.length;
  }
  return theta;
}

/** Bytes of a checkpoint, or of a file with the same tensors -> flat padded parameters. @throws AssayError checkpoint-invalid */
export function decodeCheckpoint(layout: Layout, bytes: Uint8Array): Float32Array {
  const theta = new Float32Array(layout.total);
  const form = formOf(layout);
  if (form.files.length > 1 && bytes.length === form.bytes)
    placeBytes(form, theta, { at: 0, bytes });
  else
    for (const [index, { values }] of decodeSafetensors(bytes, layout.specs).entries())
      theta.set(values, layout.offsets[index] ?? 0);
  return theta;
}
