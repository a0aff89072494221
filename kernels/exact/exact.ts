/**
 * @file Typed door to exact.wasm: optimiser, error feedback, compression pieces and outer step with the same bits on every
 * machine. Pure: the compiled module is passed in (kernels/compress/exact-module.ts reads it).
 */
import { adamwConstants, type AdamwGroup, type AdamwState, type AdamwStep } from "./adamw.ts";
import { Dct, type Grid } from "./dct.ts";
import { type ExactModule, instantiate, type Kernels, MEMORY_BYTES } from "./host.ts";
import { outerStep, type OuterStepOptions, type OuterStepReport } from "./outer-step.ts";
import { packedFloats, type PackedGroup, PackedMoments } from "./packed-moments.ts";
import {
  checkLayout,
  checkUpdate,
  type SparseTensor,
  type SparseUpdate,
  type TensorLayout,
} from "./sparse.ts";
import { Arena, arenaBytes, type Vector } from "./vector.ts";
import { AREA, BLOCK, Workspace } from "./workspace.ts";

/** `k` of every `chunk` coordinates are kept; whole numbers, 1 <= k <= chunk <= 16384. */
export type ChunkRule = { readonly k: number; readonly chunk: number };

/** What training moved: from the parameters that it started at to those that it ended with. */
export type Change = { readonly start: Vector; readonly end: Vector };

/** The largest float32 number. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** The bits of a float32 number. */
function bitsOf(x: number): number {
  return new Uint32Array(Float32Array.of(x).buffer)[0]!;
}

/** Rows of the left matrix, what both share, columns of the right one. */
export type Sizes = readonly [rows: number, inner: number, columns: number];

/** @throws RangeError if k and chunk are out of range */
export function checkChunkRule({ k, chunk }: ChunkRule): void {
  const whole = Number.isSafeInteger(k) && Number.isSafeInteger(chunk);
  if (!whole || k < 1 || k > chunk || chunk > BLOCK)
    throw new RangeError(
      `k ${k} of chunk ${chunk}: give whole numbers, 1 <= k <= chunk <= ${BLOCK}`,
    );
}

/** Number of coordinates kept of a tensor of `length`: k of each whole chunk, max(1, ceil(k * rest / chunk)) of a short one. */
export function keptOf(length: number, rule: ChunkRule): number {
  const { k, chunk } = rule;
  const rest = length % chunk;
  return (
    Math.floor(length / chunk) * k + (rest === 0 ? 0 : Math.max(1, Math.ceil((k * rest) / chunk)))
  );
}

/** Float32 numbers for which a linear memory of `bytes` has room, in 256 vectors or fewer; at most what one memory of 4 GiB holds. */
export function floatsOf(bytes: number = MEMORY_BYTES): number {
  const free = Math.min(bytes, MEMORY_BYTES) - AREA.end - arenaBytes(0);
  return Math.max(0, Math.floor(free / 4));
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
  readonly #buffer: ArrayBuffer;
  readonly #arena: Arena;
  readonly #workspace: Workspace;
  readonly #dct: Dct;

  constructor(kernels: Kernels, buffer: ArrayBuffer) {
    this.#kernels = kernels;
    this.#buffer = buffer;
    this.#arena = new Arena(buffer, AREA.end);
    this.#workspace = new Workspace(buffer);
    this.#dct = new Dct(kernels, this.#workspace);
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

  /** False if any number is NaN, infinite, or has a magnitude above `most`. */
  allFinite(x: Vector, most: number = LARGEST): boolean {
    this.#arena.check(x, x.length);
    return this.#kernels.allWithin(x.offset, x.length, bitsOf(most)) === 1;
  }

  /** Blake2b-256 of a vector's bytes as they lie in memory, which is little-endian everywhere in WebAssembly. */
  blake2b256(x: Vector): Uint8Array<ArrayBuffer> {
    this.#arena.check(x, x.length);
    this.#kernels.blake2b256(x.offset, 4 * x.length, AREA.digest, AREA.sigma, AREA.hash);
    return this.#workspace.digest.slice();
  }

  /** Float64 sum of squares; the order (eight lanes) is fixed in assembly/reduce.ts. */
  sumOfSquares(x: Vector): number {
    this.#arena.check(x, x.length);
    return this.#kernels.sumOfSquares(x.offset, x.length);
  }

  /**
   * Norm of a gradient whose squares add up to `squares`, and the float32 factor that brings it down to `maxNorm`:
   * f32(maxNorm / norm), 1 if it is not above.
   * @throws RangeError if the gradient holds NaN or infinity
   */
  clipScale(squares: number, maxNorm: number): { readonly norm: number; readonly scale: number } {
    if (!(maxNorm > 0)) throw new RangeError(`a largest norm of ${maxNorm} is not above zero`);
    const norm = this.#kernels.root(squares);
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

  /** New packed moments of parameters in this memory, zeros; `groups` are runs of fours, in order. */
  packedMoments(groups: readonly PackedGroup[]): PackedMoments {
    const { codes, scales } = packedFloats(groups);
    const one = () => ({ codes: this.vector(codes), scales: this.vector(scales) });
    const memory = { kernels: this.#kernels, buffer: this.#buffer };
    return new PackedMoments(memory, groups, { first: one(), second: one() });
  }

  /** x = f32(f32(x + y) * factor), factor rounded to float32: one more gradient of a batch, the last one making the mean. */
  accumulate(x: Vector, y: Vector, factor: number): void {
    this.#arena.check(x, y.length);
    this.#arena.check(y, x.length);
    if (!Number.isFinite(factor)) throw new RangeError(`factor ${factor} is not finite`);
    this.#kernels.accumulate(x.offset, y.offset, x.length, Math.fround(factor));
  }

  /** error = f32(f32(beta * error) + f32(start - end)), beta rounded to float32 (docs/protocol.md#9-miner-state). */
  accumulateError(error: Vector, change: Change, beta: number): void {
    const [e, from, to] = this.#checked(error, change);
    this.#kernels.accumulateError(e, from, to, error.length, Math.fround(beta));
  }

  /** False if accumulateError would leave a number that is NaN, infinite, or has a magnitude above `most`. Nothing is changed. */
  accumulates(error: Vector, change: Change, beta: number, most: number = LARGEST): boolean {
    const [e, from, to] = this.#checked(error, change);
    const { length } = error;
    const limit = bitsOf(most);
    return this.#kernels.accumulates(e, from, to, length, Math.fround(beta), limit) === 1;
  }

  /** Their byte offsets. */
  #checked(error: Vector, { start, end }: Change): [number, number, number] {
    for (const vector of [error, start, end]) {
      this.#arena.check(vector, vector.length);
      this.#arena.check(vector, error.length);
    }
    return [error.offset, start.offset, end.offset];
  }

  /**
   * What is sent of `x`: coordinates of the k largest magnitudes of every chunk, ascending, the lower one at a tie, with their signs and, in
   * place of their magnitudes, one for each chunk, or two where more than one coordinate in 32 is kept (docs/protocol.md#magnitudes).
   * `take`: x = f32(x - value) there. The numbers must be finite: call `allFinite` first.
   */
  cut(x: Vector, rule: ChunkRule, take: boolean): SparseTensor {
    const { k, chunk } = rule;
    this.#arena.check(x, x.length);
    checkChunkRule(rule);
    const kept = keptOf(x.length, rule);
    const [indices, values] = [new Uint32Array(kept), new Float32Array(kept)];
    // Whole chunks that keep a block at most.
    const batch = Math.floor(BLOCK / k) * chunk;
    const { bits, where, shuffles } = AREA;
    let count = 0;
    for (let first = 0; first < x.length; first += batch) {
      const at = x.offset + 4 * first;
      const size = Math.min(batch, x.length - first);
      // prettier-ignore
      const found = this.#kernels.cut(at, size, chunk, k, first, AREA.indices, AREA.values, take ? 1 : 0, bits, where, shuffles);
      indices.set(this.#workspace.indices.subarray(0, found), count);
      values.set(this.#workspace.values.subarray(0, found), count);
      count += found;
    }
    return { indices, values };
  }

  /** x = f32(x + value) at the update's coordinates: takes a refused update back into the error feedback. */
  addSent(x: Vector, layout: TensorLayout, update: SparseUpdate): void {
    const { indices, values } = AREA;
    this.#eachTensor(x, layout, update, (at, length) =>
      this.#kernels.addAt(at, indices, values, length),
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
    applied: { readonly update: SparseUpdate; readonly factor: number },
  ): void {
    const factor = Math.fround(applied.factor);
    if (!Number.isFinite(factor)) throw new RangeError(`factor ${applied.factor} is not finite`);
    if (out.offset !== theta.offset) {
      this.#checkUpdate(layout, applied.update);
      this.copy(out, theta);
    }
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
    updates: readonly SparseUpdate[],
    options: OuterStepOptions,
  ): OuterStepReport {
    this.#arena.check(theta, theta.length);
    const rule = options.rule;
    if (rule?.kind === "diloco") this.#arena.check(rule.momentum, theta.length);
    const machine = { kernels: this.#kernels, workspace: this.#workspace, dct: this.#dct };
    return outerStep(machine, { theta, layout }, updates, options);
  }

  /** Correctly rounded square root. */
  root(x: number): number {
    return this.#kernels.root(x);
  }

  /** out = f32(f32(a x) + f32(b y)), a and b rounded to float32; all of one length, `out` may be x or y. */
  combine(out: Vector, x: Vector, y: Vector, [a, b]: readonly [number, number]): void {
    for (const vector of [out, x, y]) this.#arena.check(vector, out.length);
    const { length } = out;
    this.#kernels.combine(out.offset, x.offset, y.offset, length, Math.fround(a), Math.fround(b));
  }

  /** out = a b, a of `rows` by `inner`, b of `inner` by `columns`; sums in ascending order. `out` is neither a nor b. */
  multiply(out: Vector, a: Vector, b: Vector, [rows, inner, columns]: Sizes): void {
    this.#arena.check(a, rows * inner);
    this.#arena.check(b, inner * columns);
    this.#arena.check(out, rows * columns);
    const pack = inner <= BLOCK / 8 ? AREA.indices : 0;
    // prettier-ignore
    this.#kernels.multiply(a.offset, inner, b.offset, columns, out.offset, columns, rows, inner, columns, pack);
  }

  /** out[c][r] = x[r][c]; `out` is not x. */
  transpose(out: Vector, x: Vector, { rows, columns }: Grid): void {
    this.#arena.check(x, rows * columns);
    this.#arena.check(out, rows * columns);
    this.#kernels.transpose(x.offset, rows, columns, out.offset);
  }

  /** The cosine coefficients of a tensor, block after block (dct.ts); `out` is not `x`. */
  toCosines(out: Vector, x: Vector, grid: Grid): void {
    this.#arena.check(x, grid.rows * grid.columns);
    this.#arena.check(out, grid.rows * grid.columns);
    this.#dct.forward(x.offset, grid, out.offset);
  }

  /** x = f32(x + sign * what the coefficients stand for), sign 1 or -1. */
  addCosines(x: Vector, coefficients: Vector, grid: Grid, sign: 1 | -1): void {
    const length = grid.rows * grid.columns;
    this.#arena.check(x, length);
    this.#arena.check(coefficients, length);
    this.#dct.inverse(coefficients.offset, grid, { base: 0, length }, (numbers, at, count) => {
      const to = x.offset + 4 * at;
      this.#kernels.combine(to, to, numbers, count, 1, sign);
    });
  }

  /** As the function of the same name, at half of its time. */
  #checkUpdate(layout: TensorLayout, update: SparseUpdate): void {
    const sound =
      update.length === layout.lengths.length &&
      update.every((entries, tensor) => this.#isSound(entries, layout.lengths[tensor]!));
    // It says what is wrong, and knows better where coordinates are beyond 2^31.
    if (!sound) checkUpdate(layout, update);
  }

  #isSound({ indices, values }: SparseTensor, length: number): boolean {
    if (values.length !== indices.length) return false;
    for (let from = 0; from < indices.length; from += BLOCK) {
      const count = this.#workspace.stage({ indices, values }, from, from + BLOCK);
      const previous = from === 0 ? -1 : indices[from - 1]!;
      if (this.#kernels.sound(AREA.indices, AREA.values, count, previous, length) === 0)
        return false;
    }
    return true;
  }

  #eachTensor(
    x: Vector,
    layout: TensorLayout,
    update: SparseUpdate,
    visit: (at: number, length: number) => void,
  ): void {
    this.#arena.check(x, x.length);
    checkLayout(layout, x.length);
    this.#checkUpdate(layout, update);
    for (const [tensor, entries] of update.entries()) {
      const at = x.offset + 4 * layout.offsets[tensor]!;
      this.#workspace.each(entries, (length) => visit(at, length));
    }
  }
}
