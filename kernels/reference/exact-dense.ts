/**
 * @file Slow twin of the dense kernels of kernels/exact: one rounding a line, no SIMD, no memory tricks. Only tests and benchmarks run
 * it. It relies on Math.sqrt being the IEEE instruction, which the product must not.
 */
import type { AdamwConstants } from "../exact/adamw.ts";

const f32 = Math.fround;

/** Four arrays of one length; `parameters` and both moments are changed in place. */
export type AdamwArrays = {
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly gradient: Float32Array;
};

/** AdamW on floats start .. end; `decay` false leaves out the factor `keep`. */
export function adamwTwin(
  state: AdamwArrays,
  constants: AdamwConstants,
  range: { readonly start: number; readonly length: number; readonly decay: boolean },
): void {
  const { b1, a1, b2, a2, keep, rate, correction, epsilon, scale } = constants;
  const { parameters, firstMoment, secondMoment, gradient } = state;
  for (let i = range.start; i < range.start + range.length; i++) {
    const g = f32(gradient[i]! * scale);
    const m = f32(f32(b1 * firstMoment[i]!) + f32(a1 * g));
    const v = f32(f32(b2 * secondMoment[i]!) + f32(a2 * f32(g * g)));
    const denominator = f32(f32(Math.sqrt(f32(v * correction))) + epsilon);
    const move = f32(f32(m * rate) / denominator);
    firstMoment[i] = m;
    secondMoment[i] = v;
    parameters[i] = f32(f32(parameters[i]! * (range.decay ? keep : 1)) - move);
  }
}

/** Eight float64 sums, element i in sum i mod 8, added pairwise. */
export function sumOfSquaresTwin(x: Float32Array): number {
  const lanes = new Float64Array(8);
  for (const [i, value] of x.entries()) lanes[i % 8] = lanes[i % 8]! + value * value;
  const pair = (lane: number): number => lanes[lane]! + lanes[lane + 1]!;
  return pair(0) + pair(2) + (pair(4) + pair(6));
}

/** error = f32(f32(beta * error) + f32(start - end)). */
export function accumulateErrorTwin(
  error: Float32Array,
  start: Float32Array,
  end: Float32Array,
  beta: number,
): void {
  for (let i = 0; i < error.length; i++) {
    const delta = f32(start[i]! - end[i]!);
    error[i] = f32(f32(f32(beta) * error[i]!) + delta);
  }
}

/** x = f32(f32(x + y) * factor). */
export function accumulateTwin(x: Float32Array, y: Float32Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] = f32(f32(x[i]! + y[i]!) * f32(factor));
}
