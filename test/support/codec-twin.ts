/**
 * @file The codec of updates in plain TypeScript, bit after bit, as protocol 3 was first written: the slow twin of kernels/exact/body.ts.
 */
import { AssayError } from "../../src/errors.ts";
import { concatBytes } from "../../src/protocol/bytes.ts";
import { keptOf, keptOfTensor, type UpdateLayout } from "../../src/protocol/codec-blocks.ts";
import { type SparseTensor, type SparseUpdate } from "../../src/protocol/codec.ts";
import { type Extent, gapCode, mostQuotientBits } from "../../src/protocol/codec-gaps.ts";
import { magnitudesOf } from "../../src/protocol/codec-magnitudes.ts";
import { BitReader, BitWriter, bytesOfBits } from "./bit-stream.ts";
import {
  type CodedExtent,
  GapReader,
  type Place,
  remainderBits,
  writeGaps,
} from "./codec-twin-gaps.ts";
import { levelsOf, MAGNITUDES } from "./codec-twin-levels.ts";

/** Chunks of one length that follow each other in a tensor, and the code of their gaps. */
type Chunks = CodedExtent & { readonly number: number };

/** The chunks of a tensor: the whole ones, and the short one at its end if there is one. */
function chunksOf(length: number, { k, chunk }: UpdateLayout): readonly Chunks[] {
  const number = Math.floor(length / chunk);
  const rest = length - number * chunk;
  return [
    { number, length: chunk, count: keptOf(chunk, k, chunk) },
    { number: 1, length: rest, count: keptOf(rest, k, chunk) },
  ].flatMap((one) =>
    one.number === 0 || one.length === 0 ? [] : [{ ...one, code: gapCode(one) }],
  );
}

/** What `of` says of a chunk, summed over all of the layout. */
function overChunks(layout: UpdateLayout, of: (extent: Extent) => number): number {
  let sum = 0;
  for (const length of layout.lengths)
    for (const one of chunksOf(length, layout)) sum += one.number * of(one);
  return sum;
}

/** Bytes of the planes that the layout alone decides. */
type PlaneBytes = {
  readonly magnitudes: number;
  readonly signs: number;
  readonly large: number;
  readonly remainders: number;
  /** The last plane's size is what the gaps make it, up to this. */
  readonly mostQuotients: number;
};

function planeBytes(layout: UpdateLayout): PlaneBytes {
  const each = magnitudesOf(layout);
  const signs = bytesOfBits(overChunks(layout, ({ count }) => count));
  return {
    magnitudes: overChunks(layout, () => each),
    signs,
    large: each === 2 ? signs : 0,
    remainders: bytesOfBits(overChunks(layout, remainderBits)),
    mostQuotients: bytesOfBits(overChunks(layout, mostQuotientBits)),
  };
}

/** Visits the chunks of a tensor in order. The place is one object that moves on: there are too many chunks to make one for each. */
function eachChunk(
  length: number,
  layout: UpdateLayout,
  visit: (chunk: CodedExtent, place: Place) => void,
): void {
  const place = { from: 0, start: 0 };
  for (const chunk of chunksOf(length, layout))
    for (let index = 0; index < chunk.number; index += 1) {
      visit(chunk, place);
      place.from += chunk.count;
      place.start += chunk.length;
    }
}

/**
 * Encode an update; the values are brought to their canonical form on the way.
 * @throws AssayError update-malformed if it does not fit the layout (counts, order) or a value is not finite.
 */
export function encodeBodyTwin(update: SparseUpdate, layout: UpdateLayout): Uint8Array {
  const { lengths } = layout;
  if (update.length !== lengths.length)
    throw malformed(`${update.length} tensors where the model has ${lengths.length}`);
  const each = magnitudesOf(layout);
  const bytes = planeBytes(layout);
  const magnitudes = new BitWriter(new Uint8Array(bytes.magnitudes));
  const signs = new BitWriter(new Uint8Array(bytes.signs));
  const large = new BitWriter(new Uint8Array(bytes.large));
  const remainders = new BitWriter(new Uint8Array(bytes.remainders));
  const quotients = new BitWriter(new Uint8Array(bytes.mostQuotients));
  const writeValues = (values: Float32Array): void => {
    const { low, high, threshold } = levelsOf(values, each);
    magnitudes.write(low, 8);
    if (each === 2) magnitudes.write(high, 8);
    // Index loops here and below: an iterator would cost more than the bits.
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] ?? 0;
      const isLarge = Math.abs(value) > threshold;
      signs.write(value < 0 && (isLarge ? high : low) !== 0 ? 1 : 0, 1);
      if (each === 2) large.write(isLarge ? 1 : 0, 1);
    }
  };
  for (const [index, { indices, values }] of update.entries()) {
    const length = lengths[index] ?? 0;
    checkTensor({ indices, values }, length, layout);
    eachChunk(length, layout, (chunk, place) => {
      writeValues(values.subarray(place.from, place.from + chunk.count));
      if (!writeGaps({ remainders, quotients }, indices, chunk, place))
        throw malformed(`an index of tensor ${index} is out of order or outside its chunk`);
    });
  }
  const planes = [magnitudes, signs, large, remainders, quotients];
  return concatBytes(planes.map(({ written }) => written));
}

function checkTensor(
  { indices, values }: SparseTensor,
  length: number,
  { k, chunk }: UpdateLayout,
): void {
  const kept = keptOfTensor(length, k, chunk);
  if (indices.length !== kept || values.length !== kept)
    throw malformed(`a tensor of ${length} keeps ${kept} coordinates, not ${indices.length}`);
  if (!values.every(Number.isFinite)) throw malformed("a value is NaN or infinite");
}

/**
 * Decode a body: accepts exactly what `encodeBodyTwin` can produce and nothing else.
 * @throws AssayError update-malformed on every other byte string.
 */
export function decodeBodyTwin(body: Uint8Array, layout: UpdateLayout): SparseUpdate {
  const planes = new Planes(body, layout);
  const update = layout.lengths.map((length, index): SparseTensor => {
    const kept = keptOfTensor(length, layout.k, layout.chunk);
    const tensor = { indices: new Uint32Array(kept), values: new Float32Array(kept) };
    eachChunk(length, layout, (chunk, place) => {
      if (!planes.gaps.read(tensor.indices, chunk, place))
        throw malformed(`the gaps of tensor ${index} lead outside a chunk, or are none`);
      if (!planes.readValues(tensor.values, place.from, place.from + chunk.count))
        throw malformed(`the values of tensor ${index} are not in canonical form`);
    });
    return tensor;
  });
  planes.checkEnd();
  return update;
}

/** The planes of a body, each read from its start to its end. */
class Planes {
  readonly gaps: GapReader;
  readonly #magnitudes: Uint8Array;
  readonly #signs: BitReader;
  readonly #large: BitReader;
  readonly #each: 1 | 2;
  readonly #quotientBytes: number;
  #chunk = 0;

  constructor(body: Uint8Array, layout: UpdateLayout) {
    const bytes = planeBytes(layout);
    let end = 0;
    const next = (length: number): Uint8Array => body.subarray(end, (end += length));
    this.#each = magnitudesOf(layout);
    this.#magnitudes = next(bytes.magnitudes);
    this.#signs = new BitReader(next(bytes.signs));
    this.#large = new BitReader(next(bytes.large));
    const remainders = next(bytes.remainders);
    if (body.length < end)
      throw malformed(`${body.length} bytes end before the quotients, which begin at ${end}`);
    if (body.length - end > bytes.mostQuotients)
      throw malformed(`${body.length} bytes are more than any update of this model has`);
    this.gaps = new GapReader({ remainders, quotients: body.subarray(end) });
    this.#quotientBytes = body.length - end;
  }

  /** The values of the next chunk. Returns whether no other bytes mean the same. */
  readValues(values: Float32Array, from: number, to: number): boolean {
    const byte = this.#chunk * this.#each;
    const low = this.#magnitudes[byte] ?? 0;
    this.#chunk += 1;
    if (this.#each === 2)
      return this.#readTwo(values.subarray(from, to), low, this.#magnitudes[byte + 1] ?? 0);
    const negative = this.#signs.readSigned(values, from, to, MAGNITUDES[low] ?? 0);
    return low > 0 || !negative;
  }

  #readTwo(values: Float32Array, low: number, high: number): boolean {
    const bytes = [low, high];
    this.#signs.readSigned(values, 0, values.length, 1);
    let [larges, signedZeros] = [0, 0];
    for (let at = 0; at < values.length; at += 1) {
      const sign = values[at] ?? 0;
      const isLarge = this.#large.at(at, 1);
      const byte = bytes[isLarge] ?? 0;
      values[at] = sign * (MAGNITUDES[byte] ?? 0);
      larges += isLarge;
      if (byte === 0 && sign < 0) signedZeros += 1;
    }
    this.#large.skip(values.length);
    if (signedZeros > 0) return false;
    return low < high ? larges > 0 && larges < values.length : low === high && larges === 0;
  }

  /** @throws AssayError if anything but zeros follows what was read, or more bytes than were needed. */
  checkEnd(): void {
    if (this.gaps.quotientBytes !== this.#quotientBytes)
      throw malformed("bytes follow the last quotient");
    if (![this.#signs, this.#large, this.gaps].every(({ restIsZero }) => restIsZero))
      throw malformed("the padding of a plane is not zero");
  }
}

function malformed(reason: string): AssayError {
  return new AssayError({ code: "update-malformed", reason });
}
