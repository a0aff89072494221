/** @file The graphs that an engine runs: gradients of a batch, losses of sequences, logits of one position. */
import { Graph, type Node } from "../graph/ir.ts";
import { tokenLosses } from "../graph/layer-operations.ts";
import type { Program } from "../graph/lower.ts";
import { embedding, linear, mean } from "../graph/structure-operations.ts";
import type { ModelConfig } from "./model.ts";
import { buildModel } from "./transformer.ts";

/** Names of the inputs that are not parameters, and of the outputs. The gradient of tensor t is output `gradient.t`. */
export const NAMES = {
  ids: "tokens.ids",
  targets: "tokens.targets",
  position: "tokens.position",
  loss: "loss",
  losses: "losses",
  logits: "logits",
  gradient: (tensor: string): string => `gradient.${tensor}`,
} as const;

function lossesOf(
  graph: Graph,
  config: ModelConfig,
  batch: number,
): { losses: Node; parameters: readonly Node[] } {
  const count = batch * config.context;
  const ids = graph.input(NAMES.ids, [count], "int32");
  const targets = graph.input(NAMES.targets, [count], "int32");
  const { features, head, parameters } = buildModel(graph, config, ids, batch);
  const logits = graph.apply(linear, [features, head], {});
  return { losses: graph.apply(tokenLosses, [logits, targets], {}), parameters };
}

/** Mean loss of a batch and its gradient by every parameter. @param recompute whether layers are computed again for it */
export function trainingProgram(config: ModelConfig, batch: number, recompute = false): Program {
  const graph = new Graph();
  const { losses, parameters } = lossesOf(graph, config, batch);
  const loss = graph.apply(mean, [losses], {});
  const by = new Map(parameters.map((node) => [NAMES.gradient(node.name), node]));
  return { graph, outputs: new Map([[NAMES.loss, loss]]), gradients: { of: loss, by }, recompute };
}

/** Loss of every token, [batch * context]; the means are taken outside, in float64. */
export function evaluationProgram(config: ModelConfig, batch: number): Program {
  const graph = new Graph();
  const { losses } = lossesOf(graph, config, batch);
  return { graph, outputs: new Map([[NAMES.losses, losses]]) };
}

/** Logits of one position of one sequence, [1, vocabulary]; what stands behind the position does not matter. */
export function samplingProgram(config: ModelConfig): Program {
  const graph = new Graph();
  const ids = graph.input(NAMES.ids, [config.context], "int32");
  const position = graph.input(NAMES.position, [1], "int32");
  const { features, head } = buildModel(graph, config, ids, 1);
  const row = graph.apply(embedding, [features, position], {});
  const logits = graph.apply(linear, [row, head], {});
  return { graph, outputs: new Map([[NAMES.logits, logits]]) };
}
