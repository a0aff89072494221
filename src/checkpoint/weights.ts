/** @file Tensors in safetensors files that people name: one file, or a folder as Hugging Face lays it out; read one at a time, as float32. */
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { AssayError } from "../errors.ts";
import {
  headerLength,
  LENGTH_BYTES,
  type NamedTensor,
  type Place,
  placesIn,
} from "./safetensors.ts";

/** Named tensors, of which nothing has been read. */
export type Weights = {
  readonly names: ReadonlySet<string>;
  /** One of them, its values as float32 without loss. @throws AssayError checkpoint-invalid when there is none, or of a wider type */
  read(name: string): Promise<NamedTensor>;
  close(): Promise<void>;
};

/** Where one of them lies. */
type Lying = Place & { readonly file: FileHandle; readonly start: number };

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";
const MAX_INDEX_BYTES = 1 << 26;
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

function refuse(reason: string, cause?: unknown): never {
  throw new AssayError({ code: "checkpoint-invalid", reason }, { cause });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The files that an index names; they lie beside it. */
async function filesOf(index: string): Promise<readonly string[]> {
  if ((await stat(index)).size > MAX_INDEX_BYTES) return refuse(`${basename(index)} is too long`);
  try {
    const value: unknown = JSON.parse(await readFile(index, "utf8"));
    const names = new Set(Object.values(indexSchema.parse(value).weight_map));
    if ([...names].every((name) => /^[\w.-]+\.safetensors$/.test(name))) return [...names];
  } catch (cause) {
    return refuse(`its ${INDEX} does not parse`, cause);
  }
  return refuse(`its ${INDEX} names what lies elsewhere`);
}

/** The safetensors files that a path means. */
async function pathsOf(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  if (await isThere(join(path, INDEX)))
    return (await filesOf(join(path, INDEX))).map((name) => join(path, name));
  if (await isThere(join(path, SINGLE))) return [join(path, SINGLE)];
  return refuse(`the folder has neither ${SINGLE} nor ${INDEX}; save the model as safetensors`);
}

/** What a file holds. */
async function placesOf(path: string, file: FileHandle): Promise<ReadonlyMap<string, Lying>> {
  const stats = await file.stat();
  if (!stats.isFile()) return refuse(`${basename(path)} is no regular file`);
  const length = Buffer.alloc(Math.min(LENGTH_BYTES, stats.size));
  await file.read(length, 0, length.length, 0);
  const header = Buffer.alloc(headerLength(length, stats.size));
  await file.read(header, 0, header.length, LENGTH_BYTES);
  const start = LENGTH_BYTES + header.length;
  const places = placesIn(header, stats.size - start);
  return new Map(Array.from(places, ([name, place]) => [name, { ...place, file, start }]));
}

/** Values of each type as float32, none of them changed. */
const AS_FLOATS: Readonly<Record<string, (bytes: ArrayBuffer) => Float32Array>> = {
  F32: (bytes) => new Float32Array(bytes),
  BF16: (bytes) => {
    const wide = Uint32Array.from(new Uint16Array(bytes), (bits) => bits << 16);
    return new Float32Array(wide.buffer);
  },
  F16: (bytes) => Float32Array.from(new Float16Array(bytes)),
};

async function readTensor(name: string, place: Lying): Promise<NamedTensor> {
  const { dtype, shape, at, bytes, file, start } = place;
  const asFloats = AS_FLOATS[dtype];
  if (asFloats === undefined)
    return refuse(`tensor ${name} is ${dtype}; save it as float32, bfloat16 or float16`);
  const buffer = new ArrayBuffer(bytes);
  for (let done = 0; done < bytes;) {
    const { bytesRead } = await file.read(
      new Uint8Array(buffer, done),
      0,
      bytes - done,
      start + at + done,
    );
    if (bytesRead === 0) return refuse(`tensor ${name} is cut short`);
    done += bytesRead;
  }
  return { name, shape, values: asFloats(buffer) };
}

/**
 * Opens a safetensors file, or a folder with model.safetensors or with model.safetensors.index.json and the files that it names.
 * @throws AssayError checkpoint-invalid; whatever the system says of a path that cannot be read
 */
export async function openWeights(path: string): Promise<Weights> {
  const files: FileHandle[] = [];
  const close = async (): Promise<void> => {
    for (const file of files.splice(0)) await file.close();
  };
  try {
    const places = new Map<string, Lying>();
    for (const one of await pathsOf(path)) {
      if (!(await stat(one)).isFile()) return refuse(`${basename(one)} is no regular file`);
      const file = await open(one);
      files.push(file);
      for (const [name, place] of await placesOf(one, file)) {
        if (places.has(name)) return refuse(`tensor ${name} is there twice`);
        places.set(name, place);
      }
    }
    const read = async (name: string): Promise<NamedTensor> =>
      readTensor(name, places.get(name) ?? refuse(`tensor ${name} is missing`));
    return { names: new Set(places.keys()), read, close };
  } catch (error) {
    await close();
    throw error;
  }
}
