/** @file Settings of AdamW and the float32 constants its kernel needs. */
import type { Vector } from "./vector.ts";

/** The four flat vectors of the optimiser, all of one length. */
export type AdamwState = {
  readonly parameters: Vector;
  readonly firstMoment: Vector;
  readonly secondMoment: Vector;
  readonly gradient: Vector;
};

/**
 * One step. `step` is AdamW's t and counts from 1; `scale` multiplies the gradient (clipping, loss scale), 1 if left out;
 * `learningRate` is that of this step; `weightDecay` touches only groups with `decay`.
 */
export type AdamwStep = {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly step: number;
  readonly scale?: number;
};

/** `length` floats from float `start`. */
export type AdamwGroup = {
  readonly start: number;
  readonly length: number;
  readonly decay: boolean;
};

/** Float32 constants of the kernel, each rounded once from float64. */
export type AdamwConstants = {
  readonly b1: number;
  readonly a1: number;
  readonly b2: number;
  readonly a2: number;
  readonly keep: number;
  readonly rate: number;
  readonly correction: number;
  readonly epsilon: number;
  readonly scale: number;
};

/**
 * base^exponent by squaring in float64 from the lowest bit of the exponent up: the same bits everywhere, unlike Math.pow.
 * @param exponent a whole number, at least 0
 */
export function wholePower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** @throws RangeError if a setting is out of its range */
export function adamwConstants(settings: AdamwStep): AdamwConstants {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step, scale = 1 } = settings;
  if (!Number.isSafeInteger(step) || step < 1)
    throw new RangeError(`AdamW step ${step}: steps count from 1`);
  for (const [name, beta] of Object.entries({ beta1, beta2 }))
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`AdamW ${name} ${beta} is not in [0, 1)`);
  if (!(Math.fround(epsilon) > 0))
    throw new RangeError(`AdamW epsilon ${epsilon} is not above zero in float32`);
  for (const [name, value] of Object.entries({ learningRate, epsilon, weightDecay, scale }))
    if (!Number.isFinite(value)) throw new RangeError(`AdamW ${name} ${value} is not finite`);
  return {
    b1: Math.fround(beta1),
    a1: Math.fround(1 - beta1),
    b2: Math.fround(beta2),
    a2: Math.fround(1 - beta2),
    keep: Math.fround(1 - learningRate * weightDecay),
    rate: Math.fround(learningRate / (1 - wholePower(beta1, step))),
    correction: Math.fround(1 / (1 - wholePower(beta2, step))),
    epsilon: Math.fround(epsilon),
    scale: Math.fround(scale),
  };
}
