/** @file The tensor IR: a graph of differentiable operations whose shapes are all known when it is built. */
import { KernelError } from "../errors.ts";
import type { Shape } from "../tensor.ts";
import type { Emitter } from "./emitter.ts";
import type { ElementType, Value } from "./onnx.ts";

/** What an operation's forward pass leaves behind: its result and whatever its backward rule reuses. */
export type Emitted = {
  readonly output: Value;
  readonly saved?: readonly Value[];
};

/** What a backward rule may use. */
export type BackwardContext<A> = {
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly saved: readonly Value[];
  readonly attributes: A;
  /** d loss / d output. */
  readonly gradient: Value;
  /** For each input, how many nodes read it. */
  readonly readers: readonly number[];
  /** For each input, the sum of its gradients from elsewhere, if the operation accumulates; otherwise undefined. */
  readonly before: readonly (Value | undefined)[];
  /** Which inputs need a gradient; the rule may return undefined for the others. */
  readonly needed: readonly boolean[];
};

/** A differentiable operation: shape rule, ONNX emission and backward rule. Its float64 twin is in reference/. */
export type Operation<A> = {
  readonly name: string;
  /**
   * Shape of the result.
   * @throws KernelError shape-mismatch
   */
  shape(inputs: readonly Shape[], attributes: A): Shape;
  /** Emits the forward pass. */
  emit(emitter: Emitter, inputs: readonly Value[], attributes: A): Emitted;
  /** The backward rule adds `before` to what it returns, at less than the price of an Add. */
  readonly accumulates?: boolean;
  /** Costs so little that the backward pass computes a large result again instead of keeping it. */
  readonly isLight?: boolean;
  /** Emits d loss / d input for each input. */
  backward(emitter: Emitter, context: BackwardContext<A>): readonly (Value | undefined)[];
};

/** A node of the IR: an input (no operation) or the result of an operation. */
export type Node = {
  readonly id: number;
  readonly shape: Shape;
  readonly type: ElementType;
  /** Name of an input. */
  readonly name: string;
  readonly operation: Operation<unknown> | undefined;
  readonly inputs: readonly Node[];
  readonly attributes: unknown;
  /** The segment that it was made in; 0 is none. */
  readonly segment: number;
};

/** A graph under construction; nodes are in the order in which they can be computed. */
export class Graph {
  readonly nodes: Node[] = [];
  /** Nodes made from now on belong to this segment, which the backward pass may compute again instead of keeping it; 0 is none. */
  segment = 0;

  /**
   * A value that is fed at run time.
   * @throws KernelError graph-invalid if the name is taken
   */
  input(name: string, shape: Shape, type: ElementType = "float32"): Node {
    if (this.nodes.some((node) => node.operation === undefined && node.name === name))
      throw new KernelError("graph-invalid", `input ${name} exists already`, { details: { name } });
    return this.#push({
      name,
      shape,
      type,
      operation: undefined,
      inputs: [],
      attributes: undefined,
    });
  }

  /**
   * The result of an operation.
   * @throws KernelError shape-mismatch
   */
  apply<A>(operation: Operation<A>, inputs: readonly Node[], attributes: A): Node {
    const shape = operation.shape(
      inputs.map((input) => input.shape),
      attributes,
    );
    const fields = { name: operation.name, shape, type: "float32" as const, inputs, attributes };
    return this.#push({ ...fields, operation });
  }

  #push(fields: Omit<Node, "id" | "segment">): Node {
    const node = { id: this.nodes.length, segment: this.segment, ...fields };
    this.nodes.push(node);
    return node;
  }
}
