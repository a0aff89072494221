/** @file The two architectures as IR graphs: from token ids to logits. Read it top to bottom: it is the definition of the models. */
import type { Graph, Node } from "../graph/ir.ts";
import { causalSoftmax, gelu, layerNorm, rmsNorm, swiglu } from "../graph/layer-operations.ts";
import { rotary } from "../graph/rotary.ts";
import {
  add,
  embedding,
  linear,
  matMul,
  reshape,
  transpose,
} from "../graph/structure-operations.ts";
import { type ModelConfig, specsOf } from "./model.ts";

/** A model inside a graph. */
type Model = {
  /** The parameters' input nodes, in manifest order, named as in the manifest. */
  readonly parameters: readonly Node[];
  /** Values before the head, [batch * context, width]. */
  readonly features: Node;
  /** The tied head's matrix, [vocabulary, width]. */
  readonly head: Node;
};

/** What the layers share while a graph is built. */
type Builder = {
  readonly graph: Graph;
  readonly config: ModelConfig;
  readonly batch: number;
  readonly parameter: (name: string) => Node;
};

function norm({ graph, config, parameter }: Builder, x: Node, name: string): Node {
  const operation = config.architecture === "llama" ? rmsNorm : layerNorm;
  return graph.apply(operation, [x, parameter(name)], { epsilon: config.normEpsilon });
}

/** [batch * context, heads * size] -> [batch, heads, context, size], rotated where the architecture asks for it. */
function splitHeads(builder: Builder, x: Node, heads: number, rotated: boolean): Node {
  const { graph, config, batch } = builder;
  const { context, ropeBase } = config;
  const shape = [batch, context, heads, x.shape[1]! / heads];
  const wide = graph.apply(reshape, [x], { shape });
  const split = graph.apply(transpose, [wide], { permutation: [0, 2, 1, 3] });
  return rotated ? graph.apply(rotary, [split], { base: ropeBase }) : split;
}

/**
 * Causal self-attention. The queries of one group of heads are stacked along the positions, so grouped-query
 * attention is the same batched product as plain attention and no key is copied.
 */
function attention(builder: Builder, x: Node, residual: Node, layer: string): Node {
  const { graph, config, batch, parameter } = builder;
  const { heads, keyValueHeads, width, context, architecture } = config;
  const size = width / heads;
  const rotated = architecture === "llama";
  const project = (part: string): Node =>
    graph.apply(linear, [x, parameter(`${layer}.${part}`)], {});
  const query = splitHeads(builder, project("query"), heads, rotated);
  const key = splitHeads(builder, project("key"), keyValueHeads, rotated);
  const value = splitHeads(builder, project("value"), keyValueHeads, false);
  const rows = (heads / keyValueHeads) * context;
  const stacked = graph.apply(reshape, [query], { shape: [batch, keyValueHeads, rows, size] });
  const alpha = 1 / Math.sqrt(size);
  const scores = graph.apply(matMul, [stacked, key], { transposeB: true, alpha });
  const square = graph.apply(reshape, [scores], { shape: [batch, heads, context, context] });
  const shares = graph.apply(causalSoftmax, [square], {});
  const flat = graph.apply(reshape, [shares], { shape: [batch, keyValueHeads, rows, context] });
  const mixed = graph.apply(matMul, [flat, value], { transposeB: false, alpha: 1 });
  const apart = graph.apply(reshape, [mixed], { shape: [batch, heads, context, size] });
  const together = graph.apply(transpose, [apart], { permutation: [0, 2, 1, 3] });
  const merged = graph.apply(reshape, [together], { shape: [batch * context, width] });
  return graph.apply(linear, [merged, parameter(`${layer}.output`), residual], {});
}

function feedForward(builder: Builder, x: Node, residual: Node, layer: string): Node {
  const { graph, config, parameter } = builder;
  const up = graph.apply(linear, [x, parameter(`${layer}.up`)], {});
  const inner =
    config.architecture === "llama"
      ? graph.apply(swiglu, [graph.apply(linear, [x, parameter(`${layer}.gate`)], {}), up], {})
      : graph.apply(gelu, [up], {});
  return graph.apply(linear, [inner, parameter(`${layer}.down`), residual], {});
}

function embed(builder: Builder, ids: Node): Node {
  const { graph, config, batch, parameter } = builder;
  const { architecture, context, width } = config;
  const x = graph.apply(embedding, [parameter("embedding"), ids], {});
  if (architecture === "llama") return x;
  const apart = graph.apply(reshape, [x], { shape: [batch, context, width] });
  const placed = graph.apply(add, [apart, parameter("positions")], {});
  return graph.apply(reshape, [placed], { shape: [batch * context, width] });
}

/**
 * Adds a model to a graph.
 * @param ids int32 [batch * context], sequence after sequence
 */
export function buildModel(graph: Graph, config: ModelConfig, ids: Node, batch: number): Model {
  const parameters = specsOf(config).map(({ name, shape }) => graph.input(name, shape));
  const byName = new Map(parameters.map((node) => [node.name, node]));
  const builder: Builder = { graph, config, batch, parameter: (name) => byName.get(name)! };
  let x = embed(builder, ids);
  for (let i = 0; i < config.layers; i++) {
    graph.segment = i + 1;
    const attending = `layers.${i}.attention`;
    x = attention(builder, norm(builder, x, `${attending}.norm`), x, attending);
    const feeding = `layers.${i}.feedForward`;
    x = feedForward(builder, norm(builder, x, `${feeding}.norm`), x, feeding);
  }
  graph.segment = 0;
  return { parameters, features: norm(builder, x, "norm"), head: byName.get("embedding")! };
}
