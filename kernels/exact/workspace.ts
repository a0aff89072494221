/** @file Scratch areas at the start of the linear memory: updates pass through them in blocks, so none is too large. */
import type { Kernels } from "./host.ts";
import type { Entries } from "./sparse.ts";

/** Coordinates handled at once: sums, counts and parameters of a block (192 KiB) stay in the cache. */
export const BLOCK = 16_384;

/** Byte offsets of the areas. The first kilobyte stays unused, so that a null offset never meets data. */
export const AREA = {
  indices: 1024,
  values: 1024 + 4 * BLOCK,
  sums: 1024 + 8 * BLOCK,
  counts: 1024 + 12 * BLOCK,
  bits: 1024 + 16 * BLOCK,
  where: 1024 + 20 * BLOCK + 64,
  codes: 1024 + 24 * BLOCK + 128,
  splits: 1024 + 25 * BLOCK + 128,
  /** What the codes of packed moments stand for: 256 signed ones, then 256 unsigned. */
  tables: 1024 + 25 * BLOCK + 256,
  end: 1024 + 25 * BLOCK + 256 + 2048,
} as const;

/** A run of entries in scratch: `AREA.indices` and `AREA.values` hold `length` of them. */
type Visit = (length: number) => void;

/** Typed views of the areas, and the copies into them. */
export class Workspace {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly codes: Uint8Array;
  readonly splits: Float64Array;
  readonly #kernels: Kernels;

  constructor(kernels: Kernels, buffer: ArrayBuffer) {
    this.#kernels = kernels;
    this.indices = new Uint32Array(buffer, AREA.indices, BLOCK);
    this.values = new Float32Array(buffer, AREA.values, BLOCK);
    this.codes = new Uint8Array(buffer, AREA.codes, BLOCK);
    this.splits = new Float64Array(buffer, AREA.splits, 3);
  }

  /** Copies entries `from` up to `to` (at most BLOCK) to scratch, codes turned into values. */
  stage(entries: Entries, from: number, to: number): number {
    this.indices.set(entries.indices.subarray(from, to));
    if ("values" in entries) {
      this.values.set(entries.values.subarray(from, to));
    } else {
      this.codes.set(entries.codes.subarray(from, to));
      this.#kernels.decode(AREA.codes, to - from, entries.low, entries.high, AREA.values);
    }
    return to - from;
  }

  /** Stages all entries, block after block. */
  each(entries: Entries, visit: Visit): void {
    const total = entries.indices.length;
    for (let from = 0; from < total; from += BLOCK)
      visit(this.stage(entries, from, Math.min(from + BLOCK, total)));
  }
}
