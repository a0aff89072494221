/** @file Shapes of layouts and sparse updates, and the checks that keep a kernel inside its memory. */

/** Where each tensor lies in a flat vector: tensor i is `lengths[i]` floats from float `offsets[i]`, in manifest order. */
export type TensorLayout = {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
};

/**
 * The kept coordinates of one tensor. `indices`: strictly ascending flat coordinates inside the tensor;
 * `codes[i]` in 0..3: bit 0 = negative, bit 1 = large. The value is the float32 number `(large ? high : low)`, negated if negative.
 * `low` and `high` are finite float32 numbers with 0 <= low <= high.
 */
export type SparseTensor = {
  readonly indices: Uint32Array;
  readonly codes: Uint8Array;
  readonly low: number;
  readonly high: number;
};

/** One `SparseTensor` per tensor, in manifest order. */
export type SparseUpdate = readonly SparseTensor[];

/** Kept coordinates with plain float32 values: what the outer step is defined on (docs/protocol.md#8-outer-step). */
export type ValueTensor = { readonly indices: Uint32Array; readonly values: Float32Array };

/** Either form; every kernel that reads an update takes both. */
export type Entries = SparseTensor | ValueTensor;

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
export function checkUpdate(layout: TensorLayout, update: readonly Entries[]): void {
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
function faultOf(entries: Entries, length: number): string | undefined {
  const fault = "codes" in entries ? codesFault(entries) : valuesFault(entries);
  return fault ?? indicesFault(entries.indices, length);
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

function codesFault({ indices, codes, low, high }: SparseTensor): string | undefined {
  if (codes.length !== indices.length) return `${indices.length} indices but ${codes.length} codes`;
  const single = Math.fround(low) === low && Math.fround(high) === high;
  if (!single || !(low >= 0 && low <= high && high < Infinity))
    return `magnitudes ${low} and ${high} are not finite float32 numbers in ascending order`;
  let union = 0;
  for (let i = 0; i < codes.length; i++) union |= codes[i]!;
  return union > 3 ? "a code is above 3" : undefined;
}

function valuesFault({ indices, values }: ValueTensor): string | undefined {
  if (values.length !== indices.length)
    return `${indices.length} indices but ${values.length} values`;
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) return `value ${values[i]} is not finite`;
  return undefined;
}
