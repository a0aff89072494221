/** @file The encoder: golden bytes, the wire format's corners, and what must never be in a graph. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../../../kernels/graph/emitter.ts";
import { Graph } from "../../../kernels/graph/ir.ts";
import { lower } from "../../../kernels/graph/lower.ts";
import { ProtobufWriter } from "../../../kernels/graph/protobuf.ts";
import { linear, mean, reshape } from "../../../kernels/graph/structure-operations.ts";
import {
  evaluationProgram,
  samplingProgram,
  trainingProgram,
} from "../../../kernels/nn/programs.ts";
import { TARGETS, TINY } from "../support.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Strings of a model: operator names, domains and value names stand in it as plain text. */
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

test("protobuf: varints, negative integers, floats, nested messages", () => {
  // Examples of the protobuf encoding guide: 150 -> 96 01, "testing", and -1 as ten bytes.
  assert.equal(hex(new ProtobufWriter().integer(1, 150).finish()), "089601");
  assert.equal(hex(new ProtobufWriter().string(2, "testing").finish()), "120774657374696e67");
  assert.equal(hex(new ProtobufWriter().integer(1, -1).finish()), "08ffffffffffffffffff01");
  assert.equal(hex(new ProtobufWriter().float(2, 1).finish()), "150000803f");
  const nested = new ProtobufWriter().message(3, (inner) => inner.integer(1, 150)).finish();
  assert.equal(hex(nested), "1a03089601");
  assert.equal(new ProtobufWriter().bytes(20, new Uint8Array(300)).finish().length, 304);
});

test("a small model has golden bytes", () => {
  const emitter = new Emitter({ microsoftOperators: true });
  const a = { name: "a", shape: [2, 3], type: "float32" } as const;
  const b = { name: "b", shape: [4, 3], type: "float32" } as const;
  const product = emitter.gemm(a, b, { transposeB: true });
  const y = emitter.add(product, emitter.scalar(1));
  const bytes = emitter.encode([a, b], new Map([["y", y]]));
  assert.equal(hex(bytes), GOLDEN);
});

// Read once field by field against onnx.proto3 (see onnx.ts); a change of bytes must be meant.
const GOLDEN = [
  "080a120561737361793aa8010a360a01610a0162120647656d6d5f301a026e30220447656d6d2a0d0a067472616e7341",
  "1800a001022a0d0a067472616e73421801a001020a190a0647656d6d5f300a03635f311201791a026e31220341646412",
  "0561737361792a0d10014203635f314a040000803f5a130a0161120e0a0c080112080a0208020a0208035a130a016212",
  "0e0a0c080112080a0208040a02080362130a0179120e0a0c080112080a0208020a02080442040a00101742110a0d636f",
  "6d2e6d6963726f736f66741001",
].join("");

test("an output that is an input, or is named twice, goes through Identity", () => {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  const y = graph.apply(reshape, [x], { shape: [1, 2] });
  const { bytes } = lower(
    {
      graph,
      outputs: new Map([
        ["same", x],
        ["one", y],
        ["two", y],
        ["three", y],
      ]),
    },
    { microsoftOperators: true },
  );
  assert.equal(textOf(bytes).split("Identity").length - 1, 3);
});

test("shapes that do not fit are refused when the graph is built", () => {
  const graph = new Graph();
  const x = graph.input("x", [2, 3]);
  const w = graph.input("w", [4, 5]);
  assert.throws(
    () => graph.apply(linear, [x, w], {}),
    /shape-mismatch: linear does not fit \[2, 3\] and \[4, 5\]/,
  );
  assert.throws(() => graph.input("x", [1]), /graph-invalid: input x exists already/);
});

test("only a scalar that depends on the parameters can be differentiated", () => {
  const graph = new Graph();
  const x = graph.input("x", [2]);
  const other = graph.input("other", [2]);
  const loss = graph.apply(mean, [x], {});
  const target = { microsoftOperators: true };
  const by = (node: typeof x): ReadonlyMap<string, typeof x> => new Map([["d", node]]);
  assert.throws(
    () => lower({ graph, outputs: new Map(), gradients: { of: x, by: by(x) } }, target),
    /graph-invalid: only a scalar/,
  );
  assert.throws(
    () => lower({ graph, outputs: new Map(), gradients: { of: loss, by: by(other) } }, target),
    /graph-invalid: the loss does not depend on other/,
  );
});

test("traps 1 and 8: no ScatterND in any graph, no scatter and no CPU-only operator in a GPU graph", () => {
  for (const architecture of ["llama", "gpt2"] as const)
    for (const target of TARGETS) {
      const config = { ...TINY, architecture };
      for (const program of [
        trainingProgram(config, 2),
        evaluationProgram(config, 2),
        samplingProgram(config),
      ]) {
        const text = textOf(lower(program, target).bytes);
        for (const banned of ["ScatterND", "LogSoftmax", "Loop"])
          assert.ok(!text.includes(banned), `${architecture}: ${banned}`);
        const own = [
          "FusedMatMul",
          "SimplifiedLayerNormalization",
          "RotaryEmbedding",
          "QuickGelu",
          "GatedAdd",
          "Attention",
          "Scatter",
        ];
        if (!target.microsoftOperators)
          for (const banned of own) assert.ok(!text.includes(banned), `${architecture}: ${banned}`);
        else assert.ok(text.includes("Attention"));
      }
    }
});
