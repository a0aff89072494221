/** @file Slow twin of the sparse kernels of kernels/exact: sorting, one rounding a line. Only tests and benchmarks run it. */
import { type ChunkRule, QUANTISER_ROUNDS, type Quantised } from "../exact/exact.ts";
import type { OuterStepOptions } from "../exact/outer-step.ts";
import type { Entries, TensorLayout } from "../exact/sparse.ts";

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

/** Sum in ascending order divided by the count. */
function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function split(magnitudes: readonly number[], threshold: number): { low: number; high: number } {
  const below = magnitudes.filter((magnitude) => magnitude <= threshold);
  const above = magnitudes.filter((magnitude) => magnitude > threshold);
  const low = mean(below.length === 0 ? above : below);
  return { low, high: above.length === 0 ? low : mean(above) };
}

/** Sign and two magnitudes: the mean as first threshold, then rounds of Lloyd's method. */
export function quantiseTwin(values: Float32Array): Quantised {
  const magnitudes = Array.from(values, Math.abs);
  if (magnitudes.length === 0) return { codes: new Uint8Array(0), low: 0, high: 0 };
  let threshold = mean(magnitudes);
  let levels = split(magnitudes, threshold);
  for (let round = 0; round < QUANTISER_ROUNDS; round++) {
    if (levels.low === levels.high) break;
    threshold = (levels.low + levels.high) / 2;
    levels = split(magnitudes, threshold);
  }
  const code = (value: number): number =>
    (value < 0 ? 1 : 0) + (Math.abs(value) > threshold ? 2 : 0);
  return { codes: Uint8Array.from(values, code), low: f32(levels.low), high: f32(levels.high) };
}

/** The entry's value: code read bit by bit. */
export function valueTwin(entries: Entries, i: number): number {
  if ("values" in entries) return entries.values[i]!;
  const code = entries.codes[i]!;
  const magnitude = code >= 2 ? entries.high : entries.low;
  return code % 2 === 1 ? -magnitude : magnitude;
}

/** Calls `visit` with the flat coordinate and the value of every entry. */
function eachEntry(
  layout: TensorLayout,
  update: readonly Entries[],
  visit: (coordinate: number, value: number) => void,
): void {
  for (const [tensor, entries] of update.entries())
    for (const [i, index] of entries.indices.entries())
      visit(layout.offsets[tensor]! + index, valueTwin(entries, i));
}

/** x += value (sign 1) or x -= value (sign -1) at the update's coordinates. */
export function addSentTwin(
  x: Float32Array,
  layout: TensorLayout,
  update: readonly Entries[],
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
  update: readonly Entries[],
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
  updates: readonly (readonly Entries[])[],
  options: OuterStepOptions,
): void {
  for (const [tensor, length] of layout.lengths.entries()) {
    const peers = updates.map((update) => update[tensor]!);
    const norms = peers.map((entries) => {
      let total = 0;
      for (let i = 0; i < entries.indices.length; i++)
        total += valueTwin(entries, i) * valueTwin(entries, i);
      return Math.sqrt(total);
    });
    const sorted = norms.toSorted((a, b) => a - b);
    const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
    const found = peers.map(
      (entries) => new Map([...entries.indices].map((index, i) => [index, valueTwin(entries, i)])),
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
