/** @file The training engine as a role sees it: a handle in the main thread on a worker that holds the model. */
import type { SparseUpdate } from "../exact/sparse.ts";
import { type Layout, layoutOf, specsOf } from "../nn/model.ts";
import { checkInnerOptimizer } from "../optim/adamw.ts";
import { Channel } from "./channel.ts";
import { freeGpuLock, gpuLock } from "./gpu-lock.ts";
import type {
  CompressRequest,
  CompressResult,
  DeviceReport,
  EngineCalls,
  EngineOptions,
  LossesRequest,
  MomentState,
  OuterStepRequest,
  SampleRequest,
  TrainRequest,
  WorkerData,
} from "./calls.ts";

/** A running engine: the calls of EngineCalls, answered by a worker thread in the order in which they were made. */
export type Engine = EngineCalls & {
  /** Where each tensor lies in the flat vectors. */
  readonly layout: Layout;
  /** The device in use, and the refused ones with the reason. */
  readonly device: DeviceReport;
  /** Frees the worker after the calls under way; later calls reject with `closed`. */
  close(): Promise<void>;
};

/** Sends each call to the worker. */
class WorkerEngine implements Engine {
  readonly layout: Layout;
  readonly device: DeviceReport;
  private readonly channel: Channel;

  constructor(parts: { layout: Layout; device: DeviceReport; channel: Channel }) {
    this.layout = parts.layout;
    this.device = parts.device;
    this.channel = parts.channel;
  }

  async setParameters(theta: Float32Array): Promise<void> {
    return this.call("setParameters", theta);
  }

  async parameters(): Promise<Float32Array> {
    return this.call("parameters");
  }

  async train(request: TrainRequest): Promise<{ losses: Float32Array }> {
    return this.call("train", request);
  }

  async adoptWorking(): Promise<void> {
    return this.call("adoptWorking");
  }

  async compress(request: CompressRequest): Promise<CompressResult> {
    return this.call("compress", request);
  }

  async restoreSent(update: SparseUpdate): Promise<void> {
    return this.call("restoreSent", update);
  }

  async outerStep(request: OuterStepRequest): Promise<void> {
    return this.call("outerStep", request);
  }

  async losses(request: LossesRequest): Promise<Float64Array> {
    return this.call("losses", request);
  }

  async momentState(): Promise<MomentState> {
    return this.call("momentState");
  }

  async setMomentState(state: MomentState): Promise<void> {
    return this.call("setMomentState", state);
  }

  async resetMoments(): Promise<void> {
    return this.call("resetMoments");
  }

  async sample(request: SampleRequest): Promise<Int32Array> {
    return this.call("sample", request);
  }

  async close(): Promise<void> {
    return this.channel.close();
  }

  private async call<M extends keyof EngineCalls>(
    method: M,
    argument?: Parameters<EngineCalls[M]>[0],
  ): Promise<Awaited<ReturnType<EngineCalls[M]>>> {
    // The worker's handler table is typed by the same interface, so the answer has this type.
    return this.channel.call<Awaited<ReturnType<EngineCalls[M]>>>(method, argument);
  }
}

/**
 * Starts a worker, chooses its device and builds the model there. Theta is zero until setParameters.
 * @throws KernelError bad-config, device-refused, worker-crashed
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const layout = layoutOf(specsOf(options.model));
  checkInnerOptimizer(options.innerOptimizer);
  // CUDA multiplies float32 matrices with ten-bit mantissas unless told otherwise before it loads.
  if (options.device !== "cpu") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
  // The suffix is that of this file: .ts from source, .js from dist.
  const script = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);
  const channel = new Channel(script, { options, gpuLock: gpuLock() } satisfies WorkerData);
  void channel.exited.then(() => freeGpuLock(channel.threadId));
  try {
    const device = await channel.call<DeviceReport>("start");
    return new WorkerEngine({ layout, device, channel });
  } catch (error) {
    await channel.close();
    throw error;
  }
}
