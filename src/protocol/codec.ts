/**
 * @file The body of an update (docs/protocol.md#body): sparse tensors packed so that each has exactly one encoding.
 *
 * Per tensor, in manifest order: f32 low | f32 high | bit stream, least significant bit first, zero-padded to a byte.
 * The bit stream holds the indices of all chunks, then a 2-bit code per index. A chunk's k_chunk ascending indices are
 * written as gaps (index - previous - 1, from -1) in Golomb-Rice: unary quotient (ones, then a zero), then `parameter` low
 * bits. The parameter follows from (k_chunk, chunk length) alone. A chunk that keeps everything writes no indices.
 */
import { AssayError } from "../errors.ts";
import { BitReader, BitWriter } from "./bit-stream.ts";

/**
 * One tensor of an update. `indices`: strictly ascending flat coordinates; `codes`: 0..3, bit 0 = negative, bit 1 = large;
 * value = (+/-) (large ? high : low); `low`, `high`: finite float32, 0 <= low <= high.
 */
export type SparseTensor = {
  readonly indices: Uint32Array;
  readonly codes: Uint8Array;
  readonly low: number;
  readonly high: number;
};

/** One sparse tensor per tensor of the model, in manifest order. */
export type SparseUpdate = readonly SparseTensor[];

/** What fixes the form of a body: elements per tensor, and `k` kept of every `chunk`. */
export type UpdateLayout = {
  readonly lengths: readonly number[];
  readonly k: number;
  readonly chunk: number;
};

/** No honest value comes near; it keeps a forged scale from overflowing float32 sums. */
export const MAXIMUM_MAGNITUDE = 1e4;

const SCALES_BYTES = 8;

/** Coordinates kept of a chunk of `length` elements: max(1, ceil(k * length / chunk)). */
export function keptOf(length: number, k: number, chunk: number): number {
  return Math.max(1, Math.ceil((k * length) / chunk));
}

/** Coordinates kept of a whole tensor. */
export function keptOfTensor(length: number, k: number, chunk: number): number {
  const full = Math.floor(length / chunk);
  const rest = length - full * chunk;
  return full * keptOf(chunk, k, chunk) + (rest === 0 ? 0 : keptOf(rest, k, chunk));
}

/** The largest p with 2^p <= ln 2 * mean gap: the best Rice parameter for uniform indices. Integers only. */
export function riceParameter(kept: number, length: number): number {
  let parameter = 0;
  while (kept * 2 ** (parameter + 1) * 1000 <= (length - kept) * 693) parameter += 1;
  return parameter;
}

/** An upper bound on the bytes of any valid body with this layout: what a download may be at most. */
export function maximumBodyBytes({ lengths, k, chunk }: UpdateLayout): number {
  return lengths.reduce((sum, length) => sum + maximumTensorBytes(length, k, chunk), 0);
}

function maximumTensorBytes(length: number, k: number, chunk: number): number {
  const full = Math.floor(length / chunk);
  const rest = length - full * chunk;
  const bits = full * maximumChunkBits(chunk, k, chunk) + maximumChunkBits(rest, k, chunk);
  return SCALES_BYTES + Math.ceil(bits / 8);
}

function maximumChunkBits(length: number, k: number, chunk: number): number {
  if (length === 0) return 0;
  const kept = keptOf(length, k, chunk);
  if (kept === length) return 2 * kept;
  const parameter = riceParameter(kept, length);
  // All gaps of a chunk sum to at most length - kept, and so do the quotients times 2^parameter.
  return kept * (parameter + 3) + ((length - kept) >>> parameter);
}

/**
 * The one form of a tensor's values. Different (codes, low, high) can mean the same numbers: zero has no sign, a tensor of
 * one magnitude uses neither the larger scale nor the large bit. A copier could otherwise send "another" update.
 */
export function canonicalTensor(tensor: SparseTensor): SparseTensor {
  const low = Math.abs(Math.fround(tensor.low));
  const high = Math.abs(Math.fround(tensor.high));
  const anyLarge = tensor.codes.some((code) => (code & 2) !== 0);
  const anySmall = tensor.codes.some((code) => (code & 2) === 0);
  if (low === high || !anyLarge || !anySmall) {
    const scale = anyLarge && !anySmall ? high : low;
    const codes = tensor.codes.map((code) => (scale === 0 ? 0 : code & 1));
    return { indices: tensor.indices, codes, low: scale, high: scale };
  }
  const codes = tensor.codes.map((code) => ((code & 2) === 0 && low === 0 ? 0 : code));
  return { indices: tensor.indices, codes, low, high };
}

/**
 * Encode an update; the values are brought to their canonical form first.
 * @throws AssayError update-malformed if it does not fit the layout (wrong counts, order, scales).
 */
export function encodeBody(update: SparseUpdate, layout: UpdateLayout): Uint8Array {
  if (update.length !== layout.lengths.length) {
    throw malformed(`${update.length} tensors where the model has ${layout.lengths.length}`);
  }
  const out = new Uint8Array(maximumBodyBytes(layout));
  let offset = 0;
  for (const [index, tensor] of update.entries()) {
    const length = layout.lengths[index] ?? 0;
    offset += encodeTensor(canonicalTensor(tensor), length, layout, out.subarray(offset));
  }
  return out.slice(0, offset);
}

function encodeTensor(
  tensor: SparseTensor,
  length: number,
  { k, chunk }: UpdateLayout,
  out: Uint8Array,
): number {
  const kept = keptOfTensor(length, k, chunk);
  if (tensor.indices.length !== kept || tensor.codes.length !== kept) {
    throw malformed(
      `a tensor of ${length} keeps ${kept} coordinates, not ${tensor.indices.length}`,
    );
  }
  checkScales(tensor.low, tensor.high);
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  view.setFloat32(0, tensor.low, true);
  view.setFloat32(4, tensor.high, true);
  const bits = new BitWriter(out.subarray(SCALES_BYTES));
  let at = 0;
  for (let start = 0; start < length; start += chunk) {
    const size = Math.min(chunk, length - start);
    const end = at + keptOf(size, k, chunk);
    writeIndices(bits, tensor.indices.subarray(at, end), start, size);
    at = end;
  }
  for (const code of tensor.codes) bits.write(code & 3, 2);
  return SCALES_BYTES + bits.byteLength;
}

function writeIndices(bits: BitWriter, indices: Uint32Array, start: number, size: number): void {
  const parameter = riceParameter(indices.length, size);
  const mask = (1 << parameter) - 1;
  let previous = start - 1;
  for (const index of indices) {
    const gap = index - previous - 1;
    if (gap < 0 || index >= start + size) {
      throw malformed(`index ${index} is out of order or outside its chunk`);
    }
    previous = index;
    if (indices.length === size) continue;
    bits.writeUnary(gap >>> parameter);
    bits.write(gap & mask, parameter);
  }
}

/**
 * Decode a body: accepts exactly what `encodeBody` can produce and nothing else.
 * @throws AssayError update-malformed on every other byte string.
 */
export function decodeBody(body: Uint8Array, layout: UpdateLayout): SparseUpdate {
  let offset = 0;
  const update = layout.lengths.map((length, index) => {
    const decoded = decodeTensor(body.subarray(offset), length, layout, index);
    offset += decoded.byteLength;
    return decoded.tensor;
  });
  if (offset !== body.length)
    throw malformed(`${body.length - offset} bytes follow the last tensor`);
  return update;
}

function decodeTensor(
  bytes: Uint8Array,
  length: number,
  { k, chunk }: UpdateLayout,
  index: number,
): { readonly tensor: SparseTensor; readonly byteLength: number } {
  if (bytes.length < SCALES_BYTES) throw malformed(`the body ends before tensor ${index}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const low = view.getFloat32(0, true);
  const high = view.getFloat32(4, true);
  checkScales(low, high);
  const kept = keptOfTensor(length, k, chunk);
  const bits = new BitReader(bytes.subarray(SCALES_BYTES));
  const indices = new Uint32Array(kept);
  let at = 0;
  for (let start = 0; start < length; start += chunk) {
    const size = Math.min(chunk, length - start);
    const end = at + keptOf(size, k, chunk);
    readIndices(bits, indices.subarray(at, end), start, size);
    at = end;
  }
  const codes = new Uint8Array(kept);
  for (let entry = 0; entry < kept; entry += 1) codes[entry] = bits.read(2);
  if (bits.overran) throw malformed(`the body ends inside tensor ${index}`);
  if (!bits.restOfByteIsZero()) throw malformed(`the padding of tensor ${index} is not zero`);
  const tensor = { indices, codes, low, high };
  checkCanonical(tensor, index);
  return { tensor, byteLength: SCALES_BYTES + bits.byteLength };
}

function readIndices(bits: BitReader, out: Uint32Array, start: number, size: number): void {
  const parameter = riceParameter(out.length, size);
  const dense = out.length === size;
  const limit = size >>> parameter;
  let previous = start - 1;
  for (let entry = 0; entry < out.length; entry += 1) {
    const quotient = dense ? 0 : bits.readUnary(limit);
    const gap = dense ? 0 : quotient * 2 ** parameter + bits.read(parameter);
    previous += gap + 1;
    if (previous >= start + size) throw malformed("an index lies outside its chunk");
    out[entry] = previous;
  }
}

function checkScales(low: number, high: number): void {
  // Object.is refuses -0, which would be a second encoding of zero; the comparison refuses NaN.
  if (low >= 0 && low <= high && high <= MAXIMUM_MAGNITUDE && !Object.is(low, -0)) return;
  throw malformed(`magnitudes ${low} and ${high} are not 0 <= low <= high <= ${MAXIMUM_MAGNITUDE}`);
}

function checkCanonical(tensor: SparseTensor, index: number): void {
  const canonical = canonicalTensor(tensor);
  const same =
    Object.is(canonical.low, tensor.low) &&
    Object.is(canonical.high, tensor.high) &&
    canonical.codes.every((code, entry) => code === tensor.codes[entry]);
  if (!same) throw malformed(`the values of tensor ${index} are not in canonical form`);
}

function malformed(reason: string): AssayError {
  return new AssayError({ code: "update-malformed", reason });
}
