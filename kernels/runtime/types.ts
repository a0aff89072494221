/** @file What passes between a role and its engine: options, requests, results. */
import { type SparseUpdate } from "../exact/sparse.ts";
import { type ModelConfig } from "../nn/model.ts";
import { type InnerOptimizer } from "../optim/adamw.ts";

/** A device by onnxruntime's name of its execution provider. */
export type DeviceName = "cuda" | "webgpu" | "cpu";

/** What to build an engine for. */
export interface EngineOptions {
  readonly model: ModelConfig;
  /** Sequences of one training step. */
  readonly batch: number;
  /** Sequences of one evaluation run; `losses` pads to it. */
  readonly evaluationBatch: number;
  /** Threads of one onnxruntime run on the CPU (default 1). */
  readonly threads?: number;
  /** `auto` (default) tries cuda, webgpu, cpu in this order. */
  readonly device?: "auto" | DeviceName;
  readonly innerOptimizer: InnerOptimizer;
}

/** What startEngine hands to its worker. */
export interface WorkerData {
  readonly options: EngineOptions;
  readonly gpuLock: Int32Array<SharedArrayBuffer>;
}

/** Which device was chosen, and why the ones before it were not. */
export interface DeviceReport {
  readonly chosen: DeviceName;
  readonly refused: readonly { readonly device: DeviceName; readonly reason: string }[];
}

/** Steps of training. */
export interface TrainRequest {
  /** steps * batch sequences of context + 1 token ids. */
  readonly tokens: Int32Array;
  /** One learning rate per step; its length is the number of steps. */
  readonly learningRates: Float32Array;
}

/** How to make an update out of what training moved (docs/protocol.md#9-miner-state). */
export interface CompressRequest {
  /** Coordinates kept of a full chunk. */
  readonly k: number;
  /** Coordinates of a chunk. */
  readonly chunk: number;
  /** Decay of the error feedback. */
  readonly beta: number;
}

/** An update to send, and each tensor's norm of what is sent. */
export interface CompressResult {
  readonly update: SparseUpdate;
  readonly tensorNorms: Float64Array;
}

/** The accepted updates of a window (docs/protocol.md#8-outer-step). */
export interface OuterStepRequest {
  /** In ascending uid. */
  readonly updates: readonly SparseUpdate[];
  /** Outer learning rate. */
  readonly alpha: number;
  /** Divide by the peers that chose a coordinate, or by all peers. */
  readonly mean: "choosers" | "all";
}

/** Sequences to evaluate at theta, or at theta - factor * update. */
export interface LossesRequest {
  /** Any number of sequences of context + 1 token ids. */
  readonly tokens: Int32Array;
  readonly update?: SparseUpdate;
  /** Default 1. */
  readonly factor?: number;
}

/** The miner's state that is not consensus; vectors are flat and padded like the parameters. */
export interface MomentState {
  /** Own steps so far. */
  readonly step: number;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Error feedback. */
  readonly e: Float32Array;
}

/** Text to continue. */
export interface SampleRequest {
  readonly prompt: Int32Array;
  /** Tokens to draw. */
  readonly count: number;
  /** Default 1; 0 always takes the likeliest token. */
  readonly temperature?: number;
  readonly seed: number;
}

/**
 * The calls that an engine answers: parameters theta, a working copy that trains, AdamW's moments, the error feedback.
 * Every call may reject with a KernelError: `bad-argument`, `not-finite`, `worker-crashed` (this engine is lost) or `closed`.
 */
export interface EngineCalls {
  /** Replaces theta; `theta` is flat and padded as the layout says, and finite. */
  setParameters(theta: Float32Array): Promise<void>;
  /** A copy of theta. */
  parameters(): Promise<Float32Array>;
  /**
   * Trains a working copy that starts at theta, and leaves theta alone; moments and step count go on from call to call.
   * After `not-finite` the working copy is theta again; the moments keep the steps before the failing one.
   */
  train(request: TrainRequest): Promise<{ losses: Float32Array }>;
  /** theta = the working copy: training without an outer step, as the single-node baseline does. */
  adoptWorking(): Promise<void>;
  /** Adds theta - working copy to the error feedback, cuts an update out of it and leaves the rest there. */
  compress(request: CompressRequest): Promise<CompressResult>;
  /** Puts an update that was not accepted back into the error feedback. */
  restoreSent(update: SparseUpdate): Promise<void>;
  /** Moves theta by the accepted updates, to the same bits on every machine. */
  outerStep(request: OuterStepRequest): Promise<void>;
  /** Mean loss of each sequence in nats per token. */
  losses(request: LossesRequest): Promise<Float64Array>;
  /** A copy of the state to keep across restarts. */
  momentState(): Promise<MomentState>;
  /** Restores what momentState returned. */
  setMomentState(state: MomentState): Promise<void>;
  /** Steps, moments and error feedback to zero. */
  resetMoments(): Promise<void>;
  /** Draws tokens that continue a prompt, at theta. */
  sample(request: SampleRequest): Promise<Int32Array>;
}
