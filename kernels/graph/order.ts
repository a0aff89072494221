/** @file The order of nodes, and what they read: onnxruntime computes a graph from its last leaf on. */
import type { OnnxGraph, OnnxNode } from "./onnx.ts";

/** The graphs inside a node. */
export function bodiesOf({ attributes }: Pick<OnnxNode, "attributes">): OnnxGraph[] {
  return Object.values(attributes).flatMap((value) =>
    typeof value === "object" && "body" in value ? [value.body] : [],
  );
}

/** Names that a node reads, those that a graph inside of it takes from the graph around it as well. */
function readBy(node: OnnxNode): string[] {
  const within = bodiesOf(node).flatMap((body) => [
    ...body.nodes.flatMap(readBy),
    ...body.outputs.map(({ name }) => name),
  ]);
  return [...node.inputs, ...within];
}

/**
 * Nodes in the order in which onnxruntime shall compute them. It starts from the nodes that nothing reads, the last one first, and computes what each
 * needs: so those come last and backwards. Otherwise it computes the gradients of all matrices at the very end, and keeps till then what they are made of.
 */
export function leavesLast(nodes: readonly OnnxNode[]): OnnxNode[] {
  const read = new Set(nodes.flatMap(readBy));
  const isRead = (node: OnnxNode): boolean => node.outputs.some((output) => read.has(output));
  return [...nodes.filter(isRead), ...nodes.filter((node) => !isRead(node)).toReversed()];
}
