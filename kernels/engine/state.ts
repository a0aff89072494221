/** @file The engine's flat vectors over several WebAssembly memories, and what is done to them outside onnxruntime. */
import {
  addCosineUpdate,
  compressCosines,
  compressUpdate,
  diverged,
  feedbackLost,
  LARGEST_IN_COSINES,
} from "../compress/compress.ts";
import { KernelError } from "../errors.ts";
import { checkChunkRule, floatsOf } from "../exact/exact.ts";
import { checkUpdate, type SparseUpdate } from "../exact/sparse.ts";
import type { Layout } from "../nn/model.ts";
import type { Moment } from "../exact/packed-moments.ts";
import type { InnerOptimizer } from "../optim/adamw.ts";
import { hasMomentum, OUTER_DEFAULT, type OuterOptimizer } from "../optim/outer.ts";
import type { CompressRequest, EngineOptions, OuterStepRequest } from "./calls.ts";
import { hasNaN } from "./numbers.ts";
import { parametersIn, Shard, type VectorName } from "./shard.ts";
import { slicesOf } from "./shards.ts";

/** What the state of an engine depends on. */
type StateOptions = Pick<EngineOptions, "shardBytes" | "momentBits" | "outerOptimizer"> &
  Partial<Pick<EngineOptions, "innerOptimizer">>;

/**
 * Vectors of layout.total floats, cut into shards of one memory each. What is done to a parameter, a chunk or a tensor is done
 * in its shard; the one number that all tensors share, the norm of the gradient, is the sum of the tensors' squares in manifest
 * order. So nothing depends on the number of shards. onnxruntime reads and writes the vectors in place on the CPU; on other
 * devices it copies them each step.
 */
export class FlatState {
  readonly layout: Layout;
  readonly shards: readonly Shard[];
  /** Vectors that were written since the start; the others are zeros that take no memory. */
  readonly #written = new Set<VectorName>();
  readonly #outer: OuterOptimizer;

  #hasMoments = false;

  /**
   * @param options `shardBytes`: of one memory at most; the default is the 4 GiB that there can be
   * @throws KernelError bad-config naming a tensor that is larger than a memory
   */
  constructor(layout: Layout, options: StateOptions) {
    const { shardBytes, momentBits = 32, outerOptimizer = OUTER_DEFAULT } = options;
    this.layout = layout;
    this.#outer = outerOptimizer;
    const how = {
      momentBits,
      inner: options.innerOptimizer?.kind ?? "adamw",
      hasMomentum: hasMomentum(outerOptimizer),
    };
    const floats = parametersIn(floatsOf(shardBytes), layout, how);
    this.shards = slicesOf(layout, floats).map((slice) => new Shard(slice, how));
  }

  /** Tensors of what nodes share: theta's, and as many of the outer momentum where there is one. */
  get sharedTensors(): number {
    return this.layout.specs.length * (hasMomentum(this.#outer) ? 2 : 1);
  }

  /** Floats of what nodes share. */
  get sharedFloats(): number {
    return this.layout.total * (hasMomentum(this.#outer) ? 2 : 1);
  }

  /** All that nodes share, in one piece: theta, and the outer momentum behind it where there is one. */
  readShared(): Float32Array<ArrayBuffer> {
    const theta = this.read("theta");
    if (!hasMomentum(this.#outer)) return theta;
    const { total } = this.layout;
    const shared = new Float32Array(2 * total);
    shared.set(theta);
    for (const { momentum, slice } of this.shards)
      if (momentum !== null) shared.set(momentum.view, total + slice.start);
    return shared;
  }

  /** Replaces what nodes share. @param source theta, or theta and the outer momentum, which is zero where it is left out */
  writeShared(source: Float32Array): void {
    const { total } = this.layout;
    this.write("theta", source.subarray(0, total));
    const rest = source.subarray(total);
    for (const { momentum, slice } of this.shards) {
      const own = rest.subarray(slice.start, slice.start + slice.layout.total);
      if (rest.length === 0) momentum?.view.fill(0);
      else momentum?.view.set(own);
    }
  }

  /** One tensor of what nodes share, without a copy; the outer momentum's stand behind theta's. */
  sharedTensor(index: number): Float32Array<ArrayBuffer> {
    const count = this.layout.specs.length;
    if (index < count) return this.tensor("theta", index);
    const { shard, start, end } = this.#placeOf(index - count);
    return shard.momentum!.view.subarray(start, end);
  }

  /** Copies `source` into one tensor of what nodes share. @param source as many floats as the tensor has */
  writeSharedTensor(index: number, source: Float32Array): void {
    if (index < this.layout.specs.length) this.#written.add("theta");
    this.sharedTensor(index).set(source);
  }

  /** Copies `source` into a vector. @param source layout.total floats */
  write(name: VectorName, source: Float32Array): void {
    this.#written.add(name);
    for (const shard of this.shards) {
      const { start, layout } = shard.slice;
      shard[name].view.set(source.subarray(start, start + layout.total));
    }
  }

  /** A copy of a vector, in one piece. */
  read(name: VectorName): Float32Array<ArrayBuffer> {
    const whole = new Float32Array(this.layout.total);
    if (this.#written.has(name))
      for (const shard of this.shards) whole.set(shard[name].view, shard.slice.start);
    return whole;
  }

  /** One tensor of a vector, without a copy. */
  tensor(name: VectorName, index: number): Float32Array<ArrayBuffer> {
    const { shard, start, end } = this.#placeOf(index);
    return shard[name].view.subarray(start, end);
  }

  /** Where a tensor lies in each vector of its shard. */
  #placeOf(index: number): { readonly shard: Shard; readonly start: number; readonly end: number } {
    const shard = this.shards.findLast(({ slice }) => slice.firstTensor <= index)!;
    const { firstTensor, layout } = shard.slice;
    const start = layout.offsets[index - firstTensor]!;
    return { shard, start, end: start + layout.lengths[index - firstTensor]! };
  }

  /** Copies `source` into one tensor of a vector. @param source as many floats as the tensor has */
  writeTensor(name: VectorName, index: number, source: Float32Array): void {
    this.#written.add(name);
    this.tensor(name, index).set(source);
  }

  /** A copy of a moment as floats, in one piece. */
  readMoment(moment: Moment): Float32Array<ArrayBuffer> {
    const whole = new Float32Array(this.layout.total);
    if (!this.#hasMoments) return whole;
    for (const { moments, slice } of this.shards)
      moments.read(moment, whole.subarray(slice.start, slice.start + slice.layout.total));
    return whole;
  }

  /** Replaces a moment. @param source layout.total floats, finite */
  writeMoment(moment: Moment, source: Float32Array): void {
    this.#hasMoments = true;
    for (const { moments, slice } of this.shards)
      moments.write(moment, source.subarray(slice.start, slice.start + slice.layout.total));
  }

  /** Moments and error feedback to zero. */
  clearMoments(): void {
    if (this.#hasMoments) for (const { moments } of this.shards) moments.clear();
    this.#hasMoments = false;
    this.#clear("error");
  }

  /** Every number of a vector to zero. */
  #clear(name: VectorName): void {
    if (!this.#written.delete(name)) return;
    for (const shard of this.shards) shard[name].view.fill(0);
  }

  /** False if a number of a vector is NaN or infinite. */
  allFinite(name: VectorName): boolean {
    return this.shards.every((shard) => shard.exact.allFinite(shard[name]));
  }

  /** The working copy becomes theta. */
  beginTraining(): void {
    this.#copy("working", "theta");
  }

  /** Forgets the working copy: until the next training it is theta. */
  forgetTraining(): void {
    this.#written.delete("working");
  }

  /** theta becomes the working copy. */
  adoptWorking(): void {
    if (this.#written.has("working")) this.#copy("theta", "working");
  }

  /**
   * Clips the gradient and moves the working copy by one AdamW step.
   * @param step number of this step, from 1
   * @throws RangeError if the gradient is not finite; nothing has changed then
   */
  descend(settings: InnerOptimizer, learningRate: number, step: number): void {
    const { clip, momentum, ...rest } = settings;
    const largest = clip === 0 ? Number.MAX_VALUE : clip;
    const { scale } = this.shards[0]!.exact.clipScale(this.#squares(), largest);
    this.#hasMoments = true;
    for (const { moments, working, gradient } of this.shards)
      moments.step(working, gradient, { ...rest, learningRate, step, scale }, momentum);
  }

  /** gradient = (gradient + part) * factor, for one more micro-batch. */
  accumulate(factor: number): void {
    for (const { exact, gradient, part } of this.shards) exact.accumulate(gradient, part, factor);
  }

  /**
   * Moves theta by one update alone, with `factor` for the outer learning rate, and without outer momentum (what an update is judged by is
   * its own), until what it returns is called.
   */
  trial(update: SparseUpdate, factor: number): () => void {
    checkUpdate(this.layout, update);
    const back = this.shards.map((shard) =>
      shard.trial({ update: shard.ownOf(update), factor }, this.#outer),
    );
    return () => {
      for (const takeBack of back) takeBack();
    };
  }

  /**
   * docs/protocol.md#9-miner-state: error = beta error + (theta - working); the update leaves it.
   * @throws KernelError not-finite if training diverged; nothing has changed then
   * @throws RangeError if k and chunk are out of range; nothing has changed then
   */
  compress({ k, chunk, beta }: CompressRequest): SparseUpdate {
    const end = this.#written.has("working") ? "working" : "theta";
    const isDemo = this.#outer.kind === "demo";
    checkChunkRule({ k, chunk });
    // Every shard before the first is changed: an update is added to and taken out of all of them or of none.
    for (const shard of this.shards) {
      const change = { start: shard.theta, end: shard[end] };
      const most = isDemo ? LARGEST_IN_COSINES : undefined;
      if (!shard.exact.accumulates(shard.error, change, beta, most))
        throw this.allFinite(end) ? feedbackLost() : diverged();
    }
    this.#written.add("error");
    for (const shard of this.shards)
      shard.exact.accumulateError(shard.error, { start: shard.theta, end: shard[end] }, beta);
    // What was added once is no change any more.
    this.forgetTraining();
    const rule = { k, chunk };
    return this.shards.flatMap(({ exact, error, gradient: scratch, grids, slice }) =>
      isDemo
        ? compressCosines(exact, error, slice.layout, { scratch, grids, rule })
        : compressUpdate(exact, error, slice.layout, rule),
    );
  }

  /** What was not accepted goes back into the error feedback. */
  restoreSent(update: SparseUpdate): void {
    checkUpdate(this.layout, update);
    this.#written.add("error");
    for (const shard of this.shards) {
      const { exact, error, gradient: scratch, grids, slice } = shard;
      const own = shard.ownOf(update);
      if (this.#outer.kind !== "demo") exact.addSent(error, slice.layout, own);
      else addCosineUpdate(exact, error, slice.layout, { scratch, grids, update: own, sign: 1 });
    }
  }

  /** docs/protocol.md#8-outer-step, on theta: norms, medians and sums are each of one tensor, so of one shard. */
  outerStep({ updates, alpha, mean }: OuterStepRequest): void {
    for (const update of updates) checkUpdate(this.layout, update);
    this.#written.add("theta");
    for (const shard of this.shards)
      shard.exact.outerStep(
        shard.theta,
        shard.slice.layout,
        updates.map((update) => shard.ownOf(update)),
        { alpha, mean, rule: shard.ruleOf(this.#outer) },
      );
    // The working copy began at another theta: the difference is not what training moved.
    this.forgetTraining();
  }

  /**
   * Blake2b-256 of each tensor of theta, then of the outer momentum, in manifest order (docs/protocol.md#5-digests).
   * @throws KernelError not-finite if one holds a NaN, which has many bit patterns and so no digest; infinities are hashed as they are
   */
  digests(): Uint8Array<ArrayBuffer>[] {
    for (const { exact, theta, momentum } of this.shards)
      for (const vector of momentum === null ? [theta] : [theta, momentum])
        // The kernel sees quickly that all is finite; what is not is looked at one by one.
        if (!exact.allFinite(vector) && hasNaN(vector.view))
          throw new KernelError("not-finite", "a parameter is not a number");
    return [
      ...this.shards.flatMap((shard) => shard.digests(shard.theta)),
      ...this.shards.flatMap((shard) => (shard.momentum ? shard.digests(shard.momentum) : [])),
    ];
  }

  /** Sum of squares of the gradient: each tensor's in eight lanes, then tensor after tensor. */
  #squares(): number {
    const all = this.shards.flatMap((shard) => shard.squares(shard.gradient));
    return all.reduce((sum, one) => sum + one, 0);
  }

  #copy(target: VectorName, source: VectorName): void {
    this.#written.add(target);
    for (const shard of this.shards) shard.exact.copy(shard[target], shard[source]);
  }
}
