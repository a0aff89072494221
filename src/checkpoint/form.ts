/** @file How the parameters of a model lie in the files of a checkpoint (docs/protocol.md#checkpoint), down to the byte. */
import type { Layout } from "../../kernels/nn/model.ts";
import type { TreeForm } from "../blobs/tree-files.ts";
import { AssayError } from "../errors.ts";
import { BLOCK_BYTES } from "../protocol/block-tree.ts";
import { equalBytes } from "../protocol/bytes.ts";
import { safetensorsHeader } from "./safetensors.ts";

/** Tensors go into a file up to so many bytes, and at least one. */
const SHARD_BYTES = 1 << 30;

/** A stretch of a checkpoint's bytes: bytes that follow from the model, or parameters `first` to `first + count`. */
type Stretch = { readonly at: number; readonly bytes: number } & (
  | { readonly header: Uint8Array }
  | { readonly header: null; readonly first: number }
);

/** The files of a checkpoint, and what each of their bytes is. */
export type CheckpointForm = TreeForm & {
  readonly bytes: number;
  readonly stretches: readonly Stretch[];
};

/** Tensors of these lengths by number, cut into files: each is full before the next begins. */
export function shardsOf(lengths: readonly number[], shardBytes = SHARD_BYTES): number[][] {
  const shards: number[][] = [];
  let bytes = Infinity;
  for (const [index, length] of lengths.entries()) {
    if (bytes + 4 * length > shardBytes) {
      shards.push([]);
      bytes = 0;
    }
    shards.at(-1)?.push(index);
    bytes += 4 * length;
  }
  return shards;
}

/** The names that Hugging Face's readers look for: one file, or numbered ones. */
export function shardName(index: number, shards: number): string {
  if (shards === 1) return "model.safetensors";
  const [number, of] = [index + 1, shards].map((one) => String(one).padStart(5, "0"));
  return `model-${number}-of-${of}.safetensors`;
}

/** Hugging Face's model.safetensors.index.json: which file holds which tensor; none for a single file. */
export function shardIndex(
  shards: readonly (readonly string[])[],
  bytes: number,
): TreeForm["notes"] {
  if (shards.length === 1) return new Map();
  const weight_map = Object.fromEntries(
    shards.flatMap((names, index) => names.map((name) => [name, shardName(index, shards.length)])),
  );
  const index = { metadata: { total_size: bytes }, weight_map };
  return new Map([["model.safetensors.index.json", `${JSON.stringify(index, null, 2)}\n`]]);
}

/** The form of a layout's checkpoints. `shardBytes` is SHARD_BYTES for all nodes. */
export function formOf(layout: Layout, shardBytes = SHARD_BYTES): CheckpointForm {
  const { specs, offsets, lengths } = layout;
  const shards = shardsOf(lengths, shardBytes);
  const stretches: Stretch[] = [];
  let at = 0;
  const files = shards.map((tensors, index) => {
    const from = at;
    const shapes = tensors.flatMap((tensor) => specs[tensor] ?? []);
    const header = safetensorsHeader(shapes, { format: "pt" });
    stretches.push({ at, bytes: header.length, header });
    at += header.length;
    for (const tensor of tensors) {
      const bytes = 4 * (lengths[tensor] ?? 0);
      stretches.push({ at, bytes, header: null, first: offsets[tensor] ?? 0 });
      at += bytes;
    }
    return { name: shardName(index, shards.length), bytes: at - from };
  });
  const names = shards.map((tensors) => tensors.flatMap((tensor) => specs[tensor]?.name ?? []));
  const total = 4 * lengths.reduce((sum, length) => sum + length, 0);
  return { files, notes: shardIndex(names, total), bytes: at, stretches };
}

/** Bytes `start` to `end` of a stretch, counted in the checkpoint, as they are in memory. */
function memoryOf(
  stretch: Stretch,
  theta: Float32Array,
  { start, end }: { readonly start: number; readonly end: number },
): Uint8Array {
  const from = start - stretch.at;
  if (stretch.header !== null) return stretch.header.subarray(from, end - stretch.at);
  return new Uint8Array(theta.buffer, theta.byteOffset + 4 * stretch.first + from, end - start);
}

/** Goes through the stretches that the bytes from `at` on lie in. */
function eachStretch(
  { stretches }: CheckpointForm,
  { at, bytes }: { readonly at: number; readonly bytes: number },
  visit: (stretch: Stretch, place: { readonly start: number; readonly end: number }) => void,
): void {
  let [low, high] = [0, stretches.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((stretches[middle]?.at ?? Infinity) <= at) low = middle;
    else high = middle;
  }
  for (const stretch of stretches.slice(low)) {
    const start = Math.max(at, stretch.at);
    const end = Math.min(at + bytes, stretch.at + stretch.bytes);
    if (stretch.at >= at + bytes) return;
    if (start < end) visit(stretch, { start, end });
  }
}

/** The checkpoint of parameters, block by block, straight from them. @yields blocks that share one buffer */
export function* blocksOf(form: CheckpointForm, theta: Float32Array): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(BLOCK_BYTES, form.bytes));
  for (let at = 0; at < form.bytes; at += BLOCK_BYTES) {
    const block = buffer.subarray(0, Math.min(BLOCK_BYTES, form.bytes - at));
    eachStretch(form, { at, bytes: block.length }, (stretch, place) =>
      block.set(memoryOf(stretch, theta, place), place.start - at),
    );
    yield block;
  }
}

/**
 * Puts the bytes from place `at` of a checkpoint where their parameters lie.
 * @throws AssayError checkpoint-invalid where a header is not that of this model
 */
export function placeBytes(
  form: CheckpointForm,
  theta: Float32Array,
  { at, bytes }: { readonly at: number; readonly bytes: Uint8Array },
): void {
  eachStretch(form, { at, bytes: bytes.length }, (stretch, place) => {
    const source = bytes.subarray(place.start - at, place.end - at);
    const target = memoryOf(stretch, theta, place);
    if (stretch.header === null) target.set(source);
    else if (!equalBytes(target, source))
      throw new AssayError({
        code: "checkpoint-invalid",
        reason: "its header is not that of this model",
      });
  });
}
