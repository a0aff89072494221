/** @file The flat vectors of one run of tensors, in one WebAssembly memory. */
import { loadExactModule } from "../compress/exact-module.ts";
import { gridOf, type Grid } from "../exact/dct.ts";
import { type Exact, openExact } from "../exact/exact.ts";
import { muonScratch } from "../exact/muon.ts";
import type { OuterRule } from "../exact/settle.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import type { Vector } from "../exact/vector.ts";
import type { MomentBits } from "../nn/memory.ts";
import type { Layout } from "../nn/model.ts";
import type { InnerOptimizer } from "../optim/adamw.ts";
import { muonMatrices } from "../optim/muon.ts";
import type { OuterOptimizer } from "../optim/outer.ts";
import { momentFloats, type Moments, momentsOf } from "./moments.ts";
import type { Slice } from "./shards.ts";
import { applyTrial } from "./trial.ts";

/** The vectors of a state that hold one float for each parameter, beside the moments. */
const VECTORS = ["theta", "working", "error", "gradient", "part"] as const;

/** Name of one of them. */
export type VectorName = (typeof VECTORS)[number];

/** Places of floats that a parameter's moments take at most; gains are shorter than a block, so their scales count more. */
const MOST_MOMENT_FLOATS: Readonly<Record<MomentBits, number>> = { 32: 2, 8: 0.75 };

/** What optimisers need beside the vectors. */
export type ShardNeeds = {
  readonly momentBits: MomentBits;
  readonly inner: NonNullable<InnerOptimizer["kind"]>;
  /** Whether there is an outer momentum. */
  readonly hasMomentum: boolean;
};

/** Floats that the inner optimiser works in beside its moments: Muon's. */
export function scratchOf(layout: Layout, { inner }: ShardNeeds): number {
  return inner === "muon" ? muonScratch(muonMatrices(layout)) : 0;
}

/** Parameters of `layout` whose state fits in a memory of `floats`. */
export function parametersIn(floats: number, layout: Layout, needs: ShardNeeds): number {
  const each = VECTORS.length + MOST_MOMENT_FLOATS[needs.momentBits] + (needs.hasMomentum ? 1 : 0);
  return Math.max(0, Math.floor((floats - scratchOf(layout, needs)) / each));
}

/**
 * Vectors that belong to the same parameters lie in the same memory, where one kernel sees them together. All are laid out at
 * once, because a memory must not grow, but the system gives a page of it only when it is first written: a vector that a role never
 * uses costs addresses and nothing else.
 */
export class Shard implements Readonly<Record<VectorName, Vector>> {
  readonly slice: Slice;
  readonly exact: Exact;
  readonly theta: Vector;
  /** The copy of theta that trains. */
  readonly working: Vector;
  /** Error feedback. */
  readonly error: Vector;
  /** The last gradient; free between steps. */
  readonly gradient: Vector;
  /** The gradient of one micro-batch, before it is added to the others'. */
  readonly part: Vector;
  readonly moments: Moments;
  /** Outer momentum, behind theta in what nodes share; null where the outer optimiser has none. */
  readonly momentum: Vector | null;
  /** Rows and columns of each tensor. */
  readonly grids: readonly Grid[];

  constructor(slice: Slice, needs: ShardNeeds) {
    const { layout } = slice;
    const { total } = layout;
    const { momentBits, inner } = needs;
    this.slice = slice;
    this.grids = layout.specs.map(({ shape }) => gridOf(shape));
    this.exact = openExact(
      loadExactModule(),
      (VECTORS.length + (needs.hasMomentum ? 1 : 0)) * total +
        momentFloats(layout, momentBits) +
        scratchOf(layout, needs),
    );
    this.theta = this.exact.vector(total);
    this.working = this.exact.vector(total);
    this.error = this.exact.vector(total);
    this.gradient = this.exact.vector(total);
    this.part = this.exact.vector(total);
    this.moments = momentsOf(this.exact, layout, { bits: momentBits, inner });
    this.momentum = needs.hasMomentum ? this.exact.vector(total) : null;
  }

  /** What the mean of updates does to this shard's parameters. */
  ruleOf(outer: OuterOptimizer): OuterRule {
    if (outer.kind === "demo") return { kind: "demo", grids: this.grids };
    // Nesterov without momentum is plain descent.
    if (outer.kind === "sparseloco" || this.momentum === null) return { kind: "sparseloco" };
    return { kind: "diloco", beta: outer.momentum, momentum: this.momentum };
  }

  /**
   * Moves theta by one update without outer momentum.
   * @returns puts it back, to the bit: what a sparse update touches, all of it where every parameter moves
   */
  trial(
    applied: { readonly update: SparseUpdate; readonly factor: number },
    outer: OuterOptimizer,
  ): () => void {
    const { exact, gradient, theta, slice } = this;
    if (outer.kind !== "demo") return applyTrial(exact, theta, slice.layout, applied);
    // Between steps the gradient is free.
    exact.copy(gradient, theta);
    exact.outerStep(theta, slice.layout, [applied.update], {
      alpha: applied.factor,
      mean: "choosers",
      rule: this.ruleOf(outer),
    });
    return () => exact.copy(theta, gradient);
  }

  /** The part of an update, or of any list with one entry a tensor, that belongs to this shard. */
  ownOf<T>(perTensor: readonly T[]): readonly T[] {
    const { firstTensor, layout } = this.slice;
    return perTensor.slice(firstTensor, firstTensor + layout.specs.length);
  }

  /** Blake2b-256 of each tensor of a vector, in manifest order. */
  digests(vector: Vector): Uint8Array<ArrayBuffer>[] {
    const { offsets, lengths } = this.slice.layout;
    return offsets.map((offset, tensor) =>
      this.exact.blake2b256(this.exact.part(vector, offset, lengths[tensor]!)),
    );
  }

  /** Sum of squares of each tensor of a vector, in manifest order. */
  squares(vector: Vector): number[] {
    const { offsets, lengths } = this.slice.layout;
    return offsets.map((offset, tensor) =>
      this.exact.sumOfSquares(this.exact.part(vector, offset, lengths[tensor]!)),
    );
  }
}
