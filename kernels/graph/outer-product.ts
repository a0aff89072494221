/**
 * @file Which form of g^T x, the gradient of a matrix, onnxruntime multiplies fastest on the CPU (onnxruntime/core/mlas/lib/sgemm.cpp). A left factor
 * that it shall transpose itself is transposed anew for every strip of columns.
 */

import type { Emitter } from "./emitter.ts";
import type { Value } from "./onnx.ts";

/** g^T x with g [rows, out] and x [rows, inner]. */
type OuterSizes = {
  readonly rows: number;
  readonly out: number;
  readonly inner: number;
  /** Products that x is a factor of: they share its transpose. */
  readonly readers: number;
};

/** ' is a transpose of its own, ^T one that the product does. */
type OuterForm = "g^T x" | "(x^T g)'" | "g' x" | "(x' g)'";

/** Columns of a product that are done at once. */
const STRIP = 128;

/** A number moved by a transpose of its own takes as long as so many moved by products. */
const OWN = 1.9;

/**
 * Columns from which several threads may cut a product along its columns. A thread with 64 columns or fewer adds up in another order, where the left
 * factor lies as it is read: with so many columns the bits are those of one thread, up to four of them.
 */
const SAFE_COLUMNS = 320;

const isSafe = (rows: number, columns: number): boolean =>
  rows >= columns || columns >= SAFE_COLUMNS;

const strips = (columns: number): number => Math.ceil(columns / STRIP);

/** The form that moves the fewest numbers; of equal ones the one with fewer nodes. */
export function fastestForm({ rows, out, inner, readers }: OuterSizes): OuterForm {
  const result = OWN * inner * out;
  const forms: readonly (readonly [OuterForm, number])[] = [
    ["g^T x", rows * out * strips(inner)],
    ["(x^T g)'", rows * inner * strips(out) + result],
    ["g' x", isSafe(out, inner) ? OWN * rows * out : Infinity],
    ["(x' g)'", isSafe(inner, out) ? (OWN * rows * inner) / readers + result : Infinity],
  ];
  return forms.reduce((least, form) => (form[1] < least[1] ? form : least))[0];
}

/**
 * Emits g^T x, the gradient of a matrix.
 * @param readers products that x is a factor of
 * @throws KernelError shape-mismatch
 */
export function outerProduct(emitter: Emitter, g: Value, x: Value, readers: number): Value {
  const sizes = { rows: g.shape[0]!, out: g.shape[1]!, inner: x.shape[1]!, readers };
  const form = emitter.target.microsoftOperators ? fastestForm(sizes) : "g^T x";
  const turn = (matrix: Value): Value => emitter.transpose(matrix, [1, 0]);
  if (form === "g' x") return emitter.gemm(turn(g), x);
  if (form === "(x' g)'") return turn(emitter.gemm(turn(x), g));
  if (form === "(x^T g)'") return turn(emitter.gemm(x, g, { transposeA: true }));
  return emitter.gemm(g, x, { transposeA: true });
}
