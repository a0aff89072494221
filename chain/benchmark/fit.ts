/**
 * @file A line through what was measured: least squares with coefficients that are never negative, then lifted until no
 * measured point lies above it. Deterministic: every choice of terms is solved, the best is taken.
 */
import { type Point } from "./api.ts";
import { type Term } from "./plan.ts";

/** What was measured at a point: nanoseconds. */
export type Measured = { readonly point: Point; readonly ns: number };

/** A coefficient for each term, in the terms' order; nanoseconds per unit of the term, none below 0. */
export type Line = readonly number[];

/** Pivots below this, of scaled columns, are none. */
const SINGULAR = 1e-9;

/** What a term is at a point. */
export function termAt(term: Term, point: Point): number {
  return term.reduce((product, name) => product * (point[name] ?? 0), 1);
}

/** What a line says at a point. */
function lineAt(line: Line, terms: readonly Term[], point: Point): number {
  return terms.reduce((sum, term, index) => sum + (line[index] ?? 0) * termAt(term, point), 0);
}

type Matrix = number[][];

const at = (row: readonly number[] | undefined, index: number): number => row?.[index] ?? 0;

/** Brings the row with the largest pivot up; false when there is none. */
function pivot(rows: Matrix, column: number): boolean {
  let best = column;
  for (let row = column + 1; row < rows.length; row++) {
    if (Math.abs(at(rows[row], column)) > Math.abs(at(rows[best], column))) best = row;
  }
  const [upper, here] = [rows[best], rows[column]];
  if (upper === undefined || here === undefined || Math.abs(at(upper, column)) < SINGULAR)
    return false;
  rows[best] = here;
  rows[column] = upper;
  return true;
}

/** Solves rows of [coefficients..., right side]; null when they say too little. */
function solve(rows: Matrix): number[] | null {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    if (!pivot(rows, column)) return null;
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = at(rows[row], column) / at(rows[column], column);
      rows[row] = Array.from(
        { length: size + 1 },
        (_, index) => at(rows[row], index) - factor * at(rows[column], index),
      );
    }
  }
  return rows.map((row, index) => at(row, size) / at(row, index));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * at(b, index), 0);
}

/** Normal equations of the columns, each scaled to 1 at its largest. */
function leastSquares(columns: readonly (readonly number[])[], ns: readonly number[]) {
  const scales = columns.map((column) => Math.max(...column.map(Math.abs)) || 1);
  const scaled = columns.map((column, index) => column.map((value) => value / at(scales, index)));
  const rows = scaled.map((left) => [...scaled.map((right) => dot(left, right)), dot(left, ns)]);
  return solve(rows)?.map((value, index) => value / at(scales, index)) ?? null;
}

/** Which of `count` terms, by the bits of a number. */
function chosen(count: number, bits: number): number[] {
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => (bits >> index) % 2 === 1,
  );
}

/** The best line among all choices of terms whose coefficients are none below 0; of equals the one with fewer terms. */
function bestLine(terms: readonly Term[], measured: readonly Measured[]): Line {
  const ns = measured.map((one) => one.ns);
  let best: { line: Line; error: number } = {
    line: terms.map(() => 0),
    error: Number.POSITIVE_INFINITY,
  };
  const choices = Array.from({ length: 2 ** terms.length - 1 }, (_, index) =>
    chosen(terms.length, index + 1),
  ).toSorted((a, b) => a.length - b.length);
  for (const choice of choices) {
    const columns = choice.map((index) =>
      measured.map(({ point }) => termAt(terms[index] ?? [], point)),
    );
    const found = leastSquares(columns, ns);
    if (found === null || found.some((value) => value < 0)) continue;
    const line = terms.map((_, index) => at(found, choice.indexOf(index)));
    const error = measured.reduce(
      (sum, one) => sum + (lineAt(line, terms, one.point) - one.ns) ** 2,
      0,
    );
    if (error < best.error * (1 - SINGULAR)) best = { line, error };
  }
  return best.line;
}

/**
 * A line that is at every measured point at least what was measured. `terms[0]` is the base, an empty term: it takes what
 * the others leave uncovered. @throws RangeError when nothing was measured
 */
export function fitLine(terms: readonly Term[], measured: readonly Measured[]): Line {
  if (measured.length === 0) throw new RangeError("nothing was measured");
  const line = bestLine(terms, measured);
  const short = measured.map(({ point, ns }) => ns - lineAt(line, terms, point));
  const lift = Math.max(0, ...short);
  return line.map((value, index) => (index === 0 ? value + lift : value));
}

/** The middle of what was measured; of an even number the upper one. @throws RangeError of nothing */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError("the median of nothing");
  return middle;
}
