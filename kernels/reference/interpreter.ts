/** @file Runs an IR graph and its derivative in float64 with the slow references. */
import { KernelError } from "../errors.ts";
import type { Graph, Node } from "../graph/ir.ts";
import { attention } from "./attention.ts";
import * as layers from "./layers.ts";
import * as structure from "./structure.ts";
import type { Reference } from "./structure.ts";
import { type Tensor64, zeros } from "./tensor64.ts";

/** Values of the graph's inputs by name. */
export type Feeds = ReadonlyMap<string, Tensor64>;

const REFERENCES: ReadonlyMap<string, Reference<unknown>> = new Map<string, Reference<unknown>>([
  ["attention", attention],
  ...Object.entries(layers),
  ...Object.entries(structure),
]);

/** The twin of an operation, by its name. */
function referenceOf(name: string): Reference<unknown> {
  const reference = REFERENCES.get(name);
  if (!reference) throw new KernelError("graph-invalid", `operation ${name} has no reference`);
  return reference;
}

function valuesOf(graph: Graph, feeds: Feeds): Tensor64[] {
  const values: Tensor64[] = [];
  for (const { name, operation, inputs, attributes } of graph.nodes) {
    const operands = inputs.map((input) => values[input.id]!);
    const value = operation
      ? referenceOf(operation.name).forward(operands, attributes)
      : feeds.get(name);
    if (!value) throw new KernelError("graph-invalid", `input ${name} was not fed`);
    values.push(value);
  }
  return values;
}

/** The value of a node. */
export function evaluate(graph: Graph, node: Node, feeds: Feeds): Tensor64 {
  return valuesOf(graph, feeds)[node.id]!;
}

/**
 * The value of a node and d (sum of weights * node) / d input, for every input that it depends on, by input name.
 * @param weights of the node's shape; 1 for a scalar loss
 */
export function differentiate(
  graph: Graph,
  node: Node,
  feeds: Feeds,
  weights: Tensor64 = { shape: [], data: Float64Array.of(1) },
): { value: Tensor64; gradients: Map<string, Tensor64> } {
  const values = valuesOf(graph, feeds);
  const gradients = new Map<number, Tensor64>([[node.id, weights]]);
  for (const { id, operation, inputs, attributes } of graph.nodes.toReversed()) {
    const gradient = gradients.get(id);
    if (!gradient || !operation) continue;
    const operands = inputs.map((input) => values[input.id]!);
    const parts = referenceOf(operation.name).backward(operands, gradient, attributes);
    inputs.forEach((input, i) => {
      const part = parts[i];
      if (!part) return;
      const sum = gradients.get(input.id) ?? zeros(input.shape);
      const data = sum.data.map((value, at) => value + part.data[at]!);
      gradients.set(input.id, { shape: input.shape, data });
    });
  }
  const byName = graph.nodes.flatMap((input) => {
    const gradient = gradients.get(input.id);
    return input.operation || !gradient ? [] : [[input.name, gradient] as const];
  });
  return { value: values[node.id]!, gradients: new Map(byName) };
}
