/** @file Encodes a graph as an ONNX model: IR version 10, a set of ONNX's operators, and com.microsoft 1 (onnx/onnx.proto3 holds the field numbers). */
import type { Shape } from "../tensor.ts";
import { ProtobufWriter } from "./protobuf.ts";

const IR_VERSION = 10;
/** Domain of onnxruntime's own operators. */
export const MICROSOFT = "com.microsoft";

/** Element types in use, with TensorProto.DataType's numbers. */
const ELEMENT_CODES = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/** Type of a tensor's elements. */
export type ElementType = keyof typeof ELEMENT_CODES;

/** A value of the graph: a name with a static shape. */
export type Value = {
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
};

/** An attribute; `float` marks numbers that ONNX wants as float, plain numbers are integers, `body` is a graph inside a node (of a Loop). */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly body: OnnxGraph };

/** One ONNX node. */
export type OnnxNode = {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
};

/** A constant stored in the model. */
export type Initializer = Value & {
  readonly data: Float32Array | Int32Array | BigInt64Array;
};

/** A graph: the whole one, or the body of a node, which may also read the values of the graph around it. */
export type OnnxGraph = {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
};

/** The number that ONNX gives an element type (also the `to` attribute of Cast). */
export function elementCode(type: ElementType): number {
  return ELEMENT_CODES[type];
}

function writeAttribute(writer: ProtobufWriter, name: string, value: Attribute): void {
  writer.string(1, name);
  if (typeof value === "number") writer.integer(3, value).integer(20, 2);
  else if (typeof value === "string") writer.string(4, value).integer(20, 3);
  else if ("float" in value) writer.float(2, value.float).integer(20, 1);
  else if ("body" in value)
    writer.message(6, (body) => writeGraph(body, value.body)).integer(20, 5);
  else {
    for (const item of value) writer.integer(8, item);
    writer.integer(20, 7);
  }
}

function writeNode(writer: ProtobufWriter, node: OnnxNode, index: number): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, `n${index}`).string(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes))
    writer.message(5, (attribute) => writeAttribute(attribute, name, value));
  if (node.domain !== "") writer.string(7, node.domain);
}

function writeInitializer(writer: ProtobufWriter, { data, name, shape, type }: Initializer): void {
  for (const axis of shape) writer.integer(1, axis);
  writer.integer(2, ELEMENT_CODES[type]).string(8, name);
  writer.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue(writer: ProtobufWriter, { name, shape, type }: Value): void {
  writer.string(1, name).message(2, (wrapper) =>
    wrapper.message(1, (tensor) =>
      tensor.integer(1, ELEMENT_CODES[type]).message(2, (axes) => {
        for (const axis of shape) axes.message(1, (dimension) => dimension.integer(1, axis));
      }),
    ),
  );
}

function writeGraph(writer: ProtobufWriter, graph: OnnxGraph): void {
  graph.nodes.forEach((node, i) => writer.message(1, (inner) => writeNode(inner, node, i)));
  writer.string(2, "assay");
  for (const item of graph.initializers)
    writer.message(5, (inner) => writeInitializer(inner, item));
  for (const item of graph.inputs) writer.message(11, (inner) => writeValue(inner, item));
  for (const item of graph.outputs) writer.message(12, (inner) => writeValue(inner, item));
}

/** The bytes of an ONNX ModelProto. @param operatorSet version of ONNX's operators */
export function encodeModel(graph: OnnxGraph, operatorSet: number): Uint8Array {
  const writer = new ProtobufWriter();
  writer.integer(1, IR_VERSION).string(2, "assay");
  writer.message(7, (body) => writeGraph(body, graph));
  writer.message(8, (set) => set.string(1, "").integer(2, operatorSet));
  writer.message(8, (set) => set.string(1, MICROSOFT).integer(2, 1));
  return writer.finish();
}
