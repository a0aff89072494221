/** @file AdamW (Loshchilov and Hutter 2019): settings, per-step constants, and the slow twin of exact.adamw. */
import { KernelError } from "../errors.ts";
import { type Layout } from "../nn/model.ts";

/** Settings of the inner optimiser; the protocol's defaults are in ADAMW_DEFAULTS. */
export interface InnerOptimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled decay of matrices, per step and unit of learning rate. */
  readonly weightDecay: number;
  /** Largest global norm of the gradient; 0 leaves it alone. */
  readonly clip: number;
}

/** beta 0.9 / 0.95, epsilon 1e-8, decay 0.1, clip 1. */
export const ADAMW_DEFAULTS: InnerOptimizer = {
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clip: 1,
};

/** What one step needs besides the vectors; rounded to float32 where it is used. */
export interface AdamwStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Number of this step, from 1. */
  readonly step: number;
  /** Factor of the gradient, at most 1: global-norm clipping. */
  readonly scale: number;
}

/** The vectors that a step reads and writes. */
export interface AdamwVectors {
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly gradient: Float32Array;
}

/** A stretch of the flat vector whose tensors agree about decay; in floats, `end` excluded. */
export interface DecayRange {
  readonly start: number;
  readonly end: number;
  readonly decay: boolean;
}

/**
 * Checks the optimiser's settings.
 * @throws {KernelError} `bad-config`
 */
export function checkInnerOptimizer(settings: InnerOptimizer): void {
  const { beta1, beta2, epsilon, weightDecay, clip } = settings;
  const inUnit = [beta1, beta2].every((beta) => beta >= 0 && beta < 1);
  if (!inUnit || !(epsilon > 0) || !(weightDecay >= 0) || !(clip >= 0))
    throw new KernelError(
      "bad-config",
      "the inner optimiser needs betas in [0, 1), epsilon above 0, weightDecay and clip of 0 or more",
    );
}

/** base^exponent by repeated squaring: the ** operator's last bits are the engine's choice. */
export function integerPower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** Joins neighbouring tensors that agree about decay, so that few calls cover the whole vector. */
export function decayRanges({ specs, offsets, total }: Layout): DecayRange[] {
  const ranges: DecayRange[] = [];
  specs.forEach(({ decay }, i) => {
    const end = offsets[i + 1] ?? total;
    const last = ranges.at(-1);
    if (last?.decay === decay) ranges[ranges.length - 1] = { ...last, end };
    else ranges.push({ start: offsets[i]!, end, decay });
  });
  return ranges;
}

/** Factor that brings a gradient of this norm to at most `clip`; 1 where it is small enough. */
export function clipScale(norm: number, clip: number): number {
  return clip > 0 && norm > clip ? clip / norm : 1;
}

/** One AdamW step over one range, each operation rounded to float32: the slow twin of exact.adamw, bit for bit. */
export function adamwReference(
  vectors: AdamwVectors,
  settings: AdamwStep,
  range: DecayRange,
): void {
  const f = Math.fround;
  const { parameters: p, firstMoment: m, secondMoment: v, gradient } = vectors;
  const { learningRate, beta1, beta2, step } = settings;
  const decay = range.decay ? settings.weightDecay : 0;
  const [b1, a1, b2, a2] = [f(beta1), f(1 - beta1), f(beta2), f(1 - beta2)];
  const keep = f(1 - learningRate * decay);
  const rate = f(learningRate / (1 - integerPower(beta1, step)));
  const correction = f(1 / (1 - integerPower(beta2, step)));
  const [epsilon, scale] = [f(settings.epsilon), f(settings.scale)];
  for (let i = range.start; i < range.end; i++) {
    const g = f(gradient[i]! * scale);
    const first = f(f(b1 * m[i]!) + f(a1 * g));
    const second = f(f(b2 * v[i]!) + f(a2 * f(g * g)));
    m[i] = first;
    v[i] = second;
    const root = f(Math.sqrt(f(second * correction)));
    p[i] = f(p[i]! * keep) - f(f(first * rate) / f(root + epsilon));
  }
}
