/** @file The engine's flat vectors in one WebAssembly memory, and what is done to them outside onnxruntime. */
import { addCosineUpdate, compressCosines, compressUpdate } from "../compress/compress.ts";
import { loadExactModule } from "../compress/exact-module.ts";
import { KernelError } from "../errors.ts";
import type { AdamwGroup } from "../exact/adamw.ts";
import { gridOf, type Grid } from "../exact/dct.ts";
import { type Exact, openExact } from "../exact/exact.ts";
import { type MuonMatrix, muonScratch, muonStep } from "../exact/muon.ts";
import type { OuterRule } from "../exact/settle.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import type { Vector } from "../exact/vector.ts";
import type { Layout } from "../nn/model.ts";
import { decayGroups, type InnerOptimizer, MUON_MOMENTUM } from "../optim/adamw.ts";
import { muonMatrices } from "../optim/muon.ts";
import { hasMomentum, OUTER_DEFAULT, type OuterOptimizer } from "../optim/outer.ts";
import type { CompressRequest, OuterStepRequest } from "./calls.ts";

/** Optimisers that need state of their own. */
type Optimizers = {
  readonly inner?: InnerOptimizer["kind"] | undefined;
  readonly outer?: OuterOptimizer | undefined;
};

/**
 * Six vectors of layout.total floats: 24 bytes a parameter, so one memory of 4 GiB holds 178 million parameters. An
 * outer momentum is one more.
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
  /** The last gradient. Between steps it is free, so evaluation at theta - factor * update uses it as scratch. */
  readonly gradient: Vector;
  /** Outer momentum, behind theta in what nodes share; null where the outer optimiser has none. */
  readonly momentum: Vector | null;
  readonly #groups: readonly AdamwGroup[];
  readonly #matrices: readonly MuonMatrix[];
  readonly #scratch: Vector | null;
  readonly #grids: readonly Grid[];
  readonly #outer: OuterOptimizer;

  constructor(layout: Layout, optimizers: Optimizers = {}) {
    const { inner = "adamw", outer = OUTER_DEFAULT } = optimizers;
    this.layout = layout;
    this.#outer = outer;
    this.#grids = layout.specs.map(({ shape }) => gridOf(shape));
    this.#matrices = inner === "muon" ? muonMatrices(layout) : [];
    this.#groups = decayGroups(layout, new Set(this.#matrices.map(({ start }) => start)));
    const scratch = muonScratch(this.#matrices);
    const vectors = hasMomentum(outer) ? 7 : 6;
    this.exact = openExact(loadExactModule(), vectors * layout.total + scratch);
    this.momentum = hasMomentum(outer) ? this.exact.vector(layout.total) : null;
    this.#scratch = scratch === 0 ? null : this.exact.vector(scratch);
    this.theta = this.exact.vector(layout.total);
    this.working = this.exact.vector(layout.total);
    this.firstMoment = this.exact.vector(layout.total);
    this.secondMoment = this.exact.vector(layout.total);
    this.error = this.exact.vector(layout.total);
    this.gradient = this.exact.vector(layout.total);
  }

  /**
   * Clips the gradient and moves the working copy by one step of AdamW, or of Muon and AdamW.
   * @param step number of this step, from 1
   * @throws RangeError if the gradient is not finite; nothing has changed then
   */
  descend(settings: InnerOptimizer, learningRate: number, step: number): void {
    const { working: parameters, firstMoment, secondMoment, gradient } = this;
    const { clip, momentum = MUON_MOMENTUM, ...rest } = settings;
    const largest = clip === 0 ? Number.MAX_VALUE : clip;
    const { scale } = this.exact.clipScale(gradient, largest);
    this.exact.adamw(
      { parameters, firstMoment, secondMoment, gradient },
      { ...rest, learningRate, step, scale },
      this.#groups,
    );
    if (this.#scratch === null) return;
    const vectors = { parameters, firstMoment, gradient, scratch: this.#scratch };
    const { weightDecay } = settings;
    for (const matrix of this.#matrices)
      muonStep(this.exact, vectors, { learningRate, momentum, weightDecay, scale }, matrix);
  }

  /**
   * gradient = theta moved by one update alone, with `factor` for the outer learning rate, and without outer momentum: what an update
   * is judged by is its own.
   */
  trial(update: SparseUpdate, factor: number): void {
    if (this.#outer.kind === "demo") {
      this.exact.copy(this.gradient, this.theta);
      const options = { alpha: factor, mean: "choosers", rule: this.#rule() } as const;
      this.exact.outerStep(this.gradient, this.layout, [update], options);
      return;
    }
    this.exact.applyUpdate(this.gradient, this.theta, this.layout, { update, factor });
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
    const rule = { k, chunk };
    if (this.#outer.kind !== "demo") return compressUpdate(exact, error, layout, rule);
    return compressCosines(exact, error, layout, { ...this.#cosines(), rule });
  }

  /** What was not accepted goes back into the error feedback. */
  restoreSent(update: SparseUpdate): void {
    const { exact, error, layout } = this;
    if (this.#outer.kind !== "demo") exact.addSent(error, layout, update);
    else addCosineUpdate(exact, error, layout, { ...this.#cosines(), update, sign: 1 });
  }

  /** docs/protocol.md#8-outer-step, on theta and the outer momentum. */
  outerStep({ updates, alpha, mean }: OuterStepRequest): void {
    const rule = this.#rule();
    this.exact.outerStep(this.theta, this.layout, updates, { alpha, mean, rule });
  }

  #rule(): OuterRule {
    const outer = this.#outer;
    if (outer.kind === "demo") return { kind: "demo", grids: this.#grids };
    // Nesterov without momentum is plain descent.
    if (outer.kind === "sparseloco" || this.momentum === null) return { kind: "sparseloco" };
    return { kind: "diloco", beta: outer.momentum, momentum: this.momentum };
  }

  #cosines(): { scratch: Vector; grids: readonly Grid[] } {
    return { scratch: this.gradient, grids: this.#grids };
  }
}
