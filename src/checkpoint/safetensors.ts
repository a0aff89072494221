/** @file The safetensors format (huggingface/safetensors): 8-byte header length, JSON header, tensor bytes. */
import { z } from "zod";
import { sizeOf } from "../../kernels/tensor.ts";
import { AssayError } from "../errors.ts";

/** A named float32 tensor. */
export type NamedTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
};

/** Limit of the length field and JSON header together. */
export const MAX_HEADER_BYTES = 1 << 20;
/** Length of the length field. */
export const LENGTH_BYTES = 8;
const SPACE = 0x20;

const entry = z.strictObject({
  dtype: z.string().max(16),
  shape: z.array(z.number().int().min(0)).max(8),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});
const header = z.record(z.string().max(256), z.union([entry, z.record(z.string(), z.string())]));

function refuse(reason: string): never {
  throw new AssayError({ code: "checkpoint-invalid", reason });
}

/** The same error, with the file that was read in its words; any other as it is. */
export function namingCheckpoint(error: unknown, path: string): unknown {
  if (!(error instanceof AssayError) || error.fault.code !== "checkpoint-invalid") return error;
  return new AssayError({ ...error.fault, path }, { cause: error });
}

/** A float32 tensor without its values. */
export type TensorShape = Pick<NamedTensor, "name" | "shape">;

/** What a file with these tensors in this order begins with: length and header, padded with spaces to 8 bytes. */
export function safetensorsHeader(
  tensors: readonly TensorShape[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape } of tensors) {
    const bytes = 4 * sizeOf(shape);
    entries[name] = { dtype: "F32", shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const text = new TextEncoder().encode(JSON.stringify(entries));
  const length = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(LENGTH_BYTES + length).fill(SPACE);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(text, LENGTH_BYTES);
  return head;
}

/** Writes tensors in the given order, without holes. */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const head = safetensorsHeader(tensors, metadata);
  const end = tensors.reduce((sum, { values }) => sum + values.byteLength, head.length);
  const bytes = new Uint8Array(end);
  bytes.set(head);
  let at = head.length;
  for (const { values } of tensors) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/** How long the header of a file of so many bytes is, by its first eight. @throws AssayError checkpoint-invalid */
export function headerLength(bytes: Uint8Array, fileBytes: number): number {
  if (bytes.length < LENGTH_BYTES) refuse("it is shorter than the length of its header");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, fileBytes - LENGTH_BYTES)))
    refuse(`its header would have ${length} bytes: it is no safetensors file`);
  return Number(length);
}

function parseHeader(bytes: Uint8Array): z.output<typeof header> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return header.parse(value);
  } catch (cause) {
    throw new AssayError(
      { code: "checkpoint-invalid", reason: "its header does not parse" },
      { cause },
    );
  }
}

/** Where the values of a tensor lie behind the header, and what they are. */
export type Place = {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly at: number;
  readonly bytes: number;
};

/** Bytes of one value. */
const VALUE_BYTES: Readonly<Record<string, number>> = { F64: 8, F32: 4, BF16: 2, F16: 2 };

/**
 * What a header names, in its order, in any place, holes allowed; `dataBytes` follow it. Of types that are not known the length is
 * not checked: nobody reads them.
 * @throws AssayError checkpoint-invalid
 */
export function placesIn(bytes: Uint8Array, dataBytes: number): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const [name, value] of Object.entries(parseHeader(bytes))) {
    if (name === "__metadata__") continue;
    const found = entry.safeParse(value);
    if (!found.success) return refuse(`tensor ${name} is not described`);
    const { dtype, shape, data_offsets: offsets } = found.data;
    const [at, end] = offsets;
    const each = VALUE_BYTES[dtype];
    if (end < at || end > dataBytes || (each !== undefined && end - at !== each * sizeOf(shape)))
      return refuse(`tensor ${name} has another length than its shape`);
    places.set(name, { dtype, shape, at, bytes: end - at });
  }
  return places;
}

function readHeader(bytes: Uint8Array): { entries: z.output<typeof header>; dataStart: number } {
  const dataStart = LENGTH_BYTES + headerLength(bytes, bytes.length);
  return { entries: parseHeader(bytes.subarray(LENGTH_BYTES, dataStart)), dataStart };
}

/**
 * Reads exactly the `expected` tensors, in that order, without holes, overlaps or trailing bytes.
 * @throws AssayError checkpoint-invalid for anything else
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  expected: readonly TensorShape[],
): readonly NamedTensor[] {
  const { entries, dataStart } = readHeader(bytes);
  const names = Object.keys(entries).filter((name) => name !== "__metadata__");
  if (names.length !== expected.length)
    refuse(`${names.length} tensors, expected ${expected.length}`);
  let at = 0;
  const tensors = expected.map(({ name, shape }) => {
    const found = entry.safeParse(entries[name]);
    if (!found.success) return refuse(`tensor ${name} is missing`);
    if (found.data.dtype !== "F32") return refuse(`tensor ${name} is ${found.data.dtype}, not F32`);
    const elements = sizeOf(shape);
    const [start, end] = found.data.data_offsets;
    if (String(found.data.shape) !== String(shape) || start !== at || end !== at + elements * 4)
      return refuse(`tensor ${name} has another shape or place`);
    at = end;
    if (dataStart + end > bytes.length) return refuse(`tensor ${name} is cut short`);
    const own = new Uint8Array(bytes.subarray(dataStart + start, dataStart + end));
    return { name, shape, values: new Float32Array(own.buffer) };
  });
  if (dataStart + at !== bytes.length) refuse("trailing bytes");
  return tensors;
}
