/** @file Shapes: sizes, comparison, broadcasting. */
import { KernelError } from "./errors.ts";

/** Sizes of the axes, slowest first; a scalar has none. */
export type Shape = readonly number[];

/** Number of elements of a shape (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** Are two shapes the same? */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/**
 * Shape of an element-wise result under ONNX (numpy) broadcasting.
 * @throws KernelError shape-mismatch
 */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw shapeError("broadcast", a, b);
    return Math.max(x, y);
  });
}

/** The error of two shapes that do not fit an operation. */
export function shapeError(operation: string, ...shapes: readonly Shape[]): KernelError {
  const list = shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ");
  return new KernelError("shape-mismatch", `${operation} does not fit ${list}`, {
    details: { operation },
  });
}
