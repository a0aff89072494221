/** @file The two architectures as IR graphs: from token ids to logits. Read it top to bottom: it is the definition of the models. */
import { attention } from "../graph/attention.ts";
import type { Graph, Node } from "../graph/ir.ts";
import { gelu, layerNorm, rmsNorm, swiglu } from "../graph/layer-operations.ts";
import { add, embedding, linear, reshape } from "../graph/structure-operations.ts";
import { type ModelConfig, specsOf } from "./model.ts";

/** A model inside a graph. */
type Model = {
  /** The parameters' input nodes, in manifest order, named as in the manifest. */
  readonly parameters: readonly Node[];
  /** Values before the head, [batch * context, width]. */
  readonly features: Node;
  /** The head's matrix, [vocabulary, width]: the embedding where it is tied. */
  readonly head: Node;
};

/** What the layers share while a graph is built. */
type Builder = {
  readonly graph: Graph;
  readonly config: ModelConfig;
  readonly batch: number;
  readonly parameter: (name: string) => Node;
};

/** Adds the bias of a tensor, where the model has biases. */
function biased({ graph, config, parameter }: Builder, x: Node, name: string): Node {
  return config.bias === true ? graph.apply(add, [x, parameter(`${name}.bias`)], {}) : x;
}

function norm(builder: Builder, x: Node, name: string): Node {
  const { graph, config, parameter } = builder;
  const operation = config.architecture === "llama" ? rmsNorm : layerNorm;
  const scaled = graph.apply(operation, [x, parameter(name)], { epsilon: config.normEpsilon });
  return biased(builder, scaled, name);
}

function attend(builder: Builder, x: Node, residual: Node, layer: string): Node {
  const { graph, config, batch, parameter } = builder;
  const { heads, keyValueHeads, context, architecture } = config;
  const parts = ["query", "key", "value"].map((part) =>
    biased(
      builder,
      graph.apply(linear, [x, parameter(`${layer}.${part}`)], {}),
      `${layer}.${part}`,
    ),
  );
  const ropeBase = architecture === "llama" ? config.ropeBase : undefined;
  const attributes = { batch, context, heads, keyValueHeads, ropeBase };
  const mixed = graph.apply(attention, parts, attributes);
  const output = graph.apply(linear, [mixed, parameter(`${layer}.output`), residual], {});
  return biased(builder, output, `${layer}.output`);
}

function feedForward(builder: Builder, x: Node, residual: Node, layer: string): Node {
  const { graph, config, parameter } = builder;
  const product = graph.apply(linear, [x, parameter(`${layer}.up`)], {});
  const up = biased(builder, product, `${layer}.up`);
  const inner =
    config.architecture === "llama"
      ? graph.apply(swiglu, [graph.apply(linear, [x, parameter(`${layer}.gate`)], {}), up], {})
      : graph.apply(gelu, [up], {});
  const down = graph.apply(linear, [inner, parameter(`${layer}.down`), residual], {});
  return biased(builder, down, `${layer}.down`);
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
    x = attend(builder, norm(builder, x, `${attending}.norm`), x, attending);
    const feeding = `layers.${i}.feedForward`;
    x = feedForward(builder, norm(builder, x, `${feeding}.norm`), x, feeding);
  }
  const head = byName.get(config.untied === true ? "head" : "embedding")!;
  graph.segment = 0;
  return { parameters, features: norm(builder, x, "norm"), head };
}
