/** @file The training engine as a role sees it: a handle in the main thread on a worker that holds the model. */
import { type SparseUpdate } from "../exact/sparse.ts";
import { type Layout, layoutOf, specsOf } from "../nn/model.ts";
import { checkInnerOptimizer } from "../optim/adamw.ts";
import { Channel } from "./channel.ts";
import {
  type CompressRequest,
  type CompressResult,
  type DeviceReport,
  type EngineCalls,
  type EngineOptions,
  type LossesRequest,
  type MomentState,
  type OuterStepRequest,
  type SampleRequest,
  type TrainRequest,
} from "./types.ts";

/**
 * Parameters theta, a working copy that trains, AdamW's moments and the error feedback, in a worker thread.
 * Calls are answered in the order in which they were made. Every method rejects with a KernelError:
 * `bad-argument`, `not-finite`, `worker-crashed` (this engine is lost) or `closed`.
 */
export class Engine implements EngineCalls {
  /** Where each tensor lies in the flat vectors. */
  readonly layout: Layout;
  /** The device in use, and the refused ones with the reason. */
  readonly device: DeviceReport;
  private readonly channel: Channel;

  /** Use startEngine. */
  constructor(parts: { layout: Layout; device: DeviceReport; channel: Channel }) {
    this.layout = parts.layout;
    this.device = parts.device;
    this.channel = parts.channel;
  }

  /** Replaces theta; `theta` is flat and padded as `layout` says, and finite. */
  async setParameters(theta: Float32Array): Promise<void> {
    return this.call("setParameters", theta);
  }

  /** A copy of theta. */
  async parameters(): Promise<Float32Array> {
    return this.call("parameters");
  }

  /** Trains a working copy that starts at theta, and leaves theta alone; the moments go on from call to call. */
  async train(request: TrainRequest): Promise<{ losses: Float32Array }> {
    return this.call("train", request);
  }

  /** theta = the working copy: training without an outer step, as the single-node baseline does. */
  async adoptWorking(): Promise<void> {
    return this.call("adoptWorking");
  }

  /** Adds theta - working copy to the error feedback, cuts an update out of it and leaves the rest there. */
  async compress(request: CompressRequest): Promise<CompressResult> {
    return this.call("compress", request);
  }

  /** Puts an update that was not accepted back into the error feedback. */
  async restoreSent(update: SparseUpdate): Promise<void> {
    return this.call("restoreSent", update);
  }

  /** Moves theta by the accepted updates, to the same bits on every machine. */
  async outerStep(request: OuterStepRequest): Promise<void> {
    return this.call("outerStep", request);
  }

  /** Mean loss of each sequence in nats per token. */
  async losses(request: LossesRequest): Promise<Float64Array> {
    return this.call("losses", request);
  }

  /** A copy of the state to keep across restarts. */
  async momentState(): Promise<MomentState> {
    return this.call("momentState");
  }

  /** Restores what momentState returned. */
  async setMomentState(state: MomentState): Promise<void> {
    return this.call("setMomentState", state);
  }

  /** Steps, moments and error feedback to zero. */
  async resetMoments(): Promise<void> {
    return this.call("resetMoments");
  }

  /** Draws tokens that continue a prompt, at theta. */
  async sample(request: SampleRequest): Promise<Int32Array> {
    return this.call("sample", request);
  }

  /** Frees the worker after the calls under way. */
  async close(): Promise<void> {
    return this.channel.close();
  }

  private async call<M extends keyof EngineCalls>(
    method: M,
    argument?: Parameters<EngineCalls[M]>[0],
  ): Promise<Awaited<ReturnType<EngineCalls[M]>>> {
    // The worker's handler table is typed by the same interface, so the answer has this type.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return (await this.channel.call(method, argument)) as Awaited<ReturnType<EngineCalls[M]>>;
  }
}

/**
 * Starts a worker, chooses its device and builds the model there. Theta is zero until setParameters.
 * @throws {KernelError} `bad-config`, `device-refused`, `worker-crashed`
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const layout = layoutOf(specsOf(options.model));
  checkInnerOptimizer(options.innerOptimizer);
  // CUDA multiplies float32 matrices with ten-bit mantissas unless told otherwise before it loads.
  if (options.device !== "cpu") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
  // The suffix is that of this file: .ts from source, .js from dist.
  const script = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);
  const channel = new Channel(script, options);
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const device = (await channel.call("start")) as DeviceReport;
    return new Engine({ layout, device, channel });
  } catch (error) {
    await channel.close();
    throw error;
  }
}
