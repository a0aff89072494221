/**
 * @file The body of an update (docs/protocol.md#body): sparse tensors packed so that each has exactly one encoding.
 *
 * Planes over all tensors, each padded with zero bits to a byte: magnitudes of each chunk | a sign for each kept coordinate | where chunks
 * have two magnitudes, a bit for each that is large | remainders | quotients. The last two hold the gaps between the kept coordinates
 * of each chunk. Bits become numbers in kernels/exact/body.ts, a block at a time.
 */
import { BodyCodec, type BodyPlane, type BodyPlanes } from "../../kernels/exact/body.ts";
import { AssayError } from "../errors.ts";
import { concatBytes } from "./bytes.ts";
import {
  bytesOfBits,
  keptOf,
  keptOfTensor,
  type PlaneBytes,
  planOf,
  type UpdateLayout,
} from "./codec-blocks.ts";
import { MAXIMUM_MAGNITUDE } from "./codec-magnitudes.ts";

export { keptOf, keptOfTensor, MAXIMUM_MAGNITUDE, type UpdateLayout };

/**
 * One tensor of an update. `indices`: strictly ascending flat coordinates; `values`: what is subtracted there. On the wire the values
 * of a chunk have one magnitude, or two.
 */
export type SparseTensor = {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
};

/** One sparse tensor per tensor of the model, in manifest order. */
export type SparseUpdate = readonly SparseTensor[];

/** An upper bound on the bytes of any valid body with this layout: what a download may be at most. */
export function maximumBodyBytes(layout: UpdateLayout): number {
  const { magnitudes, signs, large, remainders, mostQuotients } = planOf(layout).bytes;
  return magnitudes + signs + large + remainders + mostQuotients;
}

let opened: BodyCodec | undefined;

/** One for all: it is compiled when the first update comes. */
function codec(): BodyCodec {
  return (opened ??= new BodyCodec());
}

function plane(bytes: Uint8Array): BodyPlane {
  return { bytes, bit: 0 };
}

/** The bytes of a plane up to its bit. */
function written({ bytes, bit }: BodyPlane): Uint8Array {
  return bytes.subarray(0, bytesOfBits(bit));
}

/**
 * Encode an update; the values are brought to their canonical form on the way.
 * @throws AssayError update-malformed if it does not fit the layout (counts, order) or a value is not finite.
 */
export function encodeBody(update: SparseUpdate, layout: UpdateLayout): Uint8Array {
  const entries = joined(update, layout);
  const { each, bytes, blocks } = planOf(layout);
  const planes: BodyPlanes = {
    magnitudes: plane(new Uint8Array(bytes.magnitudes)),
    signs: plane(new Uint8Array(bytes.signs)),
    large: plane(new Uint8Array(bytes.large)),
    remainders: plane(new Uint8Array(bytes.remainders)),
    quotients: plane(new Uint8Array(bytes.mostQuotients)),
  };
  let from = 0;
  for (const block of blocks) {
    const to = from + block.entries;
    const fault = codec().encode(block, planes, each, {
      indices: entries.indices.subarray(from, to),
      values: entries.values.subarray(from, to),
    });
    if (fault?.kind === "values") throw malformed("a value is NaN or infinite");
    if (fault !== null)
      throw malformed(
        `an index of tensor ${block.tensors[fault.run]} is out of order or outside its chunk`,
      );
    from = to;
  }
  const { magnitudes, signs, large, remainders, quotients } = planes;
  return concatBytes([magnitudes, signs, large, remainders, quotients].map(written));
}

/** All tensors as one. @throws AssayError update-malformed if their counts are not those of the layout */
function joined(update: SparseUpdate, layout: UpdateLayout): SparseTensor {
  const { lengths } = layout;
  if (update.length !== lengths.length)
    throw malformed(`${update.length} tensors where the model has ${lengths.length}`);
  const plan = planOf(layout);
  const all = entriesOf(plan.entries);
  let from = 0;
  for (const [index, { indices, values }] of update.entries()) {
    const kept = plan.counts[index] ?? 0;
    if (indices.length !== kept || values.length !== kept)
      throw malformed(
        `a tensor of ${lengths[index]} keeps ${kept} coordinates, not ${indices.length}`,
      );
    all.indices.set(indices, from);
    all.values.set(values, from);
    from += kept;
  }
  return all;
}

function entriesOf(count: number): SparseTensor {
  return { indices: new Uint32Array(count), values: new Float32Array(count) };
}

/**
 * Decode a body: accepts exactly what `encodeBody` can produce and nothing else. The tensors share their memory.
 * @param reader the process's own, unless a test counts its work
 * @throws AssayError update-malformed on every other byte string.
 */
export function decodeBody(
  body: Uint8Array,
  layout: UpdateLayout,
  reader: BodyCodec = codec(),
): SparseUpdate {
  const { counts, entries, each, bytes, blocks } = planOf(layout);
  const planes = planesOf(body, bytes);
  const all = entriesOf(entries);
  let from = 0;
  for (const block of blocks) {
    const read = reader.decode(block, planes, each);
    if ("kind" in read) {
      const tensor = block.tensors[read.run];
      throw malformed(
        read.kind === "gaps"
          ? `the gaps of tensor ${tensor} lead outside a chunk, or are none`
          : `the values of tensor ${tensor} are not in canonical form`,
      );
    }
    all.indices.set(read.indices, from);
    all.values.set(read.values, from);
    from += block.entries;
  }
  checkEnd(planes);
  let end = 0;
  return counts.map((count): SparseTensor => {
    const start = end;
    end += count;
    return { indices: all.indices.subarray(start, end), values: all.values.subarray(start, end) };
  });
}

/** The planes of a body from their start on. @throws AssayError update-malformed if it is too short or too long for any */
function planesOf(body: Uint8Array, bytes: PlaneBytes): BodyPlanes {
  let end = 0;
  const next = (length: number): BodyPlane => plane(body.subarray(end, (end += length)));
  const magnitudes = next(bytes.magnitudes);
  const signs = next(bytes.signs);
  const large = next(bytes.large);
  const remainders = next(bytes.remainders);
  if (body.length < end)
    throw malformed(`${body.length} bytes end before the quotients, which begin at ${end}`);
  if (body.length - end > bytes.mostQuotients)
    throw malformed(`${body.length} bytes are more than any update of this model has`);
  return { magnitudes, signs, large, remainders, quotients: plane(body.subarray(end)) };
}

/** @throws AssayError if anything but zeros follows what was read, or more bytes than were needed. */
function checkEnd({ signs, large, remainders, quotients }: BodyPlanes): void {
  if (bytesOfBits(quotients.bit) !== quotients.bytes.length)
    throw malformed("bytes follow the last quotient");
  if (![signs, large, remainders, quotients].every(restIsZero))
    throw malformed("the padding of a plane is not zero");
}

/** Whether nothing but zeros follows in the last byte of a plane. */
function restIsZero({ bytes, bit }: BodyPlane): boolean {
  return bit % 8 === 0 || (bytes[Math.floor(bit / 8)] ?? 0) >>> (bit % 8) === 0;
}

function malformed(reason: string): AssayError {
  return new AssayError({ code: "update-malformed", reason });
}
