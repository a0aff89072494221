/** @file Slow twin of the sparse kernels of kernels/exact: sorting, one rounding a line. Only tests and benchmarks run it. */
import type { ChunkRule } from "../exact/exact.ts";
import type { OuterStepOptions } from "../exact/outer-step.ts";
import type { SparseUpdate, TensorLayout } from "../exact/sparse.ts";

const f32 = Math.fround;

/** Coordinates of the k largest magnitudes of every chunk: sort by magnitude, then by coordinate. */
export function topKTwin(x: Float32Array, { k, chunk }: ChunkRule): Uint32Array {
  const kept: number[] = [];
  for (let base = 0; base < x.length; base += chunk) {
    const size = Math.min(chunk, x.length - base);
    const order = Array.from({ length: size }, (_unused, i) => base + i);
    const ranked = order.toSorted((a, b) => Math.abs(x[b]!) - Math.abs(x[a]!) || a - b);
    const count = Math.max(1, Math.ceil((k * size) / chunk));
    kept.push(...ranked.slice(0, count).toSorted((a, b) => a - b));
  }
  return Uint32Array.from(kept);
}

/** Every magnitude that can be sent, ascending: zero, then four significant bits over 32 octaves. */
const SENDABLE = [
  0,
  ...Array.from(
    { length: 255 },
    (_, i) => (8 + ((i + 1) % 8)) * 2 ** (Math.floor((i + 1) / 8) - 27),
  ),
];

/** The magnitude nearest to a mean, the larger one at a tie: all of them are tried. */
function nearest(size: number): number {
  const away = SENDABLE.map((one) => Math.abs(one - size));
  return SENDABLE[away.lastIndexOf(Math.min(...away))]!;
}

/** Sum in ascending order divided by the count. */
function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function split(magnitudes: readonly number[], threshold: number): { low: number; high: number } {
  const below = magnitudes.filter((magnitude) => magnitude <= threshold);
  const above = magnitudes.filter((magnitude) => magnitude > threshold);
  return {
    low: mean(below.length === 0 ? above : below),
    high: mean(above.length === 0 ? below : above),
  };
}

/** What each value of a chunk becomes. Two magnitudes: the mean as first threshold, then four rounds of Lloyd's method. */
function sentChunk(values: readonly number[], two: boolean): number[] {
  const magnitudes = values.map(Math.abs);
  let threshold = two ? mean(magnitudes) : Infinity;
  let levels = split(magnitudes, threshold);
  for (let round = 0; round < 4 && levels.low !== levels.high; round++) {
    threshold = (levels.low + levels.high) / 2;
    levels = split(magnitudes, threshold);
  }
  return values.map((value) => {
    const size = nearest(Math.abs(value) > threshold ? levels.high : levels.low);
    return value < 0 && size !== 0 ? -size : size;
  });
}

/** The values of a tensor of `length` as they arrive. */
export function quantiseTwin(values: Float32Array, length: number, rule: ChunkRule): Float32Array {
  const sent: number[] = [];
  for (let base = 0; base < length; base += rule.chunk) {
    const size = Math.min(rule.chunk, length - base);
    const count = Math.max(1, Math.ceil((rule.k * size) / rule.chunk));
    const own = [...values.subarray(sent.length, sent.length + count)];
    sent.push(...sentChunk(own, rule.k / rule.chunk > 1 / 32));
  }
  return Float32Array.from(sent);
}

/** Calls `visit` with the flat coordinate and the value of every entry. */
function eachEntry(
  layout: TensorLayout,
  update: SparseUpdate,
  visit: (coordinate: number, value: number) => void,
): void {
  for (const [tensor, entries] of update.entries())
    for (const [i, index] of entries.indices.entries())
      visit(layout.offsets[tensor]! + index, entries.values[i]!);
}

/** x += value (sign 1) or x -= value (sign -1) at the update's coordinates. */
export function addSentTwin(
  x: Float32Array,
  layout: TensorLayout,
  update: SparseUpdate,
  sign: 1 | -1,
): void {
  eachEntry(layout, update, (at, value) => {
    x[at] = sign === 1 ? f32(x[at]! + value) : f32(x[at]! - value);
  });
}

/** A copy of theta with f32(theta - f32(factor * value)) at the update's coordinates. */
export function applyUpdateTwin(
  theta: Float32Array,
  layout: TensorLayout,
  update: SparseUpdate,
  factor: number,
): Float32Array {
  const out = theta.slice();
  eachEntry(layout, update, (at, value) => {
    out[at] = f32(theta[at]! - f32(f32(factor) * value));
  });
  return out;
}

/** docs/protocol.md#8-outer-step, coordinate by coordinate, in place. */
export function outerStepTwin(
  theta: Float32Array,
  layout: TensorLayout,
  updates: readonly SparseUpdate[],
  options: OuterStepOptions,
): void {
  for (const [tensor, length] of layout.lengths.entries()) {
    const peers = updates.map((update) => update[tensor]!);
    const norms = peers.map(({ values }) => {
      let total = 0;
      for (const value of values) total += value * value;
      return Math.sqrt(total);
    });
    const sorted = norms.toSorted((a, b) => a - b);
    const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
    const found = peers.map(
      ({ indices, values }) => new Map([...indices].map((index, i) => [index, values[i]!])),
    );
    for (let index = 0; index < length; index++) {
      let sum = 0;
      let choosers = 0;
      for (const [peer, values] of found.entries()) {
        const value = values.get(index);
        if (value === undefined) continue;
        const factor = norms[peer] === 0 ? 1 : f32(Math.min(1, median / norms[peer]!));
        sum = f32(sum + f32(factor * value));
        choosers++;
      }
      if (choosers === 0) continue;
      const aggregate = f32(sum / (options.mean === "all" ? updates.length : choosers));
      const at = layout.offsets[tensor]! + index;
      theta[at] = f32(theta[at]! - f32(f32(options.alpha) * aggregate));
    }
  }
}
