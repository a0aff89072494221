/** @file How much an engine takes on at once: its state's bytes, and the sequences of one run that the rest of the memory has room for, of the host or of a device. */
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

/** What a GPU is planned with beside the state where nobody said more: the smallest that people train with have 4 GiB, and large models have larger ones. */
const DEVICE_ROOM = 4 * 2 ** 30;

/**
 * Bytes that a device holds for each parameter: theta; parameters, moments and sum before a step and after it; the gradient, and the
 * tensors that parameters are cut into.
 */
const DEVICE_STATE_BYTES = 4 * (1 + 2 * 4 + 2);

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
function roomOf(options: Parameters<typeof footprintOf>[0]): number {
  const state = Object.values(footprintOf(options)).reduce((sum, bytes) => sum + bytes, 0);
  return (process.availableMemory() - state) * ACTIVATIONS_SHARE;
}

/** @throws KernelError bad-config if the micro-batch does not divide the batch */
function checkMicroBatch({ batch, microBatch = 1 }: EngineOptions): void {
  const counts = Number.isSafeInteger(batch / microBatch) && microBatch >= 1;
  if (counts && Number.isSafeInteger(microBatch)) return;
  throw new KernelError(
    "bad-config",
    `a micro-batch of ${microBatch} does not divide the batch of ${batch}`,
  );
}

/** @param bytes for activations @param evaluationBatch the most sequences of an evaluation run */
function fitting(options: EngineOptions, bytes: number, evaluationBatch: number): RunSizes {
  checkMicroBatch(options);
  const { model, batch, microBatch } = options;
  const recompute = options.recompute ?? activationBytes(model) > bytes;
  return {
    recompute,
    train: microBatch ?? largestMicroBatch(model, batch, { bytes, recompute }),
    evaluate: largestEvaluationBatch(model, evaluationBatch, bytes),
  };
}

function hostSizes(options: EngineOptions): RunSizes {
  const { evaluationBatch, model } = options;
  const cached = Math.max(1, Math.floor(CACHED_TOKENS / model.context));
  return fitting(options, roomOf(options), Math.min(evaluationBatch, cached));
}

function deviceSizes(options: EngineOptions, parameters: number): RunSizes {
  const state = parameters * DEVICE_STATE_BYTES;
  const { deviceMemory = state + DEVICE_ROOM, evaluationBatch } = options;
  const free = deviceMemory - state;
  return fitting(options, free * ACTIVATIONS_SHARE, evaluationBatch);
}

/**
 * Of the CPU from the memory that is free now, of a GPU from what is said of its memory: what the host has free says nothing about it.
 * @throws KernelError bad-config if the micro-batch does not divide the batch
 */
export function runSizes(options: EngineOptions, device: DeviceName): RunSizes {
  if (device === "cpu") return hostSizes(options);
  return deviceSizes(options, layoutOf(specsOf(options.model)).total);
}
