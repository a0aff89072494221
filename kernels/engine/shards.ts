/** @file How a flat vector is cut into shards: runs of whole tensors, each small enough for one memory. */
import { KernelError } from "../errors.ts";
import { type Layout, layoutOf } from "../nn/model.ts";

/** A run of tensors. */
export type Slice = {
  /** Of the shard's own vectors, which start at float 0. */
  readonly layout: Layout;
  /** Index of its first tensor in the whole layout. */
  readonly firstTensor: number;
  /** Its first float in the whole vector. */
  readonly start: number;
};

/**
 * Cuts a layout into runs of at most `floats` floats. Tensors stay whole: onnxruntime reads each as one array, and chunks, norms,
 * quantiser and outer step all begin anew with every tensor. So no sum crosses a cut, and no bit depends on where the cuts are.
 * @throws KernelError bad-config naming a tensor that is longer than that
 */
export function slicesOf({ specs, offsets, total }: Layout, floats: number): Slice[] {
  const ends = [...offsets.slice(1), total];
  const slices: Slice[] = [];
  let first = 0;
  for (const [tensor, end] of ends.entries()) {
    const { name } = specs[tensor]!;
    const length = end - offsets[tensor]!;
    if (length > floats)
      throw new KernelError(
        "bad-config",
        `tensor ${name} has ${length} floats, but the state of one memory ends at ${floats}; make the vocabulary or the width smaller`,
        { details: { tensor: name, length, most: floats } },
      );
    const next = ends[tensor + 1];
    if (next !== undefined && next - offsets[first]! <= floats) continue;
    const layout = layoutOf(specs.slice(first, tensor + 1));
    slices.push({ layout, firstTensor: first, start: offsets[first]! });
    first = tensor + 1;
  }
  return slices;
}
