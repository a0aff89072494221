/**
 * @file What the kernels of this folder compute, in plain float32 on the CPU: the definition that a device is examined against. Every
 * operation is rounded once, in the order in which it stands here.
 */
import { basisOf } from "../exact/dct.ts";

const f32 = Math.fround;

/** Side of a block of the cosine transform. */
export const SIDE = 64;

/** Codes of two bits that share a number: eight take 16 bits, which float32 holds exactly. */
export const CODES = 8;

/** A tensor as rows and columns, both multiples of 64. */
export type Sheet = { readonly rows: number; readonly columns: number };

/** An operation from arrays on the host to a new array on the host. */
type Operations<Result> = {
  /** x where its magnitude is at least `least`, 0 elsewhere. */
  readonly threshold: (x: Float32Array, least: number) => Result;
  /** 1, -1, or 0 for zero. */
  readonly signs: (x: Float32Array) => Result;
  /** Codes of two bits, eight in each number, the first in the lowest bits: 1 if x is below zero, and 2 if its magnitude is at least `limit`. */
  readonly quantise: (x: Float32Array, limit: number) => Result;
  /** What codes stand for: `small`, or `large` where the upper bit is set, with the sign of the lower one. */
  readonly dequantise: (codes: Float32Array, small: number, large: number) => Result;
  /** f32(f32(beta * error) + f32(start - end)): what training moved joins the error feedback (docs/protocol.md#9-miner-state). */
  readonly feedback: (
    error: Float32Array,
    start: Float32Array,
    end: Float32Array,
    beta: number,
  ) => Result;
  /** The orthonormal DCT-II of every block of 64 by 64, in its place; sums of 64 terms in ascending order, along columns first. */
  readonly cosines: (x: Float32Array) => Result;
};

/** On a device: the answer comes when it was computed and brought back. */
export type GpuKernels = Operations<Promise<Float32Array>>;

/** On the CPU. */
type Twins = Operations<Float32Array>;

/** cosines along an axis of 64: row k is frequency k. */
export function cosineBasis(): Float32Array {
  return basisOf(SIDE, Math.sqrt);
}

function codeOf(x: number, limit: number): number {
  return (x < 0 ? 1 : 0) + (Math.abs(x) >= limit ? 2 : 0);
}

function dequantised(codes: Float32Array, small: number, large: number): Float32Array {
  const [low, high] = [f32(small), f32(large)];
  const out = new Float32Array(CODES * codes.length);
  for (let i = 0; i < out.length; i++) {
    const code = (codes[Math.floor(i / CODES)]! >> (2 * (i % CODES))) & 3;
    const magnitude = code < 2 ? low : high;
    out[i] = code % 2 === 1 ? -magnitude : magnitude;
  }
  return out;
}

function quantised(x: Float32Array, limit: number): Float32Array {
  const least = f32(limit);
  const out = new Float32Array(x.length / CODES);
  for (let i = 0; i < out.length; i++) {
    let word = 0;
    for (let n = 0; n < CODES; n++) word |= codeOf(x[CODES * i + n]!, least) << (2 * n);
    out[i] = word;
  }
  return out;
}

/** The sum of the products of row k of the basis with 64 numbers, `step` apart from `from` on. */
function along(
  x: Float32Array,
  { from, step }: { readonly from: number; readonly step: number },
  basis: Float32Array,
  k: number,
): number {
  let sum = 0;
  for (let i = 0; i < SIDE; i++) sum = f32(sum + f32(basis[k * SIDE + i]! * x[from + i * step]!));
  return sum;
}

function transformed(x: Float32Array, { rows, columns }: Sheet): Float32Array {
  const basis = cosineBasis();
  const [half, out] = [new Float32Array(x.length), new Float32Array(x.length)];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const k = row % SIDE;
      half[row * columns + column] = along(
        x,
        { from: (row - k) * columns + column, step: columns },
        basis,
        k,
      );
    }
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const k = column % SIDE;
      out[row * columns + column] = along(
        half,
        { from: row * columns + column - k, step: 1 },
        basis,
        k,
      );
    }
  return out;
}

function above(x: Float32Array, least: number): Float32Array {
  const limit = f32(least);
  const out = new Float32Array(x.length);
  // An index loop: map takes ten times as long.
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(x[i]!) >= limit ? x[i]! : 0;
  return out;
}

function signsOf(x: Float32Array): Float32Array {
  const out = new Float32Array(x.length);
  for (let i = 0; i < out.length; i++) out[i] = x[i]! > 0 ? 1 : x[i]! < 0 ? -1 : 0;
  return out;
}

/** The operations on the CPU, for tensors of one shape. */
export function twinsOf(sheet: Sheet): Twins {
  return {
    threshold: above,
    signs: signsOf,
    quantise: quantised,
    dequantise: dequantised,
    feedback: (error, start, end, beta) =>
      error.map((e, i) => f32(f32(f32(beta) * e) + f32(start[i]! - end[i]!))),
    cosines: (x) => transformed(x, sheet),
  };
}
