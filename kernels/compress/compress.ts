/** @file From error feedback to a sparse two-bit update and back to numbers. */
import { KernelError } from "../errors.ts";
import { type ChunkRule, type Exact } from "../exact/exact.ts";
import { type SparseTensor, type SparseUpdate, type TensorLayout } from "../exact/sparse.ts";
import { type Vector } from "../exact/vector.ts";

/**
 * Cuts every tensor of `error` into chunks, keeps the k largest magnitudes of each, quantises them per tensor to sign and two
 * magnitudes, and takes what the receiver will read out of `error`: e = f32(e - sent) (docs/protocol.md#9-miner-state).
 * @param error the error feedback with this window's change already added; changed in place
 * @throws KernelError `not-finite` if `error` holds NaN or infinity; it is then left as it was
 * @throws RangeError if the layout does not fit `error` or k and chunk are out of range
 */
export function compressUpdate(
  exact: Exact,
  error: Vector,
  layout: TensorLayout,
  rule: ChunkRule,
): SparseUpdate {
  if (!exact.allFinite(error)) {
    throw new KernelError(
      "not-finite",
      "the error feedback holds NaN or infinity; training diverged: lower the learning rate and start from zero feedback",
    );
  }
  const update = layout.lengths.map((length, index): SparseTensor => {
    const tensor = exact.part(error, layout.offsets[index]!, length);
    const indices = exact.topK(tensor, rule);
    return { indices, ...exact.quantise(exact.gather(tensor, indices)) };
  });
  exact.subtractSent(error, layout, update);
  return update;
}

/** The float32 values of a tensor's codes, in the order of its indices. */
export function dequantise(tensor: SparseTensor): Float32Array<ArrayBuffer> {
  const { codes, low, high } = tensor;
  const levels = Float32Array.of(low, -low, high, -high);
  return Float32Array.from(codes, (code) => levels[code & 3]!);
}

/**
 * Euclidean norm of each tensor's values: float64 squares added in ascending coordinate order, as in docs/protocol.md#8-outer-step. For the
 * structural check of low norms; the outer step computes its own inside WebAssembly.
 */
export function updateNorms(update: SparseUpdate): Float64Array {
  return Float64Array.from(update, (tensor) => {
    let total = 0;
    for (const value of dequantise(tensor)) total += value * value;
    return Math.sqrt(total);
  });
}

/** How many numbers two strictly ascending lists share. */
function shared(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  let j = 0;
  for (const index of a) {
    while (j < b.length && b[j]! < index) j++;
    if (j < b.length && b[j] === index) count++;
  }
  return count;
}

/**
 * Share of kept coordinates that two updates have in common, 0..1 (docs/gauntlet.md#1-fast-checks: per tensor the mean over chunks of
 * |a and b| / k, averaged over tensors by chunks * k). As every chunk is weighted by the number it keeps, that is all shared coordinates over
 * all kept ones; if the two keep different numbers, the larger counts. Nothing kept: 0.
 * @throws KernelError `bad-argument` if the updates have different numbers of tensors
 */
export function indexOverlap(a: SparseUpdate, b: SparseUpdate): number {
  if (a.length !== b.length) {
    throw new KernelError(
      "bad-argument",
      `updates of ${a.length} and ${b.length} tensors cannot be compared; check their structure first`,
    );
  }
  let common = 0;
  let kept = 0;
  for (const [tensor, left] of a.entries()) {
    const right = b[tensor]!;
    common += shared(left.indices, right.indices);
    kept += Math.max(left.indices.length, right.indices.length);
  }
  return kept === 0 ? 0 : common / kept;
}
