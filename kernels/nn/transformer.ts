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
  /** The rows of the embedding that the tokens look up, [batch * context, width]. */
  readonly rows: Node;
};

/** The tensor that a model's head is. */
export const headOf = ({ untied }: ModelConfig): "head" | "embedding" =>
  untied === true ? "head" : "embedding";

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

/** Looked-up rows, with their positions where those are learned. */
function place({ graph, config, batch, parameter }: Builder, rows: Node): Node {
  const { architecture, context, width } = config;
  if (architecture === "llama") return rows;
  const apart = graph.apply(reshape, [rows], { shape: [batch, context, width] });
  const placed = graph.apply(add, [apart, parameter("positions")], {});
  return graph.apply(reshape, [placed], { shape: [batch * context, width] });
}

/**
 * Adds a model to a graph.
 * @param ids int32 [batch * context], sequence after sequence
 * @param table what the tokens look up: the embedding unless it is given
 */
export function buildModel(
  graph: Graph,
  config: ModelConfig,
  { ids, batch, table }: { readonly ids: Node; readonly batch: number; readonly table?: Node },
): Model {
  const parameters = specsOf(config).map(({ name, shape }) => graph.input(name, shape));
  const byName = new Map(parameters.map((node) => [node.name, node]));
  const builder: Builder = { graph, config, batch, parameter: (name) => byName.get(name)! };
  const rows = graph.apply(embedding, [table ?? byName.get("embedding")!, ids], {});
  let x = place(builder, rows);
  for (let i = 0; i < config.layers; i++) {
    graph.segment = i + 1;
    const attending = `layers.${i}.attention`;
    x = attend(builder, norm(builder, x, `${attending}.norm`), x, attending);
    const feeding = `layers.${i}.feedForward`;
    x = feedForward(builder, norm(builder, x, `${feeding}.norm`), x, feeding);
  }
  graph.segment = 0;
  return { parameters, rows, features: norm(builder, x, "norm") };
}
