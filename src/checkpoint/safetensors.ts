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
const LENGTH_BYTES = 8;
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

/** Writes tensors in the given order, without holes; the header is padded with spaces to 8 bytes. */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape, values } of tensors) {
    entries[name] = { dtype: "F32", shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(entries));
  const json = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(SPACE);
  json.set(text);
  const bytes = new Uint8Array(LENGTH_BYTES + json.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + json.length;
  for (const { values } of tensors) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

function readHeader(bytes: Uint8Array): { entries: z.output<typeof header>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) refuse("it is shorter than the length of its header");
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - LENGTH_BYTES)))
    refuse(`its header would have ${length} bytes: it is no safetensors file`);
  const dataStart = LENGTH_BYTES + Number(length);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      bytes.subarray(LENGTH_BYTES, dataStart),
    );
    const value: unknown = JSON.parse(text);
    return { entries: header.parse(value), dataStart };
  } catch (cause) {
    throw new AssayError(
      { code: "checkpoint-invalid", reason: "its header does not parse" },
      { cause },
    );
  }
}

/**
 * Reads every tensor of a file that others wrote, in its order: float32, in any place, holes allowed.
 * @throws AssayError checkpoint-invalid
 */
export function readSafetensors(bytes: Uint8Array): ReadonlyMap<string, NamedTensor> {
  const { entries, dataStart } = readHeader(bytes);
  const tensors = new Map<string, NamedTensor>();
  for (const [name, value] of Object.entries(entries)) {
    if (name === "__metadata__") continue;
    const found = entry.safeParse(value);
    if (!found.success) return refuse(`tensor ${name} is not described`);
    const { dtype, shape, data_offsets: offsets } = found.data;
    const [start, end] = offsets;
    if (dtype !== "F32") return refuse(`tensor ${name} is ${dtype}; save it as float32`);
    if (end - start !== 4 * sizeOf(shape) || dataStart + end > bytes.length)
      return refuse(`tensor ${name} has another length than its shape`);
    const own = new Uint8Array(bytes.subarray(dataStart + start, dataStart + end));
    tensors.set(name, { name, shape, values: new Float32Array(own.buffer) });
  }
  return tensors;
}

/**
 * Reads exactly the `expected` tensors, in that order, without holes, overlaps or trailing bytes.
 * @throws AssayError checkpoint-invalid for anything else
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  expected: readonly Pick<NamedTensor, "name" | "shape">[],
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
