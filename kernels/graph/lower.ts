/** @file Turns an IR graph into an ONNX model, with reverse-mode differentiation where gradients are asked for. */
import { KernelError } from "../errors.ts";
import { Emitter, type Target } from "./emitter.ts";
import type { Emitted, Graph, Node } from "./ir.ts";
import type { Value } from "./onnx.ts";

/** What to compute. */
export type Program = {
  readonly graph: Graph;
  /** Nodes whose values the model returns, by output name. */
  readonly outputs: ReadonlyMap<string, Node>;
  /** A scalar and the inputs to differentiate it by, each by the name of the output that takes its gradient. */
  readonly gradients?: { readonly of: Node; readonly by: ReadonlyMap<string, Node> };
};

/** An encoded model and its size. */
export type Lowered = {
  readonly bytes: Uint8Array;
  readonly nodes: number;
};

/** For each node: does the value depend on one of `roots`? */
function dependsOn(graph: Graph, roots: ReadonlySet<Node>): boolean[] {
  const depends: boolean[] = [];
  for (const node of graph.nodes)
    depends.push(roots.has(node) || node.inputs.some((input) => depends[input.id] === true));
  return depends;
}

/** For each node: is its value needed for one of `targets`? */
function neededFor(graph: Graph, targets: readonly Node[]): boolean[] {
  const needed = graph.nodes.map(() => false);
  for (const target of targets) needed[target.id] = true;
  for (const node of graph.nodes.toReversed())
    if (needed[node.id] === true) for (const input of node.inputs) needed[input.id] = true;
  return needed;
}

function emitForward(emitter: Emitter, graph: Graph, needed: readonly boolean[]): Emitted[] {
  const emitted: Emitted[] = [];
  for (const node of graph.nodes) {
    const { name, shape, type, operation, attributes } = node;
    if (operation === undefined || needed[node.id] !== true) {
      emitted.push({ output: { name, shape, type } });
      continue;
    }
    const inputs = node.inputs.map((input) => emitted[input.id]!.output);
    emitted.push(operation.emit(emitter, inputs, attributes));
  }
  return emitted;
}

/** Emits the backward pass; the result holds d loss / d node by node id, where it exists. */
function emitBackward(
  emitter: Emitter,
  program: Program,
  emitted: readonly Emitted[],
): (Value | undefined)[] {
  const { graph, gradients } = program;
  const result: (Value | undefined)[] = graph.nodes.map(() => undefined);
  if (gradients === undefined) return result;
  const { of: loss, by } = gradients;
  const depends = dependsOn(graph, new Set(by.values()));
  result[loss.id] = emitter.constant("one", loss.shape, () => Float32Array.of(1));
  for (const node of graph.nodes.toReversed()) {
    const gradient = result[node.id];
    const { operation, attributes } = node;
    if (gradient === undefined || operation === undefined) continue;
    // An input that is there twice cannot be added to twice.
    const apart =
      operation.accumulates === true && new Set(node.inputs).size === node.inputs.length;
    const parts = operation.backward(emitter, {
      before: node.inputs.map((input) => (apart ? result[input.id] : undefined)),
      inputs: node.inputs.map((input) => emitted[input.id]!.output),
      output: emitted[node.id]!.output,
      saved: emitted[node.id]!.saved ?? [],
      attributes,
      gradient,
      needed: node.inputs.map((input) => depends[input.id] === true),
    });
    node.inputs.forEach((input, i) => {
      const part = parts[i];
      if (part === undefined || depends[input.id] !== true) return;
      const before = apart ? undefined : result[input.id];
      result[input.id] = before === undefined ? part : emitter.add(before, part);
    });
  }
  return result;
}

/**
 * Encodes a program for a target.
 * @throws KernelError graph-invalid when the loss is not a scalar or does not depend on an input
 */
export function lower(program: Program, target: Target): Lowered {
  const { graph, outputs, gradients } = program;
  if (gradients && gradients.of.shape.length > 0)
    throw new KernelError("graph-invalid", "only a scalar can be differentiated");
  const emitter = new Emitter(target);
  const targets = [...outputs.values(), ...(gradients ? [gradients.of] : [])];
  const needed = neededFor(graph, targets);
  const emitted = emitForward(emitter, graph, needed);
  const derivative = emitBackward(emitter, program, emitted);
  const values = new Map<string, Value>();
  for (const [name, node] of outputs) values.set(name, emitted[node.id]!.output);
  for (const [name, node] of gradients?.by ?? []) {
    const value = derivative[node.id];
    if (value === undefined)
      throw new KernelError("graph-invalid", `the loss does not depend on ${node.name}`, {
        details: { name: node.name },
      });
    values.set(name, value);
  }
  const inputs = graph.nodes.filter((node) => node.operation === undefined && needed[node.id]);
  const bytes = emitter.encode(
    inputs.map(({ name, shape, type }) => ({ name, shape, type })),
    values,
  );
  return { bytes, nodes: emitter.size };
}
