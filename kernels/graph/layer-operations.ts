/** @file Differentiable operations of a transformer layer: norms, activations, token losses. */
import { sameShape, shapeError, type Shape } from "../tensor.ts";
import type { Emitter } from "./emitter.ts";
import type { BackwardContext, Operation } from "./ir.ts";
import { MICROSOFT, type Value } from "./onnx.ts";

type None = Record<string, never>;

/** Added to the variance under the root. */
export type NormAttributes = {
  readonly epsilon: number;
};

function normShape(name: string, [x = [], gain = []]: readonly Shape[]): Shape {
  if (x.length !== 2 || gain.length !== 1 || gain[0] !== x[1]) throw shapeError(name, x, gain);
  return x;
}

const statistic = (x: Value): { shape: Shape; type: "float32" } => ({
  shape: [x.shape[0]!, 1],
  type: "float32",
});

/** Root mean square normalisation (Zhang and Sennrich 2019): y = x / sqrt(mean(x^2) + epsilon) * gain; x [n, width], gain [width]. */
export const rmsNorm: Operation<NormAttributes> = {
  name: "rmsNorm",
  shape: (inputs) => normShape("rmsNorm", inputs),
  emit(emitter, [x, gain], { epsilon }) {
    if (emitter.target.microsoftOperators) {
      const [output, inverse] = emitter.nodeWithOutputs(
        "SimplifiedLayerNormalization",
        [x!, gain!],
        {
          outputs: [{ shape: x!.shape, type: "float32" }, statistic(x!)],
          attributes: { axis: -1, epsilon: { float: epsilon } },
        },
      );
      return { output: output!, saved: [inverse!] };
    }
    const square = emitter.reduceMean(emitter.multiply(x!, x!), [1], true);
    const root = emitter.unary("Sqrt", emitter.add(square, emitter.scalar(epsilon)));
    const inverse = emitter.unary("Reciprocal", root);
    return { output: emitter.multiply(emitter.multiply(x!, inverse), gain!), saved: [inverse] };
  },
  accumulates: true,
  /** With p = g x: dgain = sum(p r) and mean(s n) = r (p . gain) / width, both products with a vector; dx = s r - x (r^3 (p . gain) / width). */
  backward(emitter, { inputs: [x, gain], saved: [inverse], gradient, before }) {
    const [rows = 0, width = 0] = x!.shape;
    const product = emitter.multiply(gradient, x!);
    const less = emitter.multiply(gain!, emitter.scalar(-1 / width));
    const along = emitter.gemm(product, emitter.reshape(less, [width, 1]));
    const gains = emitter.gemm(emitter.reshape(inverse!, [1, rows]), product);
    const cube = emitter.multiply(emitter.multiply(inverse!, inverse!), inverse!);
    const share = emitter.multiply(along, cube);
    const known = emitter.addRows(before[0], x!, share);
    const inside = emitter.addRows(known, emitter.multiply(gradient, gain!), inverse!);
    const gainGradient = emitter.reshape(gains, [width]);
    return [inside, before[1] ? emitter.add(before[1], gainGradient) : gainGradient];
  },
};

/** Layer normalisation without bias: y = (x - mean) / sqrt(variance + epsilon) * gain; x [n, width], gain [width]. */
export const layerNorm: Operation<NormAttributes> = {
  name: "layerNorm",
  shape: (inputs) => normShape("layerNorm", inputs),
  emit(emitter, [x, gain], { epsilon }) {
    const [output, average, inverse] = emitter.nodeWithOutputs("LayerNormalization", [x!, gain!], {
      outputs: [{ shape: x!.shape, type: "float32" }, statistic(x!), statistic(x!)],
      attributes: { axis: -1, epsilon: { float: epsilon } },
    });
    return { output: output!, saved: [average!, inverse!] };
  },
  backward(emitter, { inputs: [x, gain], saved: [average, inverse], gradient }) {
    const normal = emitter.multiply(emitter.subtract(x!, average!), inverse!);
    const scaled = emitter.multiply(gradient, gain!);
    const level = emitter.reduceMean(scaled, [1], true);
    const along = emitter.reduceMean(emitter.multiply(scaled, normal), [1], true);
    const inside = emitter.subtract(
      emitter.subtract(scaled, level),
      emitter.multiply(normal, along),
    );
    const gainGradient = emitter.reduceSum(emitter.multiply(gradient, normal), [0], false);
    return [emitter.multiply(inside, inverse!), gainGradient];
  },
};

/** With a = silu(gate) up and sigma = sigmoid(gate): d gate = g (a + sigma (up - a)), because silu' = sigma + silu (1 - sigma); d up = g silu. */
function swigluBackward(emitter: Emitter, context: BackwardContext<None>): Value[] {
  const { inputs, output, gradient } = context;
  const [silu] = context.saved;
  const sigmoid = context.saved[1] ?? emitter.unary("Sigmoid", inputs[0]!);
  const rest = emitter.multiply(sigmoid, emitter.subtract(inputs[1]!, output));
  return [emitter.multiply(gradient, emitter.add(output, rest)), emitter.multiply(gradient, silu!)];
}

/** SwiGLU (Shazeer 2020): y = gate sigmoid(gate) up, all [n, hidden]. */
export const swiglu: Operation<None> = {
  name: "swiglu",
  shape([gate = [], up = []]) {
    if (!sameShape(gate, up)) throw shapeError("swiglu", gate, up);
    return gate;
  },
  emit(emitter, [gate, up]) {
    if (emitter.target.microsoftOperators) {
      const attributes = { alpha: { float: 1 } };
      const silu = emitter.node("QuickGelu", [gate!], gate!.shape, {
        domain: MICROSOFT,
        attributes,
      });
      return { output: emitter.multiply(silu, up!), saved: [silu] };
    }
    const sigmoid = emitter.unary("Sigmoid", gate!);
    const silu = emitter.multiply(gate!, sigmoid);
    return { output: emitter.multiply(silu, up!), saved: [silu, sigmoid] };
  },
  isLight: true,
  backward: swigluBackward,
};

/** Constants of tanh-GELU: sqrt(2 / pi), and the weight of the cube. */
export const GELU = { scale: Math.sqrt(2 / Math.PI), cube: 0.044715 } as const;

/** GELU in its tanh form (Hendrycks and Gimpel 2016), written x sigmoid(2u) with u = scale (x + cube x^3): one node fewer than tanh. */
export const gelu: Operation<None> = {
  name: "gelu",
  shape: ([x = []]) => x,
  emit(emitter, [x]) {
    const square = emitter.multiply(x!, x!);
    const inner = emitter.add(
      emitter.multiply(square, emitter.scalar(2 * GELU.scale * GELU.cube)),
      emitter.scalar(2 * GELU.scale),
    );
    const sigmoid = emitter.unary("Sigmoid", emitter.multiply(x!, inner));
    return { output: emitter.multiply(x!, sigmoid), saved: [square, sigmoid] };
  },
  backward(emitter, { output, saved: [square, sigmoid], gradient }) {
    const slope = emitter.add(
      emitter.multiply(square!, emitter.scalar(6 * GELU.scale * GELU.cube)),
      emitter.scalar(2 * GELU.scale),
    );
    const rest = emitter.subtract(emitter.scalar(1), sigmoid!);
    const curve = emitter.multiply(emitter.multiply(output, rest), slope);
    return [emitter.multiply(gradient, emitter.add(sigmoid!, curve))];
  },
};

/** Smallest probability whose logarithm is taken: the loss of a token is at most 85.2 nats. */
export const PROBABILITY_FLOOR = 1e-37;

/**
 * Cross-entropy of each token, in nats: logits [n, vocabulary], targets int32 [n]. Through Softmax and the
 * logarithm of the target's probability, because LogSoftmax has no WebGPU kernel.
 */
export const tokenLosses: Operation<None> = {
  name: "tokenLosses",
  shape([logits = [], targets = []]) {
    if (logits.length !== 2 || targets.length !== 1 || targets[0] !== logits[0])
      throw shapeError("tokenLosses", logits, targets);
    return targets;
  },
  emit(emitter, [logits, targets]) {
    const rows = logits!.shape[0]!;
    const probabilities = emitter.node("Softmax", [logits!], logits!.shape, {
      attributes: { axis: -1 },
    });
    const index = emitter.reshape(targets!, [rows, 1]);
    const own = emitter.node("GatherElements", [probabilities, index], [rows, 1], {
      attributes: { axis: 1 },
    });
    const floored = emitter.node("Max", [own, emitter.scalar(PROBABILITY_FLOOR)], [rows, 1]);
    const losses = emitter.unary("Neg", emitter.unary("Log", floored));
    return { output: emitter.reshape(losses, [rows]), saved: [probabilities, own] };
  },
  backward(emitter, { inputs: [logits, targets], saved: [probabilities, share], gradient }) {
    const [rows = 0, classes = 0] = logits!.shape;
    const each = emitter.reshape(gradient, [rows, 1]);
    if (!emitter.target.microsoftOperators) {
      const difference = emitter.subtract(probabilities!, emitter.oneHot(targets!, classes));
      return [emitter.multiply(difference, each), undefined];
    }
    const scaled = emitter.multiply(probabilities!, each);
    const own = emitter.multiply(emitter.subtract(share!, emitter.scalar(1)), each);
    const index = emitter.reshape(targets!, [rows, 1]);
    return [emitter.scatterElements(scaled, index, own, { axis: 1, reduction: "none" }), undefined];
  },
};
