/** @file Turns an IR graph into an ONNX model, with reverse-mode differentiation where gradients are asked for. */
import { KernelError } from "../errors.ts";
import { Emitter, type Target } from "./emitter.ts";
import type { Emitted, Graph, Node } from "./ir.ts";
import { sizeOf } from "../tensor.ts";
import type { Value } from "./onnx.ts";

/** What to compute. */
export type Program = {
  readonly graph: Graph;
  /** Nodes whose values the model returns, by output name. */
  readonly outputs: ReadonlyMap<string, Node>;
  /** A scalar and the inputs to differentiate it by, each by the name of the output that takes its gradient. */
  readonly gradients?: { readonly of: Node; readonly by: ReadonlyMap<string, Node> };
  /**
   * The backward pass computes each segment of the graph again from its inputs, so what the forward pass made inside a segment need
   * not be kept until then: a forward pass more, in memory for one segment (Chen et al. 2016).
   */
  readonly recompute?: boolean;
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

/** For each node of a program: is its value needed? */
function neededIn({ graph, outputs, gradients }: Program): boolean[] {
  return neededFor(graph, [...outputs.values(), ...(gradients ? [gradients.of] : [])]);
}

/** Values by the name of the input that they stand for. */
type Values = ReadonlyMap<string, Value>;

function emitForward(
  emitter: Emitter,
  graph: Graph,
  { needed, bound }: { readonly needed: readonly boolean[]; readonly bound: Values },
): Emitted[] {
  const emitted: Emitted[] = [];
  for (const node of graph.nodes) {
    const { name, shape, type, operation, attributes } = node;
    if (operation === undefined || needed[node.id] !== true) {
      emitted.push({ output: bound.get(name) ?? { name, shape, type } });
      continue;
    }
    const inputs = node.inputs.map((input) => emitted[input.id]!.output);
    emitted.push(operation.emit(emitter, inputs, attributes));
  }
  return emitted;
}

/** A zero that is there once all of `values` are. */
function zeroAfter(emitter: Emitter, values: readonly Value[]): Value {
  const firsts = values.map((value) => {
    const ones = value.shape.map(() => 1);
    const ends = [emitter.indices(ones.map(() => 0)), emitter.indices(ones)];
    return emitter.multiply(emitter.node("Slice", [value, ...ends], ones), emitter.scalar(0));
  });
  return firsts.reduce((sum, one) => emitter.add(sum, one));
}

/**
 * Emits a segment's forward pass anew. What other segments read is kept in any case and not made again. What comes from outside waits
 * for `before`, by adding zero of it: otherwise the runtime, which computes in an order of its own, would make every segment at once,
 * and the gradients of matrices last of all, with everything that they are made of kept until then.
 */
function emitAgain(
  emitter: Emitter,
  { graph, emitted }: { readonly graph: Graph; readonly emitted: Emitted[] },
  segment: number,
  before: readonly Value[],
): void {
  const own = graph.nodes.filter((node) => node.segment === segment && node.operation);
  const ownIds = new Set(own.map(({ id }) => id));
  const kept = new Set<Node>();
  for (const node of graph.nodes)
    if (node.segment !== segment) for (const input of node.inputs) kept.add(input);
  const zero = zeroAfter(emitter, before);
  const late = new Map<Node, Value>();
  const valueOf = (input: Node): Value => {
    const { output } = emitted[input.id]!;
    if (input.operation === undefined || ownIds.has(input.id)) return output;
    const value = late.get(input) ?? emitter.add(output, zero);
    late.set(input, value);
    return value;
  };
  for (const node of own)
    if (!kept.has(node))
      emitted[node.id] = node.operation!.emit(emitter, node.inputs.map(valueOf), node.attributes);
}

/** Floats above which the result of a light operation is not kept: such a tensor fits in no core's cache. */
const LARGE = 1 << 20;

/** What the backward pass reads in place of what the forward pass made: called with each node before its rule is emitted. */
type Remaking = (node: Node, gradient: Value) => void;

/** Segments are made again one after the other, each when its last gradient is there. */
function remakingSegments(
  emitter: Emitter,
  graph: Graph,
  emitted: Emitted[],
  made: () => readonly Value[],
): Remaking {
  const done = new Set<Value>();
  let again = 0;
  return (node, gradient) => {
    if (node.segment === 0 || node.segment === again) return;
    again = node.segment;
    const fresh = made().filter((one) => !done.has(one));
    emitAgain(emitter, { graph, emitted }, again, [gradient, ...fresh]);
    for (const one of fresh) done.add(one);
  };
}

/** Large results of light operations are made again where they are read. */
function remakingLight(emitter: Emitter, emitted: Emitted[]): Remaking {
  const done = new Set<Node>();
  return (node) => {
    for (const input of node.inputs) {
      const { operation, shape, attributes } = input;
      if (operation?.isLight !== true || sizeOf(shape) <= LARGE || done.has(input)) continue;
      done.add(input);
      const inputs = input.inputs.map(({ id }) => emitted[id]!.output);
      emitted[input.id] = emitter.again(() => operation.emit(emitter, inputs, attributes));
    }
  };
}

/** Emits the backward pass; the result holds d loss / d node by node id, where it exists. */
function emitBackward(
  emitter: Emitter,
  program: Program,
  forward: readonly Emitted[],
): (Value | undefined)[] {
  const { graph, gradients, recompute = false } = program;
  const emitted = [...forward];
  const result: (Value | undefined)[] = graph.nodes.map(() => undefined);
  if (gradients === undefined) return result;
  const { of: loss, by } = gradients;
  const depends = dependsOn(graph, new Set(by.values()));
  const made = (): readonly Value[] => [...by.values()].flatMap(({ id }) => result[id] ?? []);
  const remake = recompute
    ? remakingSegments(emitter, graph, emitted, made)
    : remakingLight(emitter, emitted);
  const readers = new Map<Node, number>();
  for (const input of graph.nodes.flatMap((node) => node.inputs))
    readers.set(input, (readers.get(input) ?? 0) + 1);
  result[loss.id] = emitter.constant("one", loss.shape, () => Float32Array.of(1));
  for (const node of graph.nodes.toReversed()) {
    const gradient = result[node.id];
    const { operation, attributes } = node;
    if (gradient === undefined || operation === undefined) continue;
    remake(node, gradient);
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
      readers: node.inputs.map((input) => readers.get(input) ?? 0),
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
 * Emits a program into a larger graph.
 * @param bound values that stand for the inputs of their names; other inputs are those of the graph
 * @returns outputs and gradients by name
 * @throws KernelError graph-invalid when the loss is not a scalar or does not depend on an input
 */
export function emitProgram(
  emitter: Emitter,
  program: Program,
  bound: Values = new Map(),
): Map<string, Value> {
  const { graph, outputs, gradients } = program;
  if (gradients && gradients.of.shape.length > 0)
    throw new KernelError("graph-invalid", "only a scalar can be differentiated");
  const emitted = emitForward(emitter, graph, { needed: neededIn(program), bound });
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
  return values;
}

/**
 * Encodes a program for a target.
 * @throws KernelError graph-invalid when the loss is not a scalar or does not depend on an input
 */
export function lower(program: Program, target: Target): Lowered {
  const emitter = new Emitter(target);
  const values = emitProgram(emitter, program);
  const needed = neededIn(program);
  const inputs = program.graph.nodes.filter(
    (node) => node.operation === undefined && needed[node.id],
  );
  const bytes = emitter.encode(
    inputs.map(({ name, shape, type }) => ({ name, shape, type })),
    values,
  );
  return { bytes, nodes: emitter.size };
}
