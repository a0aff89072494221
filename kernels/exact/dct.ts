/**
 * @file The cosine transform of DeMo (Peng, Quesnelle and Kingma 2024): orthonormal, separable DCT-II of blocks of at most 64 by 64, with
 * the same bits on every machine. No Math.cos: its last bits are the engine's. The constants come from float64 operations in
 * a fixed order, each rounded once to float32, and their digest is pinned by a test.
 */
import type { Kernels } from "./host.ts";
import { AREA, type Workspace } from "./workspace.ts";

/** A tensor as rows and columns; a vector is one row. */
export type Grid = { readonly rows: number; readonly columns: number };

/** Largest side of a block. */
const SIDE = 64;
const SQUARE = SIDE * SIDE;
/** Terms of the series of the cosine; on [0, pi / 2] what is left out is below 1e-21. */
const TERMS = 12;

/** Rows and columns of a shape: all axes but the first are columns. */
export function gridOf(shape: readonly number[]): Grid {
  const size = shape.reduce((product, length) => product * length, 1);
  const rows = shape.length < 2 ? 1 : shape[0]!;
  return { rows, columns: size / rows };
}

/** The largest divisor of `length` that is at most 64: what a block's side is on an axis of that length. */
export function sideOf(length: number): number {
  let side = Math.min(SIDE, length);
  while (length % side !== 0) side -= 1;
  return side;
}

/** cos(pi * j / (2 n)) for whole j >= 0, by Horner's scheme on its series: additions, products and quotients of float64 alone. */
function cosine(j: number, n: number): number {
  const turned = j % (4 * n);
  const folded = turned > 2 * n ? 4 * n - turned : turned;
  if (folded === n) return 0;
  if (folded > n) return -cosine(2 * n - folded, n);
  const x = (Math.PI * folded) / (2 * n);
  const square = x * x;
  let sum = 1;
  for (let term = TERMS; term > 0; term--) sum = 1 - (square / ((2 * term - 1) * (2 * term))) * sum;
  return sum;
}

/** The orthonormal basis of n points, row-major: frequency k in row k. `root` is the correctly rounded square root. */
export function basisOf(n: number, root: (x: number) => number): Float32Array {
  const basis = new Float32Array(n * n);
  for (let k = 0; k < n; k++) {
    const scale = root((k === 0 ? 1 : 2) / n);
    for (let i = 0; i < n; i++) basis[k * n + i] = scale * cosine((2 * i + 1) * k, n);
  }
  return basis;
}

function transposed(x: Float32Array, n: number): Float32Array {
  return Float32Array.from(x, (_value, at) => x[(at % n) * n + Math.floor(at / n)]!);
}

/** Byte offsets of the six squares in `AREA.cosines`. */
const AT = {
  rows: AREA.cosines,
  rowsTransposed: AREA.cosines + 4 * SQUARE,
  columns: AREA.cosines + 8 * SQUARE,
  columnsTransposed: AREA.cosines + 12 * SQUARE,
  between: AREA.cosines + 16 * SQUARE,
  /** Where `inverse` leaves a block. */
  block: AREA.cosines + 20 * SQUARE,
} as const;

/**
 * Transforms tensors block by block. Coefficients lie block after block (blocks row by row, left to right), each block row by
 * row, so a tensor has as many coefficients as numbers.
 */
export class Dct {
  readonly #kernels: Kernels;
  readonly #workspace: Workspace;
  readonly #bases = new Map<number, { plain: Float32Array; transposed: Float32Array }>();
  #staged = "";

  constructor(kernels: Kernels, workspace: Workspace) {
    this.#kernels = kernels;
    this.#workspace = workspace;
  }

  /** Coefficients at byte `out` of the tensor at byte `x`; the two do not overlap. */
  forward(x: number, grid: Grid, out: number): void {
    const [h, w] = this.#stage(grid);
    const { rows, columns } = grid;
    let to = out;
    for (let y = 0; y < rows; y += h)
      for (let at = 0; at < columns; at += w) {
        const from = x + 4 * (y * columns + at);
        this.#kernels.multiply(AT.rows, h, from, columns, AT.between, w, h, h, w, 0);
        this.#kernels.multiply(AT.between, w, AT.columnsTransposed, w, to, w, h, w, w, 0);
        to += 4 * h * w;
      }
  }

  /** Coefficients of one block of a tensor of this grid; blocks are never cut. */
  blockLength({ rows, columns }: Grid): number {
    return sideOf(rows) * sideOf(columns);
  }

  /**
   * Turns coefficients `base` .. `base + length` (whole blocks) at byte `coefficients` back. `visit` is called for each row of
   * each block with the byte of its numbers, the float of the tensor where they belong, and how many there are.
   */
  inverse(
    coefficients: number,
    grid: Grid,
    { base, length }: { readonly base: number; readonly length: number },
    visit: (numbers: number, at: number, count: number) => void,
  ): void {
    const [h, w] = this.#stage(grid);
    const across = grid.columns / w;
    for (let done = 0; done < length; done += h * w) {
      const from = coefficients + 4 * done;
      this.#kernels.multiply(AT.rowsTransposed, h, from, w, AT.between, w, h, h, w, 0);
      this.#kernels.multiply(AT.between, w, AT.columns, w, AT.block, w, h, w, w, 0);
      const block = (base + done) / (h * w);
      const first = Math.floor(block / across) * h * grid.columns + (block % across) * w;
      for (let row = 0; row < h; row++)
        visit(AT.block + 4 * row * w, first + row * grid.columns, w);
    }
  }

  /** Puts the bases of a grid into the workspace. */
  #stage({ rows, columns }: Grid): readonly [number, number] {
    const [h, w] = [sideOf(rows), sideOf(columns)];
    const name = `${h} ${w}`;
    if (this.#staged !== name) {
      const { cosines } = this.#workspace;
      const [down, across] = [this.#basis(h), this.#basis(w)];
      cosines.set(down.plain, 0);
      cosines.set(down.transposed, SQUARE);
      cosines.set(across.plain, 2 * SQUARE);
      cosines.set(across.transposed, 3 * SQUARE);
      this.#staged = name;
    }
    return [h, w];
  }

  #basis(n: number): { plain: Float32Array; transposed: Float32Array } {
    const known = this.#bases.get(n);
    if (known) return known;
    const plain = basisOf(n, this.#kernels.root);
    const made = { plain, transposed: transposed(plain, n) };
    this.#bases.set(n, made);
    return made;
  }
}
