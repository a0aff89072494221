/**
 * @file Typed door to exact.wasm: optimiser, error feedback, compression pieces and outer step with the same bits on every
 * machine. Pure: the compiled module is passed in (kernels/compress/exact-module.ts reads it).
 */
import { adamwConstants, type AdamwGroup, type AdamwState, type AdamwStep } from "./adamw.ts";
import { type ExactModule, instantiate, type Kernels } from "./host.ts";
import { outerStep, type OuterStepOptions, type OuterStepReport } from "./outer-step.ts";
import { checkLayout, checkUpdate, type Entries, type TensorLayout } from "./sparse.ts";
import { Arena, arenaBytes, type Vector } from "./vector.ts";
import { AREA, BLOCK, Workspace } from "./workspace.ts";

/** `k` of every `chunk` coordinates are kept; whole numbers, 1 <= k <= chunk <= 16384. */
export type ChunkRule = { readonly k: number; readonly chunk: number };

/** Two-bit codes of a list of values and the two float32 magnitudes they stand for; see `SparseTensor`. */
export type Quantised = { readonly codes: Uint8Array; readonly low: number; readonly high: number };

/** Rounds of Lloyd's method after the first split at the mean magnitude. Part of the codec: changing it changes bits. */
export const QUANTISER_ROUNDS = 4;

/** Number of coordinates kept of a tensor of `length`: k of each whole chunk, max(1, ceil(k * rest / chunk)) of a short one. */
export function keptOf(length: number, rule: ChunkRule): number {
  const { k, chunk } = rule;
  const rest = length % chunk;
  return (
    Math.floor(length / chunk) * k + (rest === 0 ? 0 : Math.max(1, Math.ceil((k * rest) / chunk)))
  );
}

/**
 * Opens a linear memory with room for vectors of `floats` float32 numbers together (256 vectors or fewer).
 * @throws RangeError if that does not fit one memory of 4 GiB
 */
export function openExact(module: ExactModule, floats: number): Exact {
  const { kernels, buffer } = instantiate(module, AREA.end + arenaBytes(floats));
  return new Exact(kernels, buffer);
}

/** Every method throws RangeError when an argument would leave the memory or hold a number it must not. */
export class Exact {
  readonly #kernels: Kernels;
  readonly #arena: Arena;
  readonly #workspace: Workspace;

  constructor(kernels: Kernels, buffer: ArrayBuffer) {
    this.#kernels = kernels;
    this.#arena = new Arena(buffer, AREA.end);
    this.#workspace = new Workspace(kernels, buffer);
  }

  /** A new vector of zeros, aligned to 64 bytes. It lives as long as the memory. */
  vector(length: number): Vector {
    return this.#arena.vector(length);
  }

  /** `length` floats of a vector from float `start`, without a copy. */
  part(vector: Vector, start: number, length: number): Vector {
    this.#arena.check(vector, length, start);
    const view = vector.view.subarray(start, start + length);
    return { offset: vector.offset + 4 * start, length, view };
  }

  /** Copies all of `source` to `target`, which has the same length. */
  copy(target: Vector, source: Vector): void {
    this.#arena.check(source, target.length);
    this.#arena.check(target, source.length);
    target.view.set(source.view);
  }

  /** False if any number is NaN or infinite. */
  allFinite(x: Vector): boolean {
    this.#arena.check(x, x.length);
    return this.#kernels.allFinite(x.offset, x.length) === 1;
  }

  /** Float64 sum of squares; the order (eight lanes) is fixed in assembly/reduce.ts. */
  sumOfSquares(x: Vector): number {
    this.#arena.check(x, x.length);
    return this.#kernels.sumOfSquares(x.offset, x.length);
  }

  /**
   * Norm of a gradient and the float32 factor that brings it down to `maxNorm`: f32(maxNorm / norm), 1 if it is not above.
   * @throws RangeError if the gradient holds NaN or infinity
   */
  clipScale(gradient: Vector, maxNorm: number): { readonly norm: number; readonly scale: number } {
    if (!(maxNorm > 0)) throw new RangeError(`a largest norm of ${maxNorm} is not above zero`);
    const norm = this.#kernels.root(this.sumOfSquares(gradient));
    if (!Number.isFinite(norm))
      throw new RangeError("a gradient holds NaN or infinity; drop the step or lower the rate");
    return { norm, scale: norm > maxNorm ? Math.fround(maxNorm / norm) : 1 };
  }

  /** One AdamW step on the given ranges, in place; formula in assembly/adamw.ts. Floats outside every range stay. */
  adamw(state: AdamwState, step: AdamwStep, groups: readonly AdamwGroup[]): void {
    const { parameters, firstMoment, secondMoment, gradient } = state;
    const { b1, a1, b2, a2, rate, correction, epsilon, scale, keep } = adamwConstants(step);
    for (const { start, length, decay } of groups) {
      for (const vector of [parameters, firstMoment, secondMoment, gradient])
        this.#arena.check(vector, length, start);
      const [p, m, v, g] = [parameters, firstMoment, secondMoment, gradient].map(
        ({ offset }) => offset + 4 * start,
      );
      const kept = decay ? keep : 1;
      // prettier-ignore
      this.#kernels.adamw(p!, m!, v!, g!, length, scale, b1, a1, b2, a2, kept, rate, correction, epsilon);
    }
  }

  /** error = f32(f32(beta * error) + f32(start - end)), beta rounded to float32 (docs/protocol.md#9-miner-state). */
  accumulateError(
    error: Vector,
    change: { readonly start: Vector; readonly end: Vector },
    beta: number,
  ): void {
    const { start, end } = change;
    for (const vector of [error, start, end]) {
      this.#arena.check(vector, vector.length);
      this.#arena.check(vector, error.length);
    }
    const { offset, length } = error;
    this.#kernels.accumulateError(offset, start.offset, end.offset, length, Math.fround(beta));
  }

  /**
   * Flat coordinates of the k largest magnitudes of every chunk of `x`, ascending; the lower index wins a tie.
   * The numbers must be finite: call `allFinite` first.
   */
  topK(x: Vector, rule: ChunkRule): Uint32Array {
    const { k, chunk } = rule;
    this.#arena.check(x, x.length);
    const whole = Number.isSafeInteger(k) && Number.isSafeInteger(chunk);
    if (!whole || k < 1 || k > chunk || chunk > BLOCK)
      throw new RangeError(
        `k ${k} of chunk ${chunk}: give whole numbers, 1 <= k <= chunk <= ${BLOCK}`,
      );
    const kept = new Uint32Array(keptOf(x.length, rule));
    const batch = Math.floor(BLOCK / k) * chunk;
    let count = 0;
    for (let base = 0; base < x.length; base += batch) {
      const size = Math.min(batch, x.length - base);
      const { indices, bits, where } = AREA;
      const at = x.offset + 4 * base;
      const found = this.#kernels.topK(at, size, chunk, k, base, indices, bits, where);
      kept.set(this.#workspace.indices.subarray(0, found), count);
      count += found;
    }
    return kept;
  }

  /** The numbers of `x` at ascending coordinates. */
  gather(x: Vector, indices: Uint32Array): Float32Array<ArrayBuffer> {
    const values = new Float32Array(indices.length);
    this.#arena.check(x, x.length);
    this.#each(x.length, { indices, values }, (length, from) => {
      this.#kernels.gather(x.offset, AREA.indices, length, AREA.values);
      values.set(this.#workspace.values.subarray(0, length), from);
    });
    return values;
  }

  /**
   * Sign and two magnitudes for a list of finite values. Sums run in float64 in ascending order. t = mean magnitude;
   * low = mean of the magnitudes <= t, high = mean of those above; four times t = (low + high) / 2 and the means anew; then
   * both are rounded to float32. With nothing above t, high = low. Codes: bit 0 = value < 0, bit 1 = magnitude > t.
   */
  quantise(values: Float32Array): Quantised {
    const total = values.length;
    const codes = new Uint8Array(total);
    if (total === 0) return { codes, low: 0, high: 0 };
    let sum = 0;
    this.#eachValue(values, (length) => {
      sum = this.#kernels.magnitudeSum(AREA.values, length, sum);
    });
    if (!Number.isFinite(sum)) throw new RangeError("a value to quantise is NaN or infinite");
    let threshold = sum / total;
    let { low, high } = this.#split(values, threshold);
    for (let round = 0; round < QUANTISER_ROUNDS && high > low; round++) {
      threshold = (low + high) / 2;
      ({ low, high } = this.#split(values, threshold));
    }
    this.#eachValue(values, (length, from) => {
      this.#kernels.encode(AREA.values, length, threshold, AREA.codes);
      codes.set(this.#workspace.codes.subarray(0, length), from);
    });
    return { codes, low: Math.fround(low), high: Math.fround(high) };
  }

  /** x = f32(x + value) at the update's coordinates: takes a refused update back into the error feedback. */
  addSent(x: Vector, layout: TensorLayout, update: readonly Entries[]): void {
    const { indices, values } = AREA;
    this.#eachTensor(x, layout, update, (at, length) =>
      this.#kernels.addAt(at, indices, values, length),
    );
  }

  /** x = f32(x - value) at the update's coordinates: what was sent leaves the error feedback. */
  subtractSent(x: Vector, layout: TensorLayout, update: readonly Entries[]): void {
    const { indices, values } = AREA;
    this.#eachTensor(x, layout, update, (at, length) =>
      this.#kernels.subtractAt(at, indices, values, length),
    );
  }

  /**
   * out = theta, and f32(theta - f32(factor * value)) at the update's coordinates: one peer's update applied alone, as
   * the scorer does. `out` may be `theta` itself.
   */
  applyUpdate(
    out: Vector,
    theta: Vector,
    layout: TensorLayout,
    applied: { readonly update: readonly Entries[]; readonly factor: number },
  ): void {
    const factor = Math.fround(applied.factor);
    if (!Number.isFinite(factor)) throw new RangeError(`factor ${applied.factor} is not finite`);
    checkUpdate(layout, applied.update);
    if (out.offset !== theta.offset) this.copy(out, theta);
    const { indices, values } = AREA;
    this.#eachTensor(out, layout, applied.update, (at, length) =>
      this.#kernels.stepAt(at, indices, values, length, factor),
    );
  }

  /**
   * The outer step of docs/protocol.md#8-outer-step, in place; bits fixed. `updates`: those of the accepted peers in ascending uid. They
   * and the layout are checked before the first write.
   */
  outerStep(
    theta: Vector,
    layout: TensorLayout,
    updates: readonly (readonly Entries[])[],
    options: OuterStepOptions,
  ): OuterStepReport {
    this.#arena.check(theta, theta.length);
    const machine = { kernels: this.#kernels, workspace: this.#workspace };
    return outerStep(machine, { theta, layout }, updates, options);
  }

  /** Means up to and above the threshold; nothing above: both are the low one. */
  #split(values: Float32Array, threshold: number): { low: number; high: number } {
    const { splits } = this.#workspace;
    splits.fill(0);
    this.#eachValue(values, (length) =>
      this.#kernels.splitSums(AREA.values, length, threshold, AREA.splits),
    );
    const [low, high, above] = [splits[0]!, splits[1]!, splits[2]!];
    const below = values.length - above;
    // Rounding of a mean may leave one side empty; then both are the other side's.
    const lowMean = below === 0 ? high / above : low / below;
    return { low: lowMean, high: above === 0 ? lowMean : high / above };
  }

  #eachValue(values: Float32Array, visit: (length: number, from: number) => void): void {
    for (let from = 0; from < values.length; from += BLOCK) {
      const block = values.subarray(from, from + BLOCK);
      this.#workspace.values.set(block);
      visit(block.length, from);
    }
  }

  #each(length: number, entries: Entries, visit: (length: number, from: number) => void): void {
    checkUpdate({ offsets: [0], lengths: [length] }, [entries]);
    let from = 0;
    this.#workspace.each(entries, (count) => {
      visit(count, from);
      from += count;
    });
  }

  #eachTensor(
    x: Vector,
    layout: TensorLayout,
    update: readonly Entries[],
    visit: (at: number, length: number) => void,
  ): void {
    this.#arena.check(x, x.length);
    checkLayout(layout, x.length);
    checkUpdate(layout, update);
    for (const [tensor, entries] of update.entries()) {
      const at = x.offset + 4 * layout.offsets[tensor]!;
      this.#workspace.each(entries, (length) => visit(at, length));
    }
  }
}
