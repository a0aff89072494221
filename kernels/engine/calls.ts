/** @file The calls of an engine: what it is built from, what it can be asked, what it answers. */
import type { SparseUpdate } from "../exact/sparse.ts";
import type { MomentBits } from "../nn/memory.ts";
import type { ModelConfig } from "../nn/model.ts";
import type { InnerOptimizer } from "../optim/adamw.ts";
import type { OuterOptimizer } from "../optim/outer.ts";

/** A device by onnxruntime's name of its execution provider. */
export type DeviceName = "cuda" | "webgpu" | "cpu";

/** What to build an engine for. */
export type EngineOptions = {
  readonly model: ModelConfig;
  /** Sequences of one training step. */
  readonly batch: number;
  /**
   * Sequences that one run of the training graph takes; a divisor of batch. Gradients of a batch's parts are added in their order, then
   * divided by their number. Default: the largest that fits in what memory is free when the engine starts.
   */
  readonly microBatch?: number;
  /**
   * Whether the backward pass computes each layer again instead of keeping what the forward pass made of it: a forward pass more, the
   * same gradients. Default: only if one sequence would not fit in free memory otherwise.
   */
  readonly recompute?: boolean;
  /** Most sequences of one evaluation run, fewer where they would not fit in memory or, on the CPU, in its caches. */
  readonly evaluationBatch: number;
  /** Threads of one onnxruntime run on the CPU (default 1). */
  readonly threads?: number;
  /** `auto` (default) tries cuda, webgpu, cpu in this order. */
  readonly device?: "auto" | DeviceName;
  /**
   * Bytes of a GPU's memory that the engine plans with (default 4 GiB): onnxruntime does not say how much there is. Micro-batches, the number of
   * sequences evaluated at once and the choice to compute layers again follow from it; state that needs more is tried all the same.
   */
  readonly deviceMemory?: number;
  readonly innerOptimizer: InnerOptimizer;
  /** How accepted updates move theta, and what a compressed update is of; `sparseloco` if left out. */
  readonly outerOptimizer?: OuterOptimizer;
  /** Bits of a number of AdamW's moments (default 32). With 8 they take 2 bytes a parameter instead of 8, see exact/packed-moments.ts. */
  readonly momentBits?: MomentBits;
  /** Most bytes of one of the memories that the state lies in (default: 4 GiB, the most there can be). No bit depends on it. */
  readonly shardBytes?: number;
};

/** Which device was chosen, and why the ones before it were not. */
export type DeviceReport = {
  readonly chosen: DeviceName;
  readonly refused: readonly { readonly device: DeviceName; readonly reason: string }[];
};

/** Values for one tensor of what nodes share. */
export type TensorRequest = {
  /** Its place in manifest order; behind theta's tensors those of the outer momentum. */
  readonly tensor: number;
  readonly values: Float32Array;
};

/** Steps of training. */
export type TrainRequest = {
  /** steps * batch sequences of context + 1 token ids. */
  readonly tokens: Int32Array;
  /** One learning rate per step; its length is the number of steps. */
  readonly learningRates: Float32Array;
};

/** How to make an update out of what training moved (docs/protocol.md#9-miner-state). */
export type CompressRequest = {
  /** Coordinates kept of a full chunk. */
  readonly k: number;
  /** Coordinates of a chunk. */
  readonly chunk: number;
  /** Decay of the error feedback. */
  readonly beta: number;
};

/** The accepted updates of a window (docs/protocol.md#8-outer-step). */
export type OuterStepRequest = {
  /** In ascending uid. */
  readonly updates: readonly SparseUpdate[];
  /** Outer learning rate. */
  readonly alpha: number;
  /** Divide by the peers that chose a coordinate, or by all peers. */
  readonly mean: "choosers" | "all";
};

/** Sequences to evaluate at theta, or at theta - factor * update. */
export type LossesRequest = {
  /** Any number of sequences of context + 1 token ids. */
  readonly tokens: Int32Array;
  readonly update?: SparseUpdate;
  /** Default 1. */
  readonly factor?: number;
};

/** The miner's state that is not consensus; vectors are flat and padded like the parameters. */
export type MomentState = {
  /** Own steps so far. */
  readonly step: number;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Error feedback. */
  readonly e: Float32Array;
};

/**
 * Text to continue. The model sees the last `context` tokens of what is there so far: a longer prompt is allowed, what stands
 * before them is not read. The same request gives the same text on one CPU class; elsewhere a last bit may choose another token.
 */
export type SampleRequest = {
  /** At least one token id. */
  readonly prompt: Int32Array;
  /** Tokens to draw; each costs one forward pass over the context. */
  readonly count: number;
  /** Flattens (above 1) or sharpens (below 1) the distribution; 0 always takes the likeliest token. Default 1. */
  readonly temperature?: number;
  /** Draw among this many likeliest tokens only, at least 1. Default: all. */
  readonly topK?: number;
  /** Any integer; its low 32 bits choose the draws. */
  readonly seed: number;
};

/**
 * The calls that an engine answers: parameters theta, a working copy that trains, AdamW's moments, the error feedback.
 * Every call may reject. After `worker-crashed` this engine is lost. After `device-lost` it is not: what lies on the host (theta, error
 * feedback, the moments as they were read last) is as it was, and the next call begins there.
 * @throws KernelError bad-argument, not-finite, device-lost, device-refused, worker-crashed, closed
 */
export type EngineCalls = {
  /**
   * Replaces theta; `theta` is flat and padded as the layout says, without NaN. With an outer momentum, the momentum may stand behind it;
   * else it becomes zero.
   */
  setParameters(theta: Float32Array): Promise<void>;
  /**
   * A copy of all that nodes share (`sharedLayout`): theta and, where the outer optimiser has one, its momentum behind it.
   */
  parameters(): Promise<Float32Array>;
  /** Replaces one tensor of what nodes share: for models of which a second copy does not fit. The others stay as they are. */
  setTensor(request: TensorRequest): Promise<void>;
  /** A copy of one tensor of what nodes share, by its place (`sharedLayout`). */
  tensor(tensor: number): Promise<Float32Array>;
  /**
   * Blake2b-256 of the bytes of each tensor of what nodes share (`sharedLayout`), computed where they lie: what digest(theta) is made of
   * (docs/protocol.md#5-digests). `not-finite` if one holds a NaN.
   */
  tensorDigests(): Promise<readonly Uint8Array[]>;
  /**
   * Trains a working copy that starts at theta, and leaves theta alone; moments and step count go on from call to call.
   * After `not-finite` the working copy is theta again; the moments keep the steps before the failing one.
   */
  train(request: TrainRequest): Promise<{ losses: Float32Array }>;
  /** theta = the working copy: training without an outer step, as the single-node baseline does. After `compress` or `outerStep` there is none, and theta stays. */
  adoptWorking(): Promise<void>;
  /**
   * Adds theta - working copy to the error feedback, cuts an update out of it and leaves the rest there. Without training since
   * setParameters, setTensor, outerStep or the last compress there is no change to add. One that rejects leaves the error feedback as it was.
   */
  compress(request: CompressRequest): Promise<{ update: SparseUpdate }>;
  /** Puts an update that was not accepted back into the error feedback. */
  restoreSent(update: SparseUpdate): Promise<void>;
  /** Moves theta, and the outer momentum, by the accepted updates, to the same bits on every machine. */
  outerStep(request: OuterStepRequest): Promise<void>;
  /** Mean loss of each sequence in nats per token. */
  losses(request: LossesRequest): Promise<Float64Array>;
  /** A copy of the state to keep across restarts. */
  momentState(): Promise<MomentState>;
  /** Restores what momentState returned. */
  setMomentState(state: MomentState): Promise<void>;
  /** Steps, moments and error feedback to zero. */
  resetMoments(): Promise<void>;
  /** Draws tokens that continue a prompt, at theta; returns the new tokens only, without the prompt. */
  sample(request: SampleRequest): Promise<Int32Array>;
};

/** All that the worker answers: `start` once, then the engine's calls. */
export type WorkerCalls = EngineCalls & {
  /** Chooses the device and builds the model. */
  start(): Promise<DeviceReport>;
};
