/** @file How much an engine takes on at once: its state's bytes, and the sequences of one run that the rest of the memory has room for. */
import { KernelError } from "../errors.ts";
import { floatsOf } from "../exact/exact.ts";
import {
  activationBytes,
  largestEvaluationBatch,
  largestMicroBatch,
  type StateBytes,
  stateBytes,
} from "../nn/memory.ts";
import { layoutOf, specsOf } from "../nn/model.ts";
import { hasMomentum, OUTER_DEFAULT } from "../optim/outer.ts";
import type { DeviceName, EngineOptions } from "./calls.ts";
import { parametersIn, scratchOf, type ShardNeeds } from "./shard.ts";
import { slicesOf } from "./shards.ts";

/** Sequences of one run of a graph, by what it is run for. */
export type RunSizes = {
  readonly train: number;
  readonly evaluate: number;
  /** Whether training computes layers again. */
  readonly recompute: boolean;
};

/** Of free memory, what activations may take beside the state: estimates are not exact, and others live here too. */
const ACTIVATIONS_SHARE = 0.7;

/** Tokens whose activations stay in the caches of a CPU: above, a token costs up to half more, far below, the products are too thin. */
const CACHED_TOKENS = 512;

/** What the state of an engine that trains in micro-batches takes, with all that its optimisers need. @throws KernelError bad-config */
export function footprintOf({
  model,
  momentBits = 32,
  innerOptimizer,
  outerOptimizer = OUTER_DEFAULT,
  shardBytes,
}: Pick<
  EngineOptions,
  "model" | "momentBits" | "innerOptimizer" | "outerOptimizer" | "shardBytes"
>): StateBytes {
  const layout = layoutOf(specsOf(model));
  const needs: ShardNeeds = {
    momentBits,
    inner: innerOptimizer.kind ?? "adamw",
    hasMomentum: hasMomentum(outerOptimizer),
  };
  const slices = slicesOf(layout, parametersIn(floatsOf(shardBytes), layout, needs));
  return stateBytes(layout.total, {
    ...needs,
    accumulates: true,
    scratchFloats: slices.reduce((sum, slice) => sum + scratchOf(slice.layout, needs), 0),
  });
}

/** Bytes that activations may take on this machine beside the state of such an engine. @throws KernelError bad-config */
export function roomOf(options: Parameters<typeof footprintOf>[0]): number {
  const state = Object.values(footprintOf(options)).reduce((sum, bytes) => sum + bytes, 0);
  return (process.availableMemory() - state) * ACTIVATIONS_SHARE;
}

/** Sequences of one evaluation run: on the CPU no more than the caches hold. */
function evaluationBatchOf({ evaluationBatch, model }: EngineOptions, device: DeviceName): number {
  if (device !== "cpu") return evaluationBatch;
  return Math.min(evaluationBatch, Math.max(1, Math.floor(CACHED_TOKENS / model.context)));
}

/** @throws KernelError bad-config if the micro-batch does not divide the batch */
export function sizesOf(options: EngineOptions, device: DeviceName): RunSizes {
  const { model, batch, microBatch } = options;
  const counts = Number.isSafeInteger(batch / (microBatch ?? 1)) && (microBatch ?? 1) >= 1;
  if (!counts || !Number.isSafeInteger(microBatch ?? 1))
    throw new KernelError(
      "bad-config",
      `a micro-batch of ${microBatch} does not divide the batch of ${batch}`,
    );
  const free = roomOf(options);
  const recompute = options.recompute ?? activationBytes(model) > free;
  return {
    recompute,
    train: microBatch ?? largestMicroBatch(model, batch, { bytes: free, recompute }),
    evaluate: largestEvaluationBatch(model, evaluationBatchOf(options, device), free),
  };
}
