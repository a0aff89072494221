/** @file The graphs that an engine runs: gradients of a batch, losses of sequences, logits of one position. */
import { blockLosses } from "../graph/block-losses.ts";
import { Graph, type Node } from "../graph/ir.ts";
import { tokenLosses } from "../graph/layer-operations.ts";
import type { Program } from "../graph/lower.ts";
import { embedding, linear, mean } from "../graph/structure-operations.ts";
import type { ModelConfig } from "./model.ts";
import { buildModel, headOf } from "./transformer.ts";

/** Names of the inputs that are not parameters, and of the outputs. The gradient of tensor t is output `gradient.t`. */
export const NAMES = {
  ids: "tokens.ids",
  targets: "tokens.targets",
  position: "tokens.position",
  /** In place: the embedding, as the tokens look it up. */
  table: "tokens.table",
  /** In place: the gradient of the rows that the tokens look up, [batch * context, width]. */
  rows: "gradient.rows",
  loss: "loss",
  losses: "losses",
  logits: "logits",
  gradient: (tensor: string): string => `gradient.${tensor}`,
} as const;

/** Rows of a block of the head: its gradient and a strip of the logits stay in a core's cache. */
export const BLOCK_ROWS = 4096;

/** A run of the head's rows that a program in place has as an input of its own. */
export type HeadBlock = { readonly name: string; readonly start: number; readonly rows: number };

/**
 * Where parameters and gradients lie in memory of the caller's, who can hand over a part of a tensor without copying it. Such a program takes the
 * embedding as NAMES.table, and the head in blocks where it is large (they are inputs and gradients of their own then). The caller adds
 * the gradient NAMES.rows to the embedding's: in a graph that would be a copy of the whole table.
 */
export type InPlace = {
  /** Rows of a block; by default as many as suit a core's cache. */
  readonly blockRows?: number;
};

/** The blocks of the head; none where it is small enough for one. */
export function headBlocks(
  config: ModelConfig,
  { blockRows = BLOCK_ROWS }: InPlace = {},
): readonly HeadBlock[] {
  const { vocabulary } = config;
  const count = Math.ceil(vocabulary / blockRows);
  if (count === 1) return [];
  return Array.from({ length: count }, (_, i) => {
    const start = i * blockRows;
    const rows = Math.min(blockRows, vocabulary - start);
    return { name: `${headOf(config)}[${start}]`, start, rows };
  });
}

/** What losses are computed from. */
type LossGraph = {
  readonly losses: Node;
  /** What to differentiate by, by the name of the gradient. */
  readonly by: ReadonlyMap<string, Node>;
};

function lossesOf(
  graph: Graph,
  config: ModelConfig,
  batch: number,
  inPlace: InPlace | undefined,
): LossGraph {
  const count = batch * config.context;
  const ids = graph.input(NAMES.ids, [count], "int32");
  const targets = graph.input(NAMES.targets, [count], "int32");
  const { vocabulary, width } = config;
  const table = inPlace && graph.input(NAMES.table, [vocabulary, width]);
  const model = buildModel(graph, config, { ids, batch, ...(table && { table }) });
  const head = headOf(config);
  const blocks = (inPlace ? headBlocks(config, inPlace) : []).map(({ name, rows }) =>
    graph.input(name, [rows, width]),
  );
  const isWhole = ({ name }: Node): boolean =>
    !(blocks.length > 0 && name === head) && !(inPlace && head !== name && name === "embedding");
  const trained = [...model.parameters.filter(isWhole), ...blocks];
  const by = new Map(trained.map((node) => [NAMES.gradient(node.name), node]));
  if (inPlace) by.set(NAMES.rows, model.rows);
  if (blocks.length > 0)
    return { by, losses: graph.apply(blockLosses, [model.features, targets, ...blocks], {}) };
  const matrix = model.parameters.find(({ name }) => name === head)!;
  const logits = graph.apply(linear, [model.features, matrix], {});
  return { by, losses: graph.apply(tokenLosses, [logits, targets], {}) };
}

/** Mean loss of a batch and its gradient by every parameter. @param recompute whether layers are computed again for it */
export function trainingProgram(
  config: ModelConfig,
  batch: number,
  recompute = false,
  inPlace?: InPlace,
): Program {
  const graph = new Graph();
  const { losses, by } = lossesOf(graph, config, batch, inPlace);
  const loss = graph.apply(mean, [losses], {});
  return { graph, outputs: new Map([[NAMES.loss, loss]]), gradients: { of: loss, by }, recompute };
}

/** Loss of every token, [batch * context]; the means are taken outside, in float64. */
export function evaluationProgram(config: ModelConfig, batch: number, inPlace?: InPlace): Program {
  const graph = new Graph();
  const { losses } = lossesOf(graph, config, batch, inPlace);
  return { graph, outputs: new Map([[NAMES.losses, losses]]) };
}

/** Logits of one position of one sequence, [1, vocabulary]; what stands behind the position does not matter. */
export function samplingProgram(config: ModelConfig): Program {
  const graph = new Graph();
  const ids = graph.input(NAMES.ids, [config.context], "int32");
  const position = graph.input(NAMES.position, [1], "int32");
  const { features, parameters } = buildModel(graph, config, { ids, batch: 1 });
  const head = parameters.find(({ name }) => name === headOf(config))!;
  const row = graph.apply(embedding, [features, position], {});
  const logits = graph.apply(linear, [row, head], {});
  return { graph, outputs: new Map([[NAMES.logits, logits]]) };
}
