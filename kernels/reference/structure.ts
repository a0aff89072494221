/** @file Slow float64 twins of graph/structure-operations.ts: forward, and backward written from the mathematics. */
import { broadcastShape, type Shape } from "../tensor.ts";
import { broadcastIndex, mapped, type Tensor64, zeros } from "./tensor64.ts";

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
