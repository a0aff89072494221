/** @file How many sequences one run of a graph takes: what the memory has room for, of the host or of a device. */
import { KernelError } from "../errors.ts";
import {
  activationBytes,
  largestEvaluationBatch,
  largestMicroBatch,
  parametersOf,
  stateBytes,
} from "../nn/memory.ts";
import type { DeviceName, EngineOptions } from "./calls.ts";

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

/** What a GPU is planned with where nobody said more: the smallest that people train with have 4 GiB and more. */
const DEVICE_MEMORY = 4 * 2 ** 30;

/**
 * Bytes that a device holds for each parameter: theta; parameters, moments and sum before a step and after it; the gradient, and the
 * tensors that parameters are cut into.
 */
const DEVICE_STATE_BYTES = 4 * (1 + 2 * 4 + 2);

/** @throws KernelError bad-config if the micro-batch does not divide the batch */
function checkMicroBatch({ batch, microBatch = 1 }: EngineOptions): void {
  const counts = Number.isSafeInteger(batch / microBatch) && microBatch >= 1;
  if (counts && Number.isSafeInteger(microBatch)) return;
  throw new KernelError(
    "bad-config",
    `a micro-batch of ${microBatch} does not divide the batch of ${batch}`,
  );
}

function fitting(options: EngineOptions, free: number, evaluationBatch: number): RunSizes {
  checkMicroBatch(options);
  const { model, batch, microBatch } = options;
  const bytes = free * ACTIVATIONS_SHARE;
  const recompute = options.recompute ?? activationBytes(model) > bytes;
  return {
    recompute,
    train: microBatch ?? largestMicroBatch(model, batch, { bytes, recompute }),
    evaluate: largestEvaluationBatch(model, evaluationBatch, bytes),
  };
}

function hostSizes(options: EngineOptions, parameters: number): RunSizes {
  const { momentBits = 32, evaluationBatch, model } = options;
  const state = stateBytes(parameters, { momentBits, accumulates: true });
  const vectors = Object.values(state).reduce((sum, bytes) => sum + bytes, 0);
  const cached = Math.max(1, Math.floor(CACHED_TOKENS / model.context));
  const free = process.availableMemory() - vectors;
  return fitting(options, free, Math.min(evaluationBatch, cached));
}

function deviceSizes(options: EngineOptions, parameters: number): RunSizes {
  const { deviceMemory = DEVICE_MEMORY, evaluationBatch } = options;
  return fitting(options, deviceMemory - parameters * DEVICE_STATE_BYTES, evaluationBatch);
}

/**
 * Of the CPU from the memory that is free now, of a GPU from what is said of its memory: what the host has free says nothing about it.
 * @throws KernelError bad-config if the micro-batch does not divide the batch
 */
export function runSizes(options: EngineOptions, device: DeviceName): RunSizes {
  const parameters = parametersOf(options.model);
  return device === "cpu" ? hostSizes(options, parameters) : deviceSizes(options, parameters);
}
