/** @file A square sparse matrix of fixed-point numbers: row by validator, entry by miner. */
import {
  difference,
  type Fixed,
  normalised,
  ONE,
  product,
  quotient,
  sum,
  total,
  ZERO,
} from "./fixed.ts";

/** One entry: a column and its value. Explicit zeros are entries. */
export type Entry = readonly [column: number, value: Fixed];
/** Ascending columns, each at most once. */
export type SparseRow = readonly Entry[];
/** One row a neuron. */
export type Matrix = readonly SparseRow[];
/** A stored row: (uid, u16). */
export type StoredRow = readonly (readonly [uid: number, value: number])[];

/** Stored rows as an n by n matrix: missing rows are empty, columns from n on go, of several entries for a column the last counts. */
export function matrixOf(
  stored: readonly StoredRow[],
  n: number,
  read: (value: number) => Fixed,
): Matrix {
  return Array.from({ length: n }, (_, uid) => {
    const cells = new Map((stored[uid] ?? []).filter(([column]) => column < n));
    return [...cells]
      .toSorted(([a], [b]) => a - b)
      .map(([column, value]): Entry => [column, read(value)]);
  });
}

/** The entries for which `keep(row, column)` holds. */
export function kept(matrix: Matrix, keep: (row: number, column: number) => boolean): Matrix {
  return matrix.map((row, i) => row.filter(([column]) => keep(i, column)));
}

/** Each row divided by its sum; rows that sum to nothing above 0 stay. */
export function withNormalRows(matrix: Matrix): Matrix {
  return matrix.map((row) => {
    const all = total(row.map(([, value]) => value));
    return all > ZERO ? row.map(([column, value]): Entry => [column, quotient(value, all)]) : row;
  });
}

function foldedColumns(matrix: Matrix, fold: (a: Fixed, b: Fixed) => Fixed): Fixed[] {
  const out = matrix.map(() => ZERO);
  for (const [column, value] of matrix.flat()) out[column] = fold(out[column] ?? ZERO, value);
  return out;
}

function dividedColumns(matrix: Matrix, divisors: readonly Fixed[]): Matrix {
  return matrix.map((row) =>
    row.map(([column, value]): Entry => {
      const divisor = divisors[column] ?? ZERO;
      return [column, divisor === ZERO ? value : quotient(value, divisor)];
    }),
  );
}

/** Each column divided by its sum; columns that sum to 0 stay. */
export function withNormalColumns(matrix: Matrix): Matrix {
  return dividedColumns(matrix, foldedColumns(matrix, sum));
}

/** Each column divided by its largest entry; columns of zeros stay. */
export function withUpscaledColumns(matrix: Matrix): Matrix {
  const largest = foldedColumns(matrix, (a, b) => (a > b ? a : b));
  return dividedColumns(matrix, largest);
}

/** Sum of each row. */
export function rowSums(matrix: Matrix): readonly Fixed[] {
  return matrix.map((row) => total(row.map(([, value]) => value)));
}

/** By column: sum over rows of `vector[row] * entry`. */
export function leftProduct(matrix: Matrix, vector: readonly Fixed[]): readonly Fixed[] {
  return foldedColumns(withScaledRows(matrix, vector), sum);
}

/** By row: sum over columns of `entry * vector[column]`. */
export function rightProduct(matrix: Matrix, vector: readonly Fixed[]): readonly Fixed[] {
  return matrix.map((row) =>
    total(row.map(([column, value]) => product(value, vector[column] ?? ZERO))),
  );
}

/** Each row times its number. */
export function withScaledRows(matrix: Matrix, scales: readonly Fixed[]): Matrix {
  return matrix.map((row, i) =>
    row.map(([column, value]): Entry => [column, product(value, scales[i] ?? ZERO)]),
  );
}

/** Each entry cut to its column's ceiling; an entry above a ceiling of 0 goes. */
export function clipped(matrix: Matrix, ceilings: readonly Fixed[]): Matrix {
  return matrix.map((row) =>
    row.flatMap(([column, value]): Entry[] => {
      const ceiling = ceilings[column] ?? ZERO;
      if (ceiling < value && ceiling <= ZERO) return [];
      return [[column, ceiling < value ? ceiling : value]];
    }),
  );
}

/** `from + ratio * (to - from)`; exactly `from` at 0 and `to` at 1, else only entries above 0. `to` has no columns that `from` lacks. */
export function interpolated(from: Matrix, to: Matrix, ratio: Fixed): Matrix {
  if (ratio === ZERO) return from;
  if (ratio === ONE) return to;
  return from.map((row, i) =>
    row.flatMap(([column, value]): Entry[] => {
      const target = entryOf(to[i] ?? [], column);
      const mixed = sum(value, product(ratio, difference(target, value)));
      return mixed > ZERO ? [[column, mixed]] : [];
    }),
  );
}

/** `alpha * now + (1 - alpha) * old`, entries above 0 of either. */
export function movingAverage(now: Matrix, old: Matrix, alpha: Fixed): Matrix {
  const rest = difference(ONE, alpha);
  return now.map((row, i) => {
    const dense = now.map(() => ZERO);
    for (const [cells, factor] of [[row, alpha] as const, [old[i] ?? [], rest] as const])
      for (const [column, value] of cells)
        dense[column] = sum(dense[column] ?? ZERO, product(factor, value));
    return dense.flatMap((value, column): Entry[] => (value > ZERO ? [[column, value]] : []));
  });
}

/** The entry of a row at a column, 0 where there is none. */
export function entryOf(row: SparseRow, column: number): Fixed {
  return row.find(([one]) => one === column)?.[1] ?? ZERO;
}

/** The score at which the stake below reaches `minority`, by the chain's own quickselect: its steps decide where truncated stakes do not sum to 1. */
function weightedMedian(stake: readonly Fixed[], scores: readonly Fixed[], minority: Fixed): Fixed {
  let part = scores.map((score, index) => ({ score, stake: stake[index] ?? ZERO }));
  let low = ZERO;
  let high = total(stake);
  for (;;) {
    const pivot = part[part.length >> 1]?.score;
    if (pivot === undefined) return ZERO;
    if (part.length === 1) return pivot;
    const below = part.filter(({ score }) => score < pivot);
    const above = part.filter(({ score }) => score > pivot);
    const upTo = sum(low, total(below.map((one) => one.stake)));
    const from = difference(high, total(above.map((one) => one.stake)));
    if (below.length > 0 && minority < upTo) {
      part = below;
      high = upTo;
    } else if (above.length > 0 && from <= minority) {
      part = above;
      low = from;
    } else return pivot;
  }
}

/** The weighted median of every column over the rows with stake; absent entries count as 0. */
export function consensusOf(
  stake: readonly Fixed[],
  weights: Matrix,
  majority: Fixed,
): readonly Fixed[] {
  const staked = weights.filter((_, uid) => (stake[uid] ?? ZERO) > ZERO);
  const shares = normalised(stake.filter((one) => one > ZERO));
  const minority = difference(total(shares), majority);
  return weights.map((_, column) => {
    const scores = staked.map((row) => entryOf(row, column));
    const first = scores[0] ?? ZERO;
    return scores.every((score) => score === first)
      ? first
      : weightedMedian(shares, scores, minority);
  });
}
