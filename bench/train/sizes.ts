/** @file The models that the training engine is measured on: Llama, one batch each. */
import type { ModelConfig } from "../../kernels/nn/model.ts";

/** A model with its batch, and how much of it one timed call does. */
export type Size = {
  readonly model: ModelConfig;
  /** Sequences of a training step. */
  readonly batch: number;
  /** Steps of one timed call. */
  readonly steps: number;
  /** Sequences that a candidate is evaluated on. */
  readonly evaluated: number;
  /** Steps over which the losses of both sides are compared. */
  readonly compared: number;
};

type Shape = Pick<ModelConfig, "layers" | "heads" | "width" | "hidden" | "context" | "vocabulary">;

const llama = (shape: Shape): ModelConfig => ({
  ...shape,
  architecture: "llama",
  keyValueHeads: shape.heads,
  ropeBase: 10000,
  normEpsilon: 1e-5,
});

const nano = { layers: 2, heads: 4, width: 64, hidden: 176, context: 64, vocabulary: 256 };
const small = { layers: 4, heads: 4, width: 128, hidden: 344, context: 64, vocabulary: 256 };
const medium = { layers: 6, heads: 6, width: 384, hidden: 1024, context: 256, vocabulary: 256 };
const large = {
  layers: 12,
  heads: 12,
  width: 768,
  hidden: 2048,
  context: 1024,
  vocabulary: 50257,
};

/** 0.1, 0.8, 10.7 and 124 million parameters. */
export const SIZES: ReadonlyMap<string, Size> = new Map([
  ["nano", { model: llama(nano), batch: 12, steps: 40, evaluated: 32, compared: 200 }],
  ["small", { model: llama(small), batch: 12, steps: 10, evaluated: 32, compared: 200 }],
  // PyTorch with AVX-512 and with AVX2 products is itself 9.3e-5 apart after ten steps of this one, and 2.4e-6 after eight.
  ["medium", { model: llama(medium), batch: 4, steps: 2, evaluated: 8, compared: 8 }],
  ["124m", { model: llama(large), batch: 1, steps: 1, evaluated: 1, compared: 2 }],
]);
