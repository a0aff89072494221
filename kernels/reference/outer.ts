/**
 * @file Slow twins of the outer optimisers beside SparseLoCo: Nesterov's momentum, and DeMo's cosine transform with its step by the sign. One rounding
 * a line, plain loops. Only tests run it.
 */
import type { Grid } from "../exact/dct.ts";
import type { SparseTensor, TensorLayout } from "../exact/sparse.ts";

const f32 = Math.fround;

/** Mean of one tensor's values at each coordinate, clipped to the lower median of the norms; null where nobody chose. */
function meansOf(peers: readonly SparseTensor[], length: number, all: boolean): (number | null)[] {
  const values = peers.map((entries) => [...entries.values]);
  const norms = values.map((own) => {
    let total = 0;
    for (const value of own) total += value * value;
    return Math.sqrt(total);
  });
  const sorted = norms.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const sums: number[] = Array.from({ length }, () => 0);
  const counts: number[] = Array.from({ length }, () => 0);
  for (const [peer, entries] of peers.entries()) {
    const factor = norms[peer] === 0 ? 1 : f32(Math.min(1, median / norms[peer]!));
    for (const [i, index] of entries.indices.entries()) {
      sums[index] = f32(sums[index]! + f32(factor * values[peer]![i]!));
      counts[index]! += 1;
    }
  }
  return sums.map((sum, at) =>
    counts[at] === 0 ? null : f32(sum / (all ? peers.length : counts[at]!)),
  );
}

/** What the twins work on. */
export type OuterWorld = {
  readonly layout: TensorLayout;
  readonly updates: readonly (readonly SparseTensor[])[];
  readonly alpha: number;
  readonly all: boolean;
};

/** m = f32(f32(beta m) + g), theta = f32(theta - f32(alpha f32(g + f32(beta m)))), in place. */
export function nesterovTwin(
  theta: Float32Array,
  momentum: Float32Array,
  world: OuterWorld & { readonly beta: number },
): void {
  const { layout, updates, all } = world;
  const [alpha, beta] = [f32(world.alpha), f32(world.beta)];
  for (const [tensor, length] of layout.lengths.entries()) {
    const means = meansOf(
      updates.map((update) => update[tensor]!),
      length,
      all,
    );
    for (const [index, mean] of means.entries()) {
      const at = layout.offsets[tensor]! + index;
      const g = mean ?? 0;
      momentum[at] = f32(f32(beta * momentum[at]!) + g);
      const step = f32(g + f32(beta * momentum[at]));
      theta[at] = f32(theta[at]! - f32(alpha * step));
    }
  }
}

/** a of `rows` by `inner` times b of `inner` by `columns`; float32 products added in ascending order. */
export function multiplyTwin(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  [rows, inner, columns]: readonly [number, number, number],
): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      let sum = f32(a[r * inner]! * b[c]!);
      for (let i = 1; i < inner; i++) sum = f32(sum + f32(a[r * inner + i]! * b[i * columns + c]!));
      out[r * columns + c] = sum;
    }
  return out;
}

/** x[c][r] of a matrix of `rows` by `columns`. */
export function transposeTwin(x: ArrayLike<number>, rows: number, columns: number): Float32Array {
  return Float32Array.from(
    { length: rows * columns },
    (_value, at) => x[(at % rows) * columns + Math.floor(at / rows)]!,
  );
}

/** The orthonormal DCT-II of n points by the library's cosine: frequency k in row k. */
export function basisTwin(n: number): Float32Array {
  return Float32Array.from({ length: n * n }, (_value, at) => {
    const [k, i] = [Math.floor(at / n), at % n];
    return Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (2 * i + 1) * k) / (2 * n));
  });
}

/** Largest divisor up to 64, tried one by one. */
function sideTwin(length: number): number {
  const divisors = Array.from({ length: Math.min(64, length) }, (_value, i) => i + 1);
  return Math.max(...divisors.filter((side) => length % side === 0));
}

/**
 * Blocks of a tensor, each transformed from both sides: C x C^T forward, C^T y C back. Coefficients lie block after block.
 * `basis` gives the constants for a side.
 */
export function cosineTwin(
  x: Float32Array,
  grid: Grid,
  basis: (n: number) => Float32Array,
  direction: "forward" | "back",
): Float32Array {
  const [h, w] = [sideTwin(grid.rows), sideTwin(grid.columns)];
  const out = new Float32Array(x.length);
  const across = grid.columns / w;
  const isForward = direction === "forward";
  const turn = (n: number, plain: boolean): Float32Array =>
    plain ? basis(n) : transposeTwin(basis(n), n, n);
  for (let block = 0; block < x.length / (h * w); block++) {
    const place = (i: number, j: number): number =>
      (Math.floor(block / across) * h + i) * grid.columns + (block % across) * w + j;
    const inside = Array.from({ length: h * w }, (_value, at) =>
      isForward ? x[place(Math.floor(at / w), at % w)]! : x[block * h * w + at]!,
    );
    const half = multiplyTwin(turn(h, isForward), inside, [h, h, w]);
    const whole = multiplyTwin(half, turn(w, !isForward), [h, w, w]);
    for (const [at, value] of whole.entries())
      out[isForward ? block * h * w + at : place(Math.floor(at / w), at % w)] = value;
  }
  return out;
}

/** The mean coefficients of each tensor, turned back; theta moves by alpha against the sign, in place. */
export function signTwin(
  theta: Float32Array,
  world: OuterWorld & { readonly grids: readonly Grid[] },
  basis: (n: number) => Float32Array,
): void {
  const { layout, updates, all } = world;
  const alpha = f32(world.alpha);
  if (updates.length === 0) return;
  for (const [tensor, length] of layout.lengths.entries()) {
    const means = meansOf(
      updates.map((update) => update[tensor]!),
      length,
      all,
    );
    const coefficients = Float32Array.from(means, (mean) => mean ?? 0);
    const moves = cosineTwin(coefficients, world.grids[tensor]!, basis, "back");
    for (const [index, move] of moves.entries()) {
      const at = layout.offsets[tensor]! + index;
      if (move > 0) theta[at] = f32(theta[at]! - alpha);
      if (move < 0) theta[at] = f32(theta[at]! + alpha);
    }
  }
}
