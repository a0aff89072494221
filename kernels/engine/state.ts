/** @file The engine's flat vectors in one WebAssembly memory, and what is done to them outside onnxruntime. */
import { compressUpdate } from "../compress/compress.ts";
import { loadExactModule } from "../compress/exact-module.ts";
import { KernelError } from "../errors.ts";
import type { AdamwGroup } from "../exact/adamw.ts";
import { type Exact, openExact } from "../exact/exact.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import type { Vector } from "../exact/vector.ts";
import type { Layout } from "../nn/model.ts";
import { decayGroups, type InnerOptimizer } from "../optim/adamw.ts";
import type { CompressRequest, OuterStepRequest } from "./calls.ts";
import { applyTrial } from "./trial.ts";

/**
 * Six vectors of layout.total floats: 24 bytes a parameter, so one memory of 4 GiB holds 178 million parameters.
 * onnxruntime reads and writes them in place on the CPU; on other devices it copies them each step.
 */
export class FlatState {
  readonly layout: Layout;
  readonly exact: Exact;
  readonly theta: Vector;
  /** The copy of theta that trains. */
  readonly working: Vector;
  readonly firstMoment: Vector;
  readonly secondMoment: Vector;
  /** Error feedback. */
  readonly error: Vector;
  /** The last gradient. */
  readonly gradient: Vector;
  readonly #groups: readonly AdamwGroup[];

  constructor(layout: Layout) {
    this.layout = layout;
    this.#groups = decayGroups(layout);
    this.exact = openExact(loadExactModule(), 6 * layout.total);
    this.theta = this.exact.vector(layout.total);
    this.working = this.exact.vector(layout.total);
    this.firstMoment = this.exact.vector(layout.total);
    this.secondMoment = this.exact.vector(layout.total);
    this.error = this.exact.vector(layout.total);
    this.gradient = this.exact.vector(layout.total);
  }

  /**
   * Clips the gradient and moves the working copy by one AdamW step.
   * @param step number of this step, from 1
   * @throws RangeError if the gradient is not finite; nothing has changed then
   */
  descend(settings: InnerOptimizer, learningRate: number, step: number): void {
    const { working: parameters, firstMoment, secondMoment, gradient } = this;
    const { clip, ...rest } = settings;
    const largest = clip === 0 ? Number.MAX_VALUE : clip;
    const { scale } = this.exact.clipScale(gradient, largest);
    this.exact.adamw(
      { parameters, firstMoment, secondMoment, gradient },
      { ...rest, learningRate, step, scale },
      this.#groups,
    );
  }

  /** theta = theta - factor * update, until what it returns is called. */
  trial(update: SparseUpdate, factor: number): () => void {
    return applyTrial(this.exact, this.theta, this.layout, { update, factor });
  }

  /**
   * docs/protocol.md#9-miner-state: error = beta error + (theta - working); the update leaves it.
   * @throws KernelError not-finite if training diverged; nothing has changed then
   * @throws RangeError if k and chunk are out of range
   */
  compress({ k, chunk, beta }: CompressRequest): SparseUpdate {
    const { exact, error, theta, working, layout } = this;
    // Before anything is added: a diverged copy would leave the error feedback unusable for good.
    if (!exact.allFinite(working))
      throw new KernelError(
        "not-finite",
        "training diverged; lower the learning rate and train again before compressing",
      );
    exact.accumulateError(error, { start: theta, end: working }, beta);
    return compressUpdate(exact, error, layout, { k, chunk });
  }

  /** What was not accepted goes back into the error feedback. */
  restoreSent(update: SparseUpdate): void {
    this.exact.addSent(this.error, this.layout, update);
  }

  /** docs/protocol.md#8-outer-step, on theta. */
  outerStep({ updates, alpha, mean }: OuterStepRequest): void {
    this.exact.outerStep(this.theta, this.layout, updates, { alpha, mean });
  }
}
