/** @file What the GPU tests share: an engine's core whose device is in this process or in one of its own. */
import { EngineCore } from "../../kernels/engine/core.ts";
import type { EngineOptions, TrainRequest } from "../../kernels/engine/calls.ts";
import type { Peer } from "../../kernels/engine/peer.ts";
import { initialParameters, type ModelConfig } from "../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import { tokenIds } from "../kernels/support.ts";

/** 15,000 parameters; sequences long enough that attention goes by blocks. */
export const MODEL: ModelConfig = {
  architecture: "llama",
  layers: 1,
  heads: 4,
  keyValueHeads: 2,
  width: 32,
  hidden: 64,
  context: 128,
  vocabulary: 96,
  ropeBase: 10000,
  normEpsilon: 1e-5,
};

/** Sequences of a step. */
export const BATCH = 4;

export const sequences = (count: number, seed: number, model = MODEL): Int32Array =>
  Int32Array.from(tokenIds(count * (model.context + 1), model.vocabulary, seed).data);

/** `steps` steps of training on tokens of their own. */
export const training = (steps: number, seed: number, model = MODEL): TrainRequest => ({
  tokens: sequences(steps * BATCH, seed, model),
  learningRates: new Float32Array(steps).fill(0.003),
});

/** A core at the first parameters. */
export async function open(
  device: "webgpu" | "cpu",
  more: Partial<EngineOptions> = {},
  start?: () => Peer,
): Promise<EngineCore> {
  const sizes = { batch: BATCH, evaluationBatch: 2, threads: 2 };
  const options = { model: MODEL, device, innerOptimizer: ADAMW_DEFAULTS, ...sizes, ...more };
  const core = await EngineCore.open(options, device, start);
  await core.setParameters(initialParameters(options.model, 1));
  return core;
}
