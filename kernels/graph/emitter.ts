/** @file Collects ONNX nodes with static shapes: the instruction set that forward and backward rules are written in. */
import { broadcastShape, sameShape, shapeError, sizeOf, type Shape } from "../tensor.ts";
import {
  elementCode,
  encodeModel,
  MICROSOFT,
  type Attribute,
  type ElementType,
  type Initializer,
  type OnnxGraph,
  type OnnxNode,
  type Value,
} from "./onnx.ts";
import { bodiesOf, leavesLast } from "./order.ts";

/**
 * What the execution provider has good kernels for. The CPU provider takes onnxruntime's own operators;
 * the WebGPU provider would silently run them on the CPU, so it gets standard operators only.
 */
export type Target = {
  /** FusedMatMul, SimplifiedLayerNormalization and RotaryEmbedding are used instead of several standard nodes. */
  readonly microsoftOperators: boolean;
};

/** Flags of a two-dimensional product. */
type GemmOptions = {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Added to the product. */
  readonly addend?: Value | undefined;
};

/** Flags of a batched product. */
type MatMulOptions = {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Factor of the product. */
  readonly alpha?: number;
};

type Unary = "Sigmoid" | "Sqrt" | "Reciprocal" | "Log" | "Neg" | "Exp";

const swapLast = (shape: Shape): number[] => {
  const axes = shape.map((_, i) => i);
  return [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
};

/** @throws KernelError shape-mismatch */
function productShape(a: Shape, b: Shape, { transposeA, transposeB }: GemmOptions): Shape {
  const [rows, inner] = transposeA === true ? a.toReversed() : a;
  const [innerB, columns] = transposeB === true ? b.toReversed() : b;
  if (inner !== innerB || a.length !== 2 || b.length !== 2) throw shapeError("Gemm", a, b);
  return [rows!, columns!];
}

/** Operators that only copy: to copy again in the backward pass takes less than to keep the copy till then. */
const COPIES: ReadonlySet<string> = new Set(["Slice", "Split"]);

/** Columns of a product that onnxruntime does at once; it reads the left factor anew for every such strip. */
const STRIP = 128;

/**
 * Whether a product a^T b of this shape takes longer than (b^T a)^T: the left factor is transposed once a strip, the right one is packed
 * once, and the result of the second form is copied.
 */
function isWide([rows = 0, columns = 0]: Shape): boolean {
  const read = (left: number, right: number): number => left * Math.ceil(right / STRIP) + right;
  return columns <= 4 * STRIP && read(columns, rows) * 1.3 < read(rows, columns);
}

/** Builds one ONNX graph; every method adds nodes and returns the value they produce. */
export class Emitter {
  readonly target: Target;
  readonly #prefix: string;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #constants = new Map<string, Value>();
  /** Outputs by what they are computed from: equal nodes are one. */
  readonly #known = new Map<string, Value[]>();
  #count = 0;
  /** Part of the key of nodes that shall not be one with earlier ones; 0 for all others. */
  #pass = 0;

  /** @param prefix of every name: a body inside a node needs one, because it sees the names around it */
  constructor(target: Target, prefix = "") {
    this.target = target;
    this.#prefix = prefix;
  }

  /** A node with one output. */
  node(
    operator: string,
    inputs: readonly Value[],
    shape: Shape,
    options: {
      attributes?: Readonly<Record<string, Attribute>>;
      domain?: string;
      type?: ElementType;
    } = {},
  ): Value {
    const type = options.type ?? inputs[0]?.type ?? "float32";
    return this.nodeWithOutputs(operator, inputs, { ...options, outputs: [{ shape, type }] })[0]!;
  }

  /** What `emit` adds is computed on its own, even where equal nodes are there already. */
  again<T>(emit: () => T): T {
    this.#pass = this.#count + 1;
    const emitted = emit();
    this.#pass = 0;
    return emitted;
  }

  /** A node with several outputs. */
  nodeWithOutputs(
    operator: string,
    inputs: readonly Value[],
    options: {
      outputs: readonly { readonly shape: Shape; readonly type: ElementType }[];
      attributes?: Readonly<Record<string, Attribute>>;
      domain?: string;
    },
  ): Value[] {
    const { domain = "", attributes = {} } = options;
    const from = inputs.map((input) => input.name);
    // A node with a graph inside is never another one's equal: it is made once.
    const isPlain = bodiesOf({ attributes }).length === 0;
    const key = isPlain ? JSON.stringify([operator, domain, attributes, from, this.#pass]) : null;
    const known = key === null ? undefined : this.#known.get(key);
    if (known && !COPIES.has(operator)) return known;
    const outputs = options.outputs.map((output) => ({
      ...output,
      name: `${this.#prefix}${operator}_${this.#count++}`,
    }));
    this.#nodes.push({
      operator,
      domain,
      inputs: from,
      outputs: outputs.map((output) => output.name),
      attributes,
    });
    if (key !== null) this.#known.set(key, outputs);
    return outputs;
  }

  /** A constant tensor, stored once per key. */
  constant(key: string, shape: Shape, data: () => Initializer["data"]): Value {
    const known = this.#constants.get(key);
    if (known) return known;
    const values = data();
    const type: ElementType =
      values instanceof Float32Array ? "float32" : values instanceof Int32Array ? "int32" : "int64";
    const value = { name: `${this.#prefix}c_${this.#count++}`, shape, type };
    this.#initializers.push({ ...value, data: values });
    this.#constants.set(key, value);
    return value;
  }

  /** A float32 scalar constant. */
  scalar(value: number): Value {
    return this.constant(`scalar ${value}`, [], () => Float32Array.of(value));
  }

  /** An int64 vector constant, as shapes and axes are given. */
  indices(values: readonly number[]): Value {
    return this.constant(`indices ${values.join(" ")}`, [values.length], () =>
      BigInt64Array.from(values, BigInt),
    );
  }

  /**
   * a + b with broadcasting.
   * @throws KernelError shape-mismatch
   */
  add(a: Value, b: Value): Value {
    return this.node("Add", [a, b], broadcastShape(a.shape, b.shape));
  }

  /**
   * a - b with broadcasting.
   * @throws KernelError shape-mismatch
   */
  subtract(a: Value, b: Value): Value {
    return this.node("Sub", [a, b], broadcastShape(a.shape, b.shape));
  }

  /**
   * a b, element by element, with broadcasting.
   * @throws KernelError shape-mismatch
   */
  multiply(a: Value, b: Value): Value {
    return this.node("Mul", [a, b], broadcastShape(a.shape, b.shape));
  }

  /** A function of each element. */
  unary(operator: Unary, a: Value): Value {
    return this.node(operator, [a], a.shape);
  }

  /** The same numbers in another type. */
  cast(a: Value, type: ElementType): Value {
    if (a.type === type) return a;
    return this.node("Cast", [a], a.shape, { attributes: { to: elementCode(type) }, type });
  }

  /**
   * The same values under another shape.
   * @throws KernelError shape-mismatch if the sizes differ
   */
  reshape(a: Value, shape: Shape): Value {
    if (sameShape(a.shape, shape)) return a;
    if (sizeOf(a.shape) !== sizeOf(shape)) throw shapeError("Reshape", a.shape, shape);
    return this.node("Reshape", [a, this.indices(shape)], shape);
  }

  /** Axis i of the result is axis permutation[i] of the input. */
  transpose(a: Value, permutation: readonly number[]): Value {
    const shape = permutation.map((axis) => a.shape[axis]!);
    return this.node("Transpose", [a], shape, { attributes: { perm: permutation } });
  }

  /** Consecutive parts of the given sizes along an axis. */
  split(a: Value, axis: number, sizes: readonly number[]): Value[] {
    if (sizes.length === 1) return [a];
    const outputs = sizes.map((size) => ({ shape: a.shape.with(axis, size), type: a.type }));
    return this.nodeWithOutputs("Split", [a, this.indices(sizes)], {
      outputs,
      attributes: { axis },
    });
  }

  /** Positions [start, end) of an axis. */
  slice(a: Value, axis: number, start: number, end: number): Value {
    const bounds = [[start], [end], [axis]].map((value) => this.indices(value));
    return this.node("Slice", [a, ...bounds], a.shape.with(axis, end - start));
  }

  /** Values one behind the other along an axis. */
  concat(parts: readonly Value[], axis: number): Value {
    const [first] = parts;
    if (parts.length === 1) return first!;
    const total = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    return this.node("Concat", parts, first!.shape.with(axis, total), { attributes: { axis } });
  }

  /** The same values along axes of size 1 that grow to those of `shape`. */
  expand(a: Value, shape: Shape): Value {
    if (sameShape(a.shape, shape)) return a;
    return this.node("Expand", [a, this.indices(shape)], shape);
  }

  /** Zeros, made when the graph runs, so that they take no room in the model. */
  zeros(shape: Shape): Value {
    return this.expand(this.scalar(0), shape);
  }

  /**
   * `data` with updates[i][j] put, or added in order, at position index[i][j] of an axis, the other position staying. int32 index and updates have
   * one shape. Not for GPUs: where an index occurs twice they add in any order.
   */
  scatterElements(
    data: Value,
    index: Value,
    updates: Value,
    { axis, reduction }: { readonly axis: number; readonly reduction: "none" | "add" },
  ): Value {
    return this.node("ScatterElements", [data, index, updates], data.shape, {
      attributes: { axis, reduction },
    });
  }

  /** Sum over `axes`, which stay as axes of size 1 if `keepAxes` is set. */
  reduceSum(a: Value, axes: readonly number[], keepAxes: boolean): Value {
    return this.#reduce("ReduceSum", a, axes, keepAxes);
  }

  /** Mean over `axes`, likewise. */
  reduceMean(a: Value, axes: readonly number[], keepAxes: boolean): Value {
    return this.#reduce("ReduceMean", a, axes, keepAxes);
  }

  /** Largest over `axes`, which stay as axes of size 1. */
  reduceMax(a: Value, axes: readonly number[]): Value {
    return this.#reduce("ReduceMax", a, axes, true);
  }

  /**
   * a b of matrices, each transposed on request, plus an optional addend.
   * @throws KernelError shape-mismatch
   */
  gemm(a: Value, b: Value, options: GemmOptions = {}): Value {
    const { transposeA = false, transposeB = false, addend } = options;
    const shape = productShape(a.shape, b.shape, options);
    if (transposeA && !transposeB && this.target.microsoftOperators && !addend && isWide(shape))
      return this.transpose(this.gemm(b, a, { transposeA }), [1, 0]);
    return this.node("Gemm", addend ? [a, b, addend] : [a, b], shape, {
      attributes: { transA: Number(transposeA), transB: Number(transposeB) },
    });
  }

  /**
   * alpha a b over the last two axes; the leading axes are equal.
   * @throws KernelError shape-mismatch
   */
  matMul(a: Value, b: Value, options: MatMulOptions = {}): Value {
    const { transposeA = false, transposeB = false, alpha = 1 } = options;
    const left = transposeA ? swapLast(a.shape).map((axis) => a.shape[axis]!) : a.shape;
    const right = transposeB ? swapLast(b.shape).map((axis) => b.shape[axis]!) : b.shape;
    if (left.at(-1) !== right.at(-2) || !sameShape(left.slice(0, -2), right.slice(0, -2)))
      throw shapeError("MatMul", a.shape, b.shape);
    const shape = [...left.slice(0, -1), right.at(-1)!];
    if (this.target.microsoftOperators) {
      const flags = { transA: Number(transposeA), transB: Number(transposeB) };
      const attributes = { ...flags, alpha: { float: alpha } };
      return this.node("FusedMatMul", [a, b], shape, { domain: MICROSOFT, attributes });
    }
    const turn = (x: Value, turned: boolean): Value =>
      turned ? this.transpose(x, swapLast(x.shape)) : x;
    const product = this.node("MatMul", [turn(a, transposeA), turn(b, transposeB)], shape);
    return alpha === 1 ? product : this.multiply(product, this.scalar(alpha));
  }

  /** Sums a gradient over the axes along which a value of `shape` was broadcast. */
  unbroadcast(gradient: Value, shape: Shape): Value {
    if (sameShape(gradient.shape, shape)) return gradient;
    const lead = gradient.shape.length - shape.length;
    const axes = gradient.shape.flatMap((size, i) =>
      i < lead || (shape[i - lead] === 1 && size !== 1) ? [i] : [],
    );
    return this.reshape(this.reduceSum(gradient, axes, false), shape);
  }

  /** One row per id: 1 at the id's column, 0 elsewhere. ids: int32 [n]. */
  oneHot(ids: Value, classes: number): Value {
    const key = `one-hot ${ids.name} ${classes}`;
    const known = this.#constants.get(key);
    if (known) return known;
    const range = this.constant(`range ${classes}`, [1, classes], () =>
      Int32Array.from({ length: classes }, (_, i) => i),
    );
    const rows = ids.shape[0]!;
    const column = this.reshape(ids, [rows, 1]);
    const equal = this.node("Equal", [column, range], [rows, classes], { type: "bool" });
    const hot = this.cast(equal, "float32");
    this.#constants.set(key, hot);
    return hot;
  }

  /** The model's bytes. */
  encode(inputs: readonly Value[], outputs: ReadonlyMap<string, Value>): Uint8Array {
    return encodeModel(this.graph(inputs, outputs));
  }

  /** What was emitted, as a graph. Outputs are renamed in place, so no Identity node copies them. */
  graph(inputs: readonly Value[], outputs: ReadonlyMap<string, Value>): OnnxGraph {
    const renamed = new Map<string, string>();
    const values: Value[] = [];
    const produced = new Set(this.#nodes.flatMap((node) => node.outputs));
    for (const [name, value] of outputs) {
      const source =
        produced.has(value.name) && !renamed.has(value.name)
          ? value
          : this.again(() => this.node("Identity", [value], value.shape));
      renamed.set(source.name, name);
      values.push({ ...value, name });
    }
    const rename = (name: string): string => renamed.get(name) ?? name;
    const nodes = this.#nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    }));
    return { nodes: leavesLast(nodes), initializers: this.#initializers, inputs, outputs: values };
  }

  /** Number of nodes so far. */
  get size(): number {
    return this.#nodes.length;
  }

  #reduce(operator: string, a: Value, axes: readonly number[], keepAxes: boolean): Value {
    const shape = a.shape.flatMap((size, i) => (axes.includes(i) ? (keepAxes ? [1] : []) : [size]));
    return this.node(operator, [a, this.indices(axes)], shape, {
      attributes: { keepdims: Number(keepAxes) },
    });
  }
}
