/**
 * @file Compression kernels on a GPU through gpu.js, from arrays on the host to arrays on the host. It cannot share onnxruntime's buffers, so
 * each call sends its input and brings its result. gpu.js reads the text of the functions: inside them stands nothing but
 * arithmetic, their inputs and `this`.
 */
import { KernelError } from "../errors.ts";
import { type Gpu, type Kernel, openGpu, type Place, type Settings } from "./packages.ts";
import { CODES, cosineBasis, type GpuKernels, type Sheet, SIDE, twinsOf } from "./twins.ts";

type Numbers = readonly number[];

/** A function that gpu.js reads. */
type Text<Inputs extends readonly unknown[]> = (this: Place, ...inputs: Inputs) => number;

/** Above it a place is no whole float32. */
const MOST = 2 ** 24;

/** Largest distance from the twin, relative L2, of what is rounded on the way; a device may fuse a product and a sum. */
const TOLERANCE = 1e-6;

function threshold(this: Place, x: Numbers, least: number): number {
  const value = x[this.thread.x]!;
  if (Math.abs(value) >= least) {
    return value;
  }
  return 0;
}

function signs(this: Place, x: Numbers): number {
  const value = x[this.thread.x]!;
  if (value > 0) {
    return 1;
  }
  if (value < 0) {
    return -1;
  }
  return 0;
}

function quantise(this: Place, x: Numbers, limit: number): number {
  let word = 0;
  let place = 1;
  for (let n = 0; n < 8; n++) {
    const value = x[this.thread.x * 8 + n]!;
    if (value < 0) {
      word += place;
    }
    if (Math.abs(value) >= limit) {
      word += 2 * place;
    }
    place = 4 * place;
  }
  return word;
}

function dequantise(this: Place, codes: Numbers, small: number, large: number): number {
  const at = Math.floor(this.thread.x / 8);
  let word = codes[at]!;
  const turns = this.thread.x - 8 * at;
  for (let n = 0; n < turns; n++) {
    word = Math.floor(word / 4);
  }
  const code = word - 4 * Math.floor(word / 4);
  let value = small;
  if (code >= 2) {
    value = large;
  }
  if (code === 1) {
    return -value;
  }
  if (code === 3) {
    return -value;
  }
  return value;
}

const feedback: Text<[Numbers, Numbers, Numbers, number]> = function (error, start, end, beta) {
  const i = this.thread.x;
  return beta * error[i]! + (start[i]! - end[i]!);
};

function alongColumns(this: Place, x: Numbers, basis: Numbers): number {
  const block = Math.floor(this.thread.y / 64);
  const k = this.thread.y - block * 64;
  let sum = 0;
  for (let i = 0; i < 64; i++) {
    sum += basis[k * 64 + i]! * x[(block * 64 + i) * this.constants.columns + this.thread.x]!;
  }
  return sum;
}

function alongRows(this: Place, half: readonly Numbers[], basis: Numbers): number {
  const block = Math.floor(this.thread.x / 64);
  const k = this.thread.x - block * 64;
  let sum = 0;
  for (let i = 0; i < 64; i++) {
    sum += basis[k * 64 + i]! * half[this.thread.y]![block * 64 + i]!;
  }
  return sum;
}

const settings = (
  output: readonly number[],
  constants?: NonNullable<Settings["constants"]>,
): Settings => ({
  output,
  ...(constants && { constants }),
  asyncMode: true,
  precision: "single",
  tactic: "precision",
});

/** @throws RangeError if an array has another length: gpu.js would compute with whatever lies behind it */
function demandLength(inputs: readonly (Float32Array | number)[], length: number): void {
  for (const input of inputs)
    if (typeof input !== "number" && input.length !== length)
      throw new RangeError(`an array of ${input.length} numbers where the sheet has ${length}`);
}

/** @throws KernelError graph-invalid if a kernel's result is no array of `length` numbers */
function checked(result: unknown, length: number): Float32Array {
  if (result instanceof Float32Array && result.length === length) return result;
  throw new KernelError("graph-invalid", `gpu.js answered no array of ${length} numbers`);
}

/** Rows one behind the other. */
function flat(result: unknown, { rows, columns }: Sheet): Float32Array {
  const out = new Float32Array(rows * columns);
  if (!Array.isArray(result) || result.length !== rows)
    throw new KernelError("graph-invalid", `gpu.js answered no ${rows} rows`);
  for (const [row, values] of result.entries()) out.set(checked(values, columns), row * columns);
  return out;
}

function kernelsOn(gpu: Gpu, sheet: Sheet): GpuKernels {
  const { rows, columns } = sheet;
  const length = rows * columns;
  const each = (text: Parameters<Gpu["createKernel"]>[0], size = length): Kernel =>
    gpu.createKernel(text, settings([size]));
  const kernels = {
    threshold: each(threshold),
    signs: each(signs),
    quantise: each(quantise, length / CODES),
    dequantise: each(dequantise),
    feedback: each(feedback),
  };
  const first = gpu.createKernel(alongColumns, settings([columns, rows], { columns }));
  const second = gpu.createKernel(alongRows, settings([columns, rows]));
  const both = gpu.createPipeline((x: never, basis: never) => second(first(x, basis), basis));
  const basis = cosineBasis();
  const run = async (kernel: Kernel, inputs: readonly (Float32Array | number)[], size = length) => {
    demandLength(inputs, kernel === kernels.dequantise ? length / CODES : length);
    return checked(await kernel(...inputs), size);
  };
  const f32 = Math.fround;
  return {
    threshold: async (x, least) => run(kernels.threshold, [x, f32(least)]),
    signs: async (x) => run(kernels.signs, [x]),
    quantise: async (x, limit) => run(kernels.quantise, [x, f32(limit)], length / CODES),
    dequantise: async (codes, small, large) =>
      run(kernels.dequantise, [codes, f32(small), f32(large)]),
    feedback: async (error, start, end, beta) =>
      run(kernels.feedback, [error, start, end, f32(beta)]),
    cosines: async (x) => {
      demandLength([x], length);
      const found = flat(await both(x, basis), sheet);
      if (both.backend === "webgpu") return found;
      throw new KernelError("device-refused", `gpu.js took ${both.backend} for the cosines`);
    },
  };
}

/** Relative L2 distance; infinite if anything is not a number. */
function distanceOf(actual: Float32Array, expected: Float32Array): number {
  let [away, whole] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    away += (actual[i]! - expected[i]!) ** 2;
    whole += expected[i]! ** 2;
  }
  const distance = Math.sqrt(away / whole);
  return Number.isNaN(distance) ? Infinity : distance;
}

/** @throws KernelError device-refused, with the figure, if a kernel does not compute what its twin does */
async function examine(kernels: GpuKernels, sheet: Sheet): Promise<void> {
  const twins = twinsOf(sheet);
  const length = sheet.rows * sheet.columns;
  const numbers = (step: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => (((i * step) % 2039) - 1019) / 1024);
  const [x, y, z] = [numbers(769), numbers(1321), numbers(557)];
  const codes = twins.quantise(x, 0.4);
  const found: readonly [string, Float32Array, Float32Array, number][] = [
    ["threshold", await kernels.threshold(x, 0.3), twins.threshold(x, 0.3), 0],
    ["signs", await kernels.signs(x), twins.signs(x), 0],
    ["quantise", await kernels.quantise(x, 0.4), codes, 0],
    ["dequantise", await kernels.dequantise(codes, 0.2, 0.7), twins.dequantise(codes, 0.2, 0.7), 0],
    ["feedback", await kernels.feedback(x, y, z, 0.9), twins.feedback(x, y, z, 0.9), TOLERANCE],
    ["cosines", await kernels.cosines(x), twins.cosines(x), TOLERANCE],
  ];
  for (const [name, actual, expected, allowed] of found) {
    const distance = distanceOf(actual, expected);
    if (distance <= allowed) continue;
    const reason = `${name} of gpu.js is ${distance.toExponential(1)} away from its twin; ${allowed} is allowed`;
    throw new KernelError("device-refused", reason, { details: { device: "webgpu", reason } });
  }
}

/** Kernels for tensors of one shape, and how to let them go. */
export type OpenKernels = { readonly kernels: GpuKernels; readonly close: () => Promise<void> };

/**
 * Kernels on the first adapter, examined on a sheet of 64 by 128 before they are handed out. Calls must not overlap. Arrays have `rows * columns`
 * finite numbers, those of codes an eighth: another length is a RangeError.
 * @throws RangeError if the sheet is not of whole blocks, or too large for float32 to count
 * @throws KernelError device-refused if gpu.js is not installed, finds no adapter, or computes wrongly
 */
export async function openGpuKernels(sheet: Sheet): Promise<OpenKernels> {
  const { rows, columns } = sheet;
  const isWhole = [rows, columns].every((side) => side > 0 && side % SIDE === 0);
  if (!isWhole || rows * columns > MOST)
    throw new RangeError(
      `${rows} rows by ${columns} columns: give multiples of ${SIDE}, at most ${MOST} numbers`,
    );
  const gpu = await openGpu();
  const small = { rows: SIDE, columns: 2 * SIDE };
  await examine(kernelsOn(gpu, small), small);
  return { kernels: kernelsOn(gpu, sheet), close: async () => gpu.destroy() };
}
