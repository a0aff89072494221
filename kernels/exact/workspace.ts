/** @file Scratch areas at the start of the linear memory: updates pass through them in blocks, so none is too large. */
import type { SparseTensor } from "./sparse.ts";

/** Coordinates handled at once: sums, counts and parameters of a block (192 KiB) stay in the cache. */
export const BLOCK = 16_384;

/** Six squares of 64 by 64 floats. */
const DCT_FLOATS = 6 * 64 * 64;

/** Bytes of a block of words, and of the few that kernels may write behind it. */
const WORDS = 4 * BLOCK + 64;

/** Bytes of a shuffle for each answer of four comparisons. */
const SHUFFLES = 16 * 16;

const MORE = 1024 + 6 * WORDS;

/** Byte offsets of the areas. The first kilobyte stays unused, so that a null offset never meets data. */
export const AREA = {
  indices: 1024,
  values: 1024 + WORDS,
  sums: 1024 + 2 * WORDS,
  counts: 1024 + 3 * WORDS,
  bits: 1024 + 4 * WORDS,
  where: 1024 + 5 * WORDS,
  /** What the codes of packed moments stand for: 256 signed ones, then 256 unsigned. */
  tables: MORE,
  /** Word orders of Blake2b, its state and last block, its digest. */
  sigma: MORE + 2048,
  hash: MORE + 2048 + 192,
  digest: MORE + 2048 + 384,
  /** Moves those of four words that count together: assembly/top-k.ts. */
  shuffles: MORE + 2048 + 448,
  /** Bases of a cosine transform, and its blocks on the way: dct.ts. */
  cosines: MORE + 2048 + 448 + SHUFFLES,
  end: MORE + 2048 + 448 + SHUFFLES + 4 * DCT_FLOATS,
} as const;

/** Rows of RFC 7693's message schedule, as the places of words. */
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const;

/** For each set of four words, the bytes of those in it, in order. */
function shuffles(): number[] {
  return Array.from({ length: 16 }, (_, set) => {
    const words = [0, 1, 2, 3].filter((word) => (set >> word) & 1);
    return [0, 1, 2, 3].flatMap((at) => [0, 1, 2, 3].map((byte) => 4 * (words[at] ?? 0) + byte));
  }).flat();
}

/** A run of entries in scratch: `AREA.indices` and `AREA.values` hold `length` of them. */
type Visit = (length: number) => void;

/** Typed views of the areas, and the copies into them. */
export class Workspace {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly cosines: Float32Array;
  readonly digest: Uint8Array<ArrayBuffer>;

  constructor(buffer: ArrayBuffer) {
    this.indices = new Uint32Array(buffer, AREA.indices, BLOCK);
    this.values = new Float32Array(buffer, AREA.values, BLOCK);
    this.cosines = new Float32Array(buffer, AREA.cosines, DCT_FLOATS);
    this.digest = new Uint8Array(buffer, AREA.digest, 32);
    new Uint8Array(buffer, AREA.sigma, 160).set(SIGMA.flat().map((word) => 8 * word));
    new Uint8Array(buffer, AREA.shuffles, SHUFFLES).set(shuffles());
  }

  /** Copies entries `from` up to `to` (at most BLOCK, and as many as there are) to scratch, and returns their number. */
  stage({ indices, values }: SparseTensor, from: number, to: number): number {
    const { length } = indices;
    // Most tensors are staged whole, and a view costs more than the copy of a small one.
    const whole = from === 0 && length <= to;
    this.indices.set(whole ? indices : indices.subarray(from, to));
    this.values.set(whole ? values : values.subarray(from, to));
    return Math.min(to, length) - from;
  }

  /** Stages all entries, block after block. */
  each(entries: SparseTensor, visit: Visit): void {
    const total = entries.indices.length;
    for (let from = 0; from < total; from += BLOCK)
      visit(this.stage(entries, from, Math.min(from + BLOCK, total)));
  }
}
