/** @file Shapes of layouts and sparse updates, and the checks that keep a kernel inside its memory. */

/** Where each tensor lies in a flat vector: tensor i is `lengths[i]` floats from float `offsets[i]`, in manifest order. */
export type TensorLayout = {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
};

/**
 * The kept coordinates of one tensor, what the outer step is defined on (docs/protocol.md#8-outer-step). `indices`: strictly ascending
 * flat coordinates inside the tensor; `values`: finite.
 */
export type SparseTensor = { readonly indices: Uint32Array; readonly values: Float32Array };

/** One `SparseTensor` per tensor, in manifest order. */
export type SparseUpdate = readonly SparseTensor[];

/** @throws RangeError unless the layout's tensors are non-empty, ascending, disjoint and end within `floats`. */
export function checkLayout(layout: TensorLayout, floats: number): void {
  const { offsets, lengths } = layout;
  if (offsets.length !== lengths.length) {
    throw new RangeError(
      `a layout has ${offsets.length} offsets but ${lengths.length} lengths; give one of each a tensor`,
    );
  }
  let end = 0;
  for (const [tensor, offset] of offsets.entries()) {
    const length = lengths[tensor]!;
    const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
    if (!whole || offset < end || length < 1) {
      throw new RangeError(
        `tensor ${tensor} of a layout (offset ${offset}, length ${length}) is empty or overlaps the one before it`,
      );
    }
    end = offset + length;
  }
  if (end > floats)
    throw new RangeError(`a layout ends at float ${end}, but its vector holds only ${floats}`);
}

/** @throws RangeError unless the update has one well-formed tensor for each of the layout's. */
export function checkUpdate(layout: TensorLayout, update: SparseUpdate): void {
  if (update.length !== layout.lengths.length) {
    throw new RangeError(
      `an update has ${update.length} tensors, the layout ${layout.lengths.length}; refuse the update`,
    );
  }
  for (const [tensor, entries] of update.entries()) {
    const fault = faultOf(entries, layout.lengths[tensor]!);
    if (fault !== undefined)
      throw new RangeError(`tensor ${tensor} of an update: ${fault}; refuse the update`);
  }
}

/** What is wrong with the entries of a tensor of `length` coordinates; undefined if nothing is. */
function faultOf(entries: SparseTensor, length: number): string | undefined {
  return valuesFault(entries) ?? indicesFault(entries.indices, length);
}

// Plain loops: these run over every entry of every peer, and an iterator would cost more than the outer step's own sums.
function indicesFault(indices: Uint32Array, length: number): string | undefined {
  let previous = -1;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (index <= previous) return `index ${index} follows ${previous}, but they must ascend`;
    previous = index;
  }
  return previous < length ? undefined : `index ${previous} lies outside its ${length} coordinates`;
}

function valuesFault({ indices, values }: SparseTensor): string | undefined {
  if (values.length !== indices.length)
    return `${indices.length} indices but ${values.length} values`;
  // A finite number less itself is 0, any other NaN: one look at the end.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! - values[i]!;
  return sum === 0 ? undefined : `value ${values.find((x) => x - x !== 0)} is not finite`;
}
