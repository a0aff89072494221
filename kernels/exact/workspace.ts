/** @file Scratch areas at the start of the linear memory: updates pass through them in blocks, so none is too large. */
import type { SparseTensor } from "./sparse.ts";

/** Coordinates handled at once: sums, counts and parameters of a block (192 KiB) stay in the cache. */
export const BLOCK = 16_384;

/** Six squares of 64 by 64 floats. */
const DCT_FLOATS = 6 * 64 * 64;

/** Byte offsets of the areas. The first kilobyte stays unused, so that a null offset never meets data. */
export const AREA = {
  indices: 1024,
  values: 1024 + 4 * BLOCK,
  sums: 1024 + 8 * BLOCK,
  counts: 1024 + 12 * BLOCK,
  bits: 1024 + 16 * BLOCK,
  where: 1024 + 20 * BLOCK + 64,
  /** Bases of a cosine transform, and its blocks on the way: dct.ts. */
  cosines: 1024 + 24 * BLOCK + 128,
  end: 1024 + 24 * BLOCK + 128 + 4 * DCT_FLOATS,
} as const;

/** A run of entries in scratch: `AREA.indices` and `AREA.values` hold `length` of them. */
type Visit = (length: number) => void;

/** Typed views of the areas, and the copies into them. */
export class Workspace {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly cosines: Float32Array;

  constructor(buffer: ArrayBuffer) {
    this.indices = new Uint32Array(buffer, AREA.indices, BLOCK);
    this.values = new Float32Array(buffer, AREA.values, BLOCK);
    this.cosines = new Float32Array(buffer, AREA.cosines, DCT_FLOATS);
  }

  /** Copies entries `from` up to `to` (at most BLOCK, and as many as there are) to scratch, and returns their number. */
  stage({ indices, values }: SparseTensor, from: number, to: number): number {
    const some = indices.subarray(from, to);
    this.indices.set(some);
    this.values.set(values.subarray(from, to));
    return some.length;
  }

  /** Stages all entries, block after block. */
  each(entries: SparseTensor, visit: Visit): void {
    const total = entries.indices.length;
    for (let from = 0; from < total; from += BLOCK)
      visit(this.stage(entries, from, Math.min(from + BLOCK, total)));
  }
}
