/** @file What the kernel tests share: run a program through onnxruntime, compare with float64, draw values. */
import assert from "node:assert/strict";
import { type Bound, floats, integers, Session } from "../../kernels/engine/session.ts";
import type { Target } from "../../kernels/graph/emitter.ts";
import type { Graph, Node, Operation } from "../../kernels/graph/ir.ts";
import { lower, type Program } from "../../kernels/graph/lower.ts";
import type { ModelConfig } from "../../kernels/nn/model.ts";
import { exactNormal, uint32Stream } from "../../kernels/random.ts";
import type { Feeds } from "../../kernels/reference/interpreter.ts";
import type { Tensor64 } from "../../kernels/reference/tensor64.ts";
import { type Shape, sizeOf } from "../../kernels/tensor.ts";

/** Both forms in which graphs are emitted; the second is what GPUs get, run here on the CPU. */
export const TARGETS: readonly Target[] = [
  { microsoftOperators: true },
  { microsoftOperators: false },
];

/** The demo's smallest model. */
export const NANO: ModelConfig = {
  architecture: "llama",
  layers: 2,
  heads: 4,
  keyValueHeads: 4,
  width: 64,
  hidden: 176,
  context: 64,
  vocabulary: 256,
  ropeBase: 10000,
  normEpsilon: 1e-5,
};

/** Small enough for the float64 reference, large enough to have several of everything. */
export const TINY: ModelConfig = {
  ...NANO,
  heads: 4,
  width: 16,
  hidden: 24,
  context: 8,
  vocabulary: 24,
};

/** A model whose activations are most of what training takes; a process of fixtures/train-once.ts trains it. */
export const DEEP = { model: { ...NANO, layers: 24, context: 256 }, batch: 4 };

/** The models whose gradients are checked as a whole. */
export const TINY_MODELS: ReadonlyMap<string, ModelConfig> = new Map([
  ["llama", TINY],
  ["llama with grouped queries", { ...TINY, keyValueHeads: 2 }],
  ["llama with one key head", { ...TINY, keyValueHeads: 1, ropeBase: 100 }],
  ["llama with a head of its own", { ...TINY, keyValueHeads: 2, untied: true }],
  ["gpt2", { ...TINY, architecture: "gpt2" }],
  ["gpt2 with biases", { ...TINY, architecture: "gpt2", bias: true, untied: true }],
]);

/** Normal values that float32 holds exactly. */
export function normals(shape: Shape, seed: number, deviation = 1): Tensor64 {
  const draw = uint32Stream(seed, 7);
  const data = Float64Array.from({ length: sizeOf(shape) }, () =>
    Math.fround(deviation * exactNormal(draw)),
  );
  return { shape, data };
}

/** Token ids below `limit`. */
export function tokenIds(count: number, limit: number, seed: number): Tensor64 {
  const draw = uint32Stream(seed, 11);
  return { shape: [count], data: Float64Array.from({ length: count }, () => draw() % limit) };
}

/** A value that must be there. */
export function must<T>(value: T | undefined): T {
  assert.ok(value !== undefined, "a value is missing");
  return value;
}

/** ||actual - expected|| / ||expected||. */
export function relativeL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length);
  let [difference, total] = [0, 0];
  for (let i = 0; i < actual.length; i++) {
    difference += (must(actual[i]) - must(expected[i])) ** 2;
    total += must(expected[i]) ** 2;
  }
  return total === 0 ? Math.sqrt(difference) : Math.sqrt(difference / total);
}

/** sum(values * weights): makes a scalar of any result, so that one gradient tests all of it. */
export const weightedSum: Operation<Record<string, never>> = {
  name: "weightedSum",
  shape: () => [],
  emit(emitter, [values, weights]) {
    const product = emitter.multiply(must(values), must(weights));
    const axes = product.shape.map((_, i) => i);
    return { output: emitter.reduceSum(product, axes, false) };
  },
  backward: (emitter, { inputs: [, weights], gradient }) => [
    emitter.multiply(must(weights), gradient),
    undefined,
  ],
};

/** Shape of every output of a program, by name. */
function outputShapes({ outputs, gradients }: Program): [string, Shape][] {
  return [...outputs, ...(gradients?.by ?? [])].map(([name, node]) => [name, node.shape]);
}

/** Runs a program once on the CPU. */
export async function run(
  program: Program,
  feeds: Feeds,
  options: { target: Target; threads?: number },
): Promise<Map<string, Float32Array>> {
  const model = lower(program, options.target);
  const session = await Session.open(model, "cpu", options.threads ?? 1);
  const inputs: [string, Bound[string]][] = program.graph.nodes.flatMap((node: Node) => {
    const value = feeds.get(node.name);
    if (node.operation !== undefined || value === undefined) return [];
    if (node.type === "int32") return [[node.name, integers(Int32Array.from(value.data))]];
    return [[node.name, floats(Float32Array.from(value.data), node.shape)]];
  });
  const results = new Map(
    outputShapes(program).map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]),
  );
  const outputs = outputShapes(program).map(
    ([name, shape]) => [name, floats(must(results.get(name)), shape)] as const,
  );
  await session.run([Object.fromEntries(inputs)], Object.fromEntries(outputs));
  await session.close();
  return results;
}

/** Inputs of a graph, by name. */
export function inputsOf(graph: Graph): Map<string, Node> {
  return new Map(graph.nodes.filter((node) => !node.operation).map((node) => [node.name, node]));
}
