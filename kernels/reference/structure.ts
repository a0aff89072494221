/** @file Slow float64 twins of graph/structure-operations.ts and graph/rotary.ts: forward, and backward written from the mathematics. */
import type { RotaryAttributes } from "../graph/rotary.ts";
import { broadcastShape, type Shape } from "../tensor.ts";
import {
  broadcastIndex,
  flatIndex,
  mapped,
  positionsOf,
  rowsOf,
  type Tensor64,
  zeros,
} from "./tensor64.ts";

/** The twin of an Operation<A>. */
export type Reference<A> = {
  forward(inputs: readonly Tensor64[], attributes: A): Tensor64;
  /** d loss / d input for each input; undefined for token ids. */
  backward(
    inputs: readonly Tensor64[],
    gradient: Tensor64,
    attributes: A,
  ): readonly (Tensor64 | undefined)[];
};

type None = Record<string, never>;

/** x w^T (+ addend). */
export const linear: Reference<None> = {
  forward([x, w, addend]) {
    const [n, inner] = [x!.shape[0]!, x!.shape[1]!];
    const out = w!.shape[0]!;
    const y = zeros([n, out]);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < out; j++) {
        let sum = addend ? addend.data[i * out + j]! : 0;
        for (let k = 0; k < inner; k++) sum += x!.data[i * inner + k]! * w!.data[j * inner + k]!;
        y.data[i * out + j] = sum;
      }
    return y;
  },
  backward([x, w, addend], gradient) {
    const [n, inner] = [x!.shape[0]!, x!.shape[1]!];
    const out = w!.shape[0]!;
    const [dx, dw] = [zeros(x!.shape), zeros(w!.shape)];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < out; j++) {
        const g = gradient.data[i * out + j]!;
        for (let k = 0; k < inner; k++) {
          dx.data[i * inner + k]! += g * w!.data[j * inner + k]!;
          dw.data[j * inner + k]! += g * x!.data[i * inner + k]!;
        }
      }
    return addend ? [dx, dw, gradient] : [dx, dw];
  },
};

type MatMulAttributes = {
  readonly transposeB: boolean;
  readonly alpha: number;
};

/** Visits every triple of a batched product: flat indices of a, b and y. */
function eachProduct(
  a: Shape,
  b: Shape,
  transposeB: boolean,
  visit: (i: number, j: number, k: number) => void,
): void {
  const [rows, inner] = [a.at(-2)!, a.at(-1)!];
  const columns = transposeB ? b.at(-2)! : b.at(-1)!;
  const batches = a.slice(0, -2).reduce((x, y) => x * y, 1);
  for (let batch = 0; batch < batches; batch++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let k = 0; k < inner; k++) {
          const inB = transposeB ? j * inner + k : k * columns + j;
          const row = batch * rows + i;
          visit(row * inner + k, batch * inner * columns + inB, row * columns + j);
        }
}

/** alpha a b, or alpha a b^T, over the last two axes. */
export const matMul: Reference<MatMulAttributes> = {
  forward([a, b], { transposeB, alpha }) {
    const columns = transposeB ? b!.shape.at(-2)! : b!.shape.at(-1)!;
    const y = zeros([...a!.shape.slice(0, -1), columns]);
    eachProduct(a!.shape, b!.shape, transposeB, (i, j, k) => {
      y.data[k]! += alpha * a!.data[i]! * b!.data[j]!;
    });
    return y;
  },
  backward([a, b], gradient, { transposeB, alpha }) {
    const [da, db] = [zeros(a!.shape), zeros(b!.shape)];
    eachProduct(a!.shape, b!.shape, transposeB, (i, j, k) => {
      da.data[i]! += alpha * gradient.data[k]! * b!.data[j]!;
      db.data[j]! += alpha * gradient.data[k]! * a!.data[i]!;
    });
    return [da, db];
  },
};

/** a + b with broadcasting. */
export const add: Reference<None> = {
  forward([a, b]) {
    const y = zeros(broadcastShape(a!.shape, b!.shape));
    return mapped(
      y,
      (_, i) =>
        a!.data[broadcastIndex(i, y.shape, a!.shape)]! +
        b!.data[broadcastIndex(i, y.shape, b!.shape)]!,
    );
  },
  backward: (inputs, gradient) =>
    inputs.map(({ shape }) => {
      const sum = zeros(shape);
      gradient.data.forEach((g, i) => {
        sum.data[broadcastIndex(i, gradient.shape, shape)]! += g;
      });
      return sum;
    }),
};

/** The same values under another shape. */
export const reshape: Reference<{ readonly shape: Shape }> = {
  forward: ([a], { shape }) => ({ shape, data: a!.data }),
  backward: ([a], gradient) => [{ shape: a!.shape, data: gradient.data }],
};

/** For each element of the transposed tensor, the flat index of the element it came from. */
function sources(shape: Shape, permutation: readonly number[]): number[] {
  const turned = permutation.map((axis) => shape[axis]!);
  const count = shape.reduce((x, y) => x * y, 1);
  return Array.from({ length: count }, (_, at) => {
    const positions: number[] = [];
    positionsOf(at, turned).forEach((position, axis) => {
      positions[permutation[axis]!] = position;
    });
    return flatIndex(positions, shape);
  });
}

/** Axis i of the result is axis permutation[i] of the input. */
export const transpose: Reference<{ readonly permutation: readonly number[] }> = {
  forward([a], { permutation }) {
    const y = zeros(permutation.map((axis) => a!.shape[axis]!));
    sources(a!.shape, permutation).forEach((from, at) => {
      y.data[at] = a!.data[from]!;
    });
    return y;
  },
  backward([a], gradient, { permutation }) {
    const da = zeros(a!.shape);
    sources(a!.shape, permutation).forEach((from, at) => {
      da.data[from] = gradient.data[at]!;
    });
    return [da];
  },
};

/** Rows of a table. */
export const embedding: Reference<None> = {
  forward([table, ids]) {
    const width = table!.shape[1]!;
    const y = zeros([ids!.data.length, width]);
    return mapped(
      y,
      (_, i) => table!.data[ids!.data[Math.floor(i / width)]! * width + (i % width)]!,
    );
  },
  backward([table, ids], gradient) {
    const width = table!.shape[1]!;
    const dTable = zeros(table!.shape);
    gradient.data.forEach((g, i) => {
      dTable.data[ids!.data[Math.floor(i / width)]! * width + (i % width)]! += g;
    });
    return [dTable, undefined];
  },
};

/** Mean of all values. */
export const mean: Reference<None> = {
  forward: ([a]) => ({
    shape: [],
    data: Float64Array.of(a!.data.reduce((sum, x) => sum + x, 0) / a!.data.length),
  }),
  backward: ([a], gradient) => [mapped(a!, () => gradient.data[0]! / a!.data.length)],
};

/** Rotates each pair (i, i + size / 2) of a head by position * base^(-2i / size), forwards or backwards. */
function rotated(x: Tensor64, base: number, direction: 1 | -1): Tensor64 {
  const { rows, size } = rowsOf(x);
  const positions = x.shape.at(-2)!;
  const half = size / 2;
  const y = zeros(x.shape);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < half; i++) {
      const angle = direction * (row % positions) * base ** ((-2 * i) / size);
      const [real, imaginary] = [x.data[row * size + i]!, x.data[row * size + i + half]!];
      y.data[row * size + i] = real * Math.cos(angle) - imaginary * Math.sin(angle);
      y.data[row * size + i + half] = imaginary * Math.cos(angle) + real * Math.sin(angle);
    }
  return y;
}

/** The two halves of a head, turned by position. */
export const rotary: Reference<RotaryAttributes> = {
  forward: ([x], { base }) => rotated(x!, base, 1),
  backward: (_inputs, gradient, { base }) => [rotated(gradient, base, -1)],
};
