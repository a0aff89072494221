/** @file Differentiable operations that move or combine values: linear, add, reshape, embedding, mean. */
import { broadcastShape, sameShape, shapeError, sizeOf, type Shape } from "../tensor.ts";
import type { Operation } from "./ir.ts";
import type { Value } from "./onnx.ts";
import { outerProduct } from "./outer-product.ts";

type None = Record<string, never>;

/** y = x w^T (+ addend): x [n, in], w [out, in], addend [n, out] (a residual stream, so its addition costs no node). */
export const linear: Operation<None> = {
  name: "linear",
  shape([x = [], w = [], addend]) {
    if (x.length !== 2 || w.length !== 2 || x[1] !== w[1]) throw shapeError("linear", x, w);
    const shape = [x[0]!, w[0]!];
    if (addend && !sameShape(addend, shape)) throw shapeError("linear", shape, addend);
    return shape;
  },
  emit: (emitter, [x, w, addend]) => ({
    output: emitter.gemm(x!, w!, { transposeB: true, addend }),
  }),
  accumulates: true,
  backward(emitter, { inputs: [x, w], gradient, needed, before, readers }) {
    const toMatrix = (): Value =>
      before[1]
        ? emitter.gemm(gradient, x!, { transposeA: true, addend: before[1] })
        : outerProduct(emitter, gradient, x!, readers[0]!);
    return [
      needed[0] ? emitter.gemm(gradient, w!, { addend: before[0] }) : undefined,
      needed[1] ? toMatrix() : undefined,
      before[2] === undefined ? gradient : emitter.add(before[2], gradient),
    ];
  },
};

/** y = a + b with broadcasting. */
export const add: Operation<None> = {
  name: "add",
  shape: ([a = [], b = []]) => broadcastShape(a, b),
  emit: (emitter, [a, b]) => ({ output: emitter.add(a!, b!) }),
  backward: (emitter, { inputs, gradient }) =>
    inputs.map((input) => emitter.unbroadcast(gradient, input.shape)),
};

/** The same values under another shape. */
export const reshape: Operation<{ readonly shape: Shape }> = {
  name: "reshape",
  shape([a = []], { shape }) {
    if (sizeOf(a) !== sizeOf(shape)) throw shapeError("reshape", a, shape);
    return shape;
  },
  emit: (emitter, [a], { shape }) => ({ output: emitter.reshape(a!, shape) }),
  backward: (emitter, { inputs: [a], gradient }) => [emitter.reshape(gradient, a!.shape)],
};

/**
 * Rows of a table: table [vocabulary, width], ids int32 [n]. On the CPU the rows of the gradient are added to the table's by ScatterElements, which
 * is one thread that goes through them in order (ScatterND races there when an id occurs twice); elsewhere it is one-hot^T gradient as a Gemm.
 */
export const embedding: Operation<None> = {
  name: "embedding",
  shape([table = [], ids = []]) {
    if (table.length !== 2 || ids.length !== 1) throw shapeError("embedding", table, ids);
    return [ids[0]!, table[1]!];
  },
  emit: (emitter, [table, ids]) => ({
    output: emitter.node("Gather", [table!, ids!], [ids!.shape[0]!, table!.shape[1]!], {
      attributes: { axis: 0 },
    }),
  }),
  accumulates: true,
  backward(emitter, { inputs: [table, ids], gradient, before: [before], needed }) {
    if (needed[0] !== true) return [undefined, undefined];
    const [rows = 0, width = 0] = table!.shape;
    if (!emitter.target.microsoftOperators) {
      const hot = emitter.oneHot(ids!, rows);
      return [emitter.gemm(hot, gradient, { transposeA: true, addend: before }), undefined];
    }
    const count = ids!.shape[0]!;
    const index = emitter.expand(emitter.reshape(ids!, [count, 1]), [count, width]);
    const start = before ?? emitter.zeros(table!.shape);
    const sum = emitter.scatterElements(start, index, gradient, { axis: 0, reduction: "add" });
    return [sum, undefined];
  },
};

/** Mean of all values, a scalar. */
export const mean: Operation<None> = {
  name: "mean",
  shape: () => [],
  emit: (emitter, [a]) => ({
    output: emitter.reduceMean(
      a!,
      a!.shape.map((_, i) => i),
      false,
    ),
  }),
  backward(emitter, { inputs: [a], gradient }) {
    const { shape } = a!;
    const share = emitter.constant(`share ${shape.join(" ")}`, shape, () =>
      new Float32Array(sizeOf(shape)).fill(1 / sizeOf(shape)),
    );
    return [emitter.multiply(share, gradient)];
  },
};
