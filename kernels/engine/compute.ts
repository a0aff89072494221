/** @file What an engine leaves to onnxruntime: inner steps, losses, samples. One on the host, one in the process of a device. */
import type { SparseUpdate } from "../exact/sparse.ts";
import type { SampleRequest, TrainRequest } from "./calls.ts";

/**
 * Computes over the engine's state, in floats that need not be the same bits everywhere. Its calls must not overlap.
 * @throws KernelError device-lost, device-refused, not-finite, bad-argument
 */
export type Compute = {
  /** Own steps so far: those that the moments hold, after an error too. */
  step: number;
  /** Moves the state's working copy, which is theta when it begins, one step for each learning rate; the losses before each. */
  train(request: TrainRequest): Promise<Float32Array>;
  /**
   * Mean loss of each sequence at the state's theta.
   * @param moved where theta is not as `thetaChanged` last said, for this call: at the coordinates of an update, or anywhere
   */
  losses(tokens: Int32Array, moved?: SparseUpdate | "anywhere"): Promise<Float64Array>;
  sample(request: SampleRequest): Promise<Int32Array>;
  /** Theta was replaced or moved. */
  thetaChanged(): void;
  /** Moments and `step` were replaced. */
  momentsChanged(): void;
  /** The state's moments become those of `step`. */
  bringMoments(): Promise<void>;
  close(): Promise<void>;
};
