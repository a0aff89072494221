/** @file What the process of a device is asked: the engine keeps the state, the device copies of what it computes with. */
import type { ModelConfig } from "../nn/model.ts";
import type { InnerOptimizer } from "../optim/adamw.ts";
import type { DeviceName, SampleRequest, TrainRequest } from "./calls.ts";
import type { RunSizes } from "./sizes.ts";

/** What a device computes. */
export type DeviceOptions = {
  readonly device: DeviceName;
  readonly model: ModelConfig;
  readonly batch: number;
  readonly sizes: RunSizes;
  readonly innerOptimizer: InnerOptimizer;
  /** Threads of a run, where the device is the CPU. */
  readonly threads: number;
};

/**
 * Vectors that a device has copies of, in the groups of nn/groups.ts: theta; the moments; what training made of theta; theta as it is
 * for one evaluation.
 */
export type DeviceVector = "theta" | "first" | "second" | "working" | "trial";

/** One group of a vector. */
export type GroupValues = {
  readonly vector: DeviceVector;
  readonly group: number;
  readonly values: Float32Array;
};

/** Numbers of one group that stand in place of theta's, at least one. */
export type GroupChanges = {
  /** Places in the group. */
  readonly indices: Int32Array;
  readonly values: Float32Array;
};

/** Sequences to evaluate. */
export type DeviceLosses = {
  readonly tokens: Int32Array;
  readonly at: "theta" | "trial";
  /** For each group; left out where nothing is changed. */
  readonly changes?: readonly GroupChanges[] | undefined;
};

/** How far training came. */
export type DeviceTrained = {
  /** Loss before each step, up to the failing one. */
  readonly losses: Float32Array;
  /** Steps that the moments hold now. */
  readonly done: number;
  /** The first step whose loss or gradient was not finite, counted from 0; undefined where all were done. */
  readonly failed: number | undefined;
};

/** What a device answers. `open` comes first; vectors are there once each of their groups was put. */
export type DeviceCalls = {
  open(options: DeviceOptions): Promise<void>;
  put(values: GroupValues): Promise<void>;
  take(of: Omit<GroupValues, "values">): Promise<Float32Array>;
  /** Makes `working` of theta and moves both moments. @param request `step`: steps before the first */
  train(request: TrainRequest & { readonly step: number }): Promise<DeviceTrained>;
  losses(request: DeviceLosses): Promise<Float64Array>;
  sample(request: SampleRequest): Promise<Int32Array>;
};
