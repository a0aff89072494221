/** @file The engine's flat vectors, and the arithmetic on them. */
import { KernelError } from "../errors.ts";
import { type Layout } from "../nn/model.ts";
import { adamwReference, type AdamwStep, decayRanges, type DecayRange } from "../optim/adamw.ts";
import {
  type CompressRequest,
  type CompressResult,
  type OuterStepRequest,
  type SparseUpdate,
} from "./types.ts";

/** Six vectors of layout.total floats. */
export class FlatState {
  readonly layout: Layout;
  readonly theta: Float32Array;
  /** The copy of theta that trains. */
  readonly working: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Error feedback. */
  readonly error: Float32Array;
  /** The last gradient. Between steps it is free, so evaluation at theta - factor * update uses it as scratch. */
  readonly gradient: Float32Array;
  private readonly ranges: readonly DecayRange[];

  constructor(layout: Layout) {
    this.layout = layout;
    this.ranges = decayRanges(layout);
    this.theta = new Float32Array(layout.total);
    this.working = new Float32Array(layout.total);
    this.firstMoment = new Float32Array(layout.total);
    this.secondMoment = new Float32Array(layout.total);
    this.error = new Float32Array(layout.total);
    this.gradient = new Float32Array(layout.total);
  }

  /** L2 norm of the gradient. */
  gradientNorm(): number {
    return Math.sqrt(this.gradient.reduce((sum, x) => sum + x * x, 0));
  }

  /** One AdamW step of the working copy. */
  adamw(settings: AdamwStep): void {
    const { working: parameters, firstMoment, secondMoment, gradient } = this;
    for (const range of this.ranges)
      adamwReference({ parameters, firstMoment, secondMoment, gradient }, settings, range);
  }

  /** gradient = theta - factor * update. */
  trial(update: SparseUpdate, factor: number): void {
    this.gradient.set(this.theta);
    update.forEach(({ indices, codes, low, high }, t) => {
      const offset = this.layout.offsets[t]!;
      indices.forEach((index, i) => {
        const size = (codes[i]! & 2) === 0 ? low : high;
        this.gradient[offset + index]! -= factor * ((codes[i]! & 1) === 0 ? size : -size);
      });
    });
  }

  compress(_request: CompressRequest): CompressResult {
    throw new KernelError("artifact-missing", "compress waits for kernels/exact");
  }

  restoreSent(_update: SparseUpdate): void {
    throw new KernelError("artifact-missing", "restoreSent waits for kernels/exact");
  }

  outerStep(_request: OuterStepRequest): void {
    throw new KernelError("artifact-missing", "outerStep waits for kernels/exact");
  }
}
