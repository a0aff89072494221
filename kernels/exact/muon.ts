/**
 * @file Muon (Jordan et al. 2024): momentum of matrices, made nearly orthogonal by five Newton-Schulz steps. Miners' own business, so
 * not consensus, but repeatable: float32 in WebAssembly, sums in ascending order.
 */
import type { Grid } from "./dct.ts";
import type { Exact } from "./exact.ts";
import type { Vector } from "./vector.ts";

/** Coefficients of the quintic that drives singular values to about 1, and how often it is applied. */
export const NEWTON_SCHULZ = { a: 3.4445, b: -4.775, c: 2.0315, steps: 5 } as const;

/** Root mean square of an update a unit of learning rate: what AdamW's usually has, so that one rate does for both (Liu et al. 2025). */
export const MUON_RMS = 0.2;

/** Kept off zero: the norm of a momentum that is zero. */
const SMALLEST_NORM = 1e-7;

/** One matrix: `start` is its first float. */
export type MuonMatrix = Grid & { readonly start: number; readonly decay: boolean };

/** Settings of a step; `scale` multiplies the gradient (clipping). */
export type MuonStep = {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly scale: number;
};

/** Vectors of the optimiser; `scratch` holds what `muonScratch` says. */
export type MuonState = {
  readonly parameters: Vector;
  readonly firstMoment: Vector;
  readonly gradient: Vector;
  readonly scratch: Vector;
};

/** Floats of scratch for a set of matrices: three of the largest, two squares of its shorter side. */
export function muonScratch(matrices: readonly Grid[]): number {
  const needs = matrices.map(({ rows, columns }) => {
    const short = Math.min(rows, columns);
    return 3 * rows * columns + 3 * short * short;
  });
  return Math.max(0, ...needs);
}

/**
 * One step on a matrix, in place: m = mu m + g, u = g + mu m, p = p (1 - lr decay) - lr 0.2 sqrt(max(rows, columns)) orthogonal(u).
 * The gradient is left as it is.
 */
export function muonStep(exact: Exact, state: MuonState, step: MuonStep, matrix: MuonMatrix): void {
  const { rows, columns, start, decay } = matrix;
  const { learningRate, momentum, weightDecay, scale } = step;
  const length = rows * columns;
  const [p, m, g] = [state.parameters, state.firstMoment, state.gradient].map((vector) =>
    exact.part(vector, start, length),
  );
  const direction = exact.part(state.scratch, 0, length);
  exact.combine(m!, m!, g!, [momentum, scale]);
  exact.combine(direction, g!, m!, [scale, momentum]);
  orthogonalise(exact, state.scratch, matrix);
  const rate = learningRate * MUON_RMS * exact.root(Math.max(rows, columns));
  exact.combine(p!, p!, direction, [decay ? 1 - learningRate * weightDecay : 1, -rate]);
}

/** The first rows * columns floats of `scratch`, replaced by a matrix with the same singular vectors and singular values of about 1. */
function orthogonalise(exact: Exact, scratch: Vector, { rows, columns }: Grid): void {
  const length = rows * columns;
  const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
  const square = short * short;
  const direction = exact.part(scratch, 0, length);
  const x = exact.part(scratch, length, length);
  const flipped = exact.part(scratch, 2 * length, length);
  const [gram, squared, polynomial] = [0, 1, 2].map((at) =>
    exact.part(scratch, 3 * length + at * square, square),
  );
  const norm = exact.root(exact.sumOfSquares(direction)) + SMALLEST_NORM;
  exact.combine(direction, direction, direction, [1 / norm, 0]);
  const isTall = rows > columns;
  if (isTall) exact.transpose(x, direction, { rows, columns });
  else exact.copy(x, direction);
  const { a, b, c, steps } = NEWTON_SCHULZ;
  for (let step = 0; step < steps; step++) {
    exact.transpose(flipped, x, { rows: short, columns: long });
    exact.multiply(gram!, x, flipped, [short, long, short]);
    exact.multiply(squared!, gram!, gram!, [short, short, short]);
    exact.combine(polynomial!, gram!, squared!, [b, c]);
    exact.multiply(flipped, polynomial!, x, [short, short, long]);
    exact.combine(x, x, flipped, [a, 1]);
  }
  if (isTall) exact.transpose(direction, x, { rows: columns, columns: rows });
  else exact.copy(direction, x);
}
