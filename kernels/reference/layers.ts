/** @file Slow float64 twins of graph/layer-operations.ts: forward, and backward written from the mathematics. */
import { GELU, type NormAttributes, PROBABILITY_FLOOR } from "../graph/layer-operations.ts";
import type { Reference } from "./structure.ts";
import { mapped, rowsOf, type Tensor64, zeros } from "./tensor64.ts";

type None = Record<string, never>;

/** Mean (0 for RMSNorm) and 1 / sqrt(mean square + epsilon) of each row. */
function statistics(
  x: Tensor64,
  epsilon: number,
  centred: boolean,
): { mean: number; inverse: number }[] {
  const { rows, size } = rowsOf(x);
  return Array.from({ length: rows }, (_, row) => {
    const values = x.data.subarray(row * size, (row + 1) * size);
    const mean = centred ? values.reduce((sum, value) => sum + value, 0) / size : 0;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    return { mean, inverse: 1 / Math.sqrt(square + epsilon) };
  });
}

function norm(centred: boolean): Reference<NormAttributes> {
  return {
    forward([x, gain], { epsilon }) {
      const { size } = rowsOf(x!);
      const rows = statistics(x!, epsilon, centred);
      return mapped(x!, (value, i) => {
        const { mean, inverse } = rows[Math.floor(i / size)]!;
        return (value - mean) * inverse * gain!.data[i % size]!;
      });
    },
    /** The full Jacobian of a row: d xhat_j / d x_i = inverse ((i = j) - [centred] / size - xhat_i xhat_j / size). */
    backward([x, gain], gradient, { epsilon }) {
      const { size } = rowsOf(x!);
      const [dx, dGain] = [zeros(x!.shape), zeros(gain!.shape)];
      statistics(x!, epsilon, centred).forEach(({ mean, inverse }, row) => {
        const normal = (i: number): number => (x!.data[row * size + i]! - mean) * inverse;
        for (let j = 0; j < size; j++) {
          const g = gradient.data[row * size + j]!;
          dGain.data[j]! += g * normal(j);
          for (let i = 0; i < size; i++) {
            const own = i === j ? 1 : 0;
            const share = ((centred ? 1 : 0) + normal(i) * normal(j)) / size;
            dx.data[row * size + i]! += g * gain!.data[j]! * inverse * (own - share);
          }
        }
      });
      return [dx, dGain];
    },
  };
}

/** x / sqrt(mean(x^2) + epsilon) * gain, row by row. */
export const rmsNorm = norm(false);
/** (x - mean) / sqrt(variance + epsilon) * gain, row by row. */
export const layerNorm = norm(true);

/** Softmax of each row. */
function softmax(x: Tensor64): Tensor64 {
  const { rows, size } = rowsOf(x);
  const y = zeros(x.shape);
  for (let row = 0; row < rows; row++) {
    const values = x.data.subarray(row * size, (row + 1) * size);
    const highest = values.reduce((best, value) => Math.max(best, value), -Infinity);
    const powers = values.map((value) => Math.exp(value - highest));
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, i) => {
      y.data[row * size + i] = power / sum;
    });
  }
  return y;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const siluSlope = (x: number): number => sigmoid(x) * (1 + x * (1 - sigmoid(x)));

/** gate sigmoid(gate) up. */
export const swiglu: Reference<None> = {
  forward: ([gate, up]) => mapped(gate!, (x, i) => x * sigmoid(x) * up!.data[i]!),
  backward([gate, up], gradient) {
    return [
      mapped(gate!, (x, i) => gradient.data[i]! * up!.data[i]! * siluSlope(x)),
      mapped(gate!, (x, i) => gradient.data[i]! * x * sigmoid(x)),
    ];
  },
};

const geluInner = (x: number): number => GELU.scale * (x + GELU.cube * x ** 3);

/** 0.5 x (1 + tanh(scale (x + cube x^3))). */
export const gelu: Reference<None> = {
  forward: ([x]) => mapped(x!, (value) => 0.5 * value * (1 + Math.tanh(geluInner(value)))),
  backward: ([x], gradient) => [
    mapped(x!, (value, i) => {
      const tanh = Math.tanh(geluInner(value));
      const slope = GELU.scale * (1 + 3 * GELU.cube * value ** 2);
      return gradient.data[i]! * 0.5 * (1 + tanh + value * (1 - tanh ** 2) * slope);
    }),
  ],
};

/** -log softmax(logits)[target], one a row. */
export const tokenLosses: Reference<None> = {
  forward([logits, targets]) {
    const { size } = rowsOf(logits!);
    const shares = softmax(logits!);
    return mapped(
      targets!,
      (target, row) => -Math.log(Math.max(shares.data[row * size + target]!, PROBABILITY_FLOOR)),
    );
  },
  backward([logits, targets], gradient) {
    const { size } = rowsOf(logits!);
    const shares = softmax(logits!);
    const dLogits = mapped(shares, (share, i) => {
      const row = Math.floor(i / size);
      const own = i % size === targets!.data[row] ? 1 : 0;
      return gradient.data[row]! * (share - own);
    });
    return [dLogits, undefined];
  },
};

/** The product of x with the blocks' rows, one behind the other. */
function logitsOf(x: Tensor64, blocks: readonly Tensor64[]): Tensor64 {
  const { rows, size } = rowsOf(x);
  const head = blocks.flatMap(({ data }) => [...data]);
  const classes = head.length / size;
  return mapped(zeros([rows, classes]), (_, at) => {
    const [row, own] = [Math.floor(at / classes), at % classes];
    let sum = 0;
    for (let i = 0; i < size; i++) sum += x.data[row * size + i]! * head[own * size + i]!;
    return sum;
  });
}

/** The losses of tokens whose logits are x head^T, the head's rows in blocks. */
export const blockLosses: Reference<None> = {
  forward: ([x, targets, ...blocks]) => tokenLosses.forward([logitsOf(x!, blocks), targets!], {}),
  backward([x, targets, ...blocks], gradient) {
    const logits = logitsOf(x!, blocks);
    const dLogits = tokenLosses.backward([logits, targets!], gradient, {})[0]!;
    const [classes, { size }] = [logits.shape[1]!, rowsOf(x!)];
    const dx = zeros(x!.shape);
    let start = 0;
    const dBlocks = blocks.map((block) => {
      const dBlock = zeros(block.shape);
      const count = block.shape[0]!;
      for (let row = 0; row < x!.shape[0]!; row++)
        for (let own = 0; own < count; own++) {
          const g = dLogits.data[row * classes + start + own]!;
          for (let i = 0; i < size; i++) {
            dx.data[row * size + i]! += g * block.data[own * size + i]!;
            dBlock.data[own * size + i]! += g * x!.data[row * size + i]!;
          }
        }
      start += count;
      return dBlock;
    });
    return [dx, undefined, ...dBlocks];
  },
};
