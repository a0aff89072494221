/** @file Dense float64 tensors for the slow references: loops that can be read, no tricks. */
import { type Shape, sizeOf } from "../tensor.ts";

/** A float64 tensor; integers (token ids) are held as floats. */
export type Tensor64 = {
  readonly shape: Shape;
  readonly data: Float64Array;
};

/** A tensor of zeros. */
export function zeros(shape: Shape): Tensor64 {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

/** A tensor of the same shape whose value i is f(x_i, i). */
export function mapped(x: Tensor64, f: (value: number, index: number) => number): Tensor64 {
  return { shape: x.shape, data: x.data.map(f) };
}

/** Size of the last axis, and how many rows of that size there are. */
export function rowsOf({ shape, data }: Tensor64): { rows: number; size: number } {
  const size = shape.at(-1)!;
  return { rows: data.length / size, size };
}

/** Flat index of the element of `shape` that broadcasting pairs with flat index `at` of `wide`. */
export function broadcastIndex(at: number, wide: Shape, shape: Shape): number {
  let rest = at;
  let index = 0;
  let stride = 1;
  for (let axis = wide.length - 1; axis >= 0; axis--) {
    const position = rest % wide[axis]!;
    rest = Math.floor(rest / wide[axis]!);
    const own = shape[axis - wide.length + shape.length];
    if (own === undefined) break;
    index += own === 1 ? 0 : position * stride;
    stride *= own;
  }
  return index;
}
