/** @file The training engine as a role sees it: a handle in the main thread on a worker that holds the model. */
import { type Layout, layoutOf, specsOf } from "../nn/model.ts";
import { checkInnerOptimizer } from "../optim/adamw.ts";
import { checkOuterOptimizer, OUTER_DEFAULT } from "../optim/outer.ts";
import type { DeviceReport, EngineCalls, EngineOptions, WorkerCalls } from "./calls.ts";
import { Channel } from "./channel.ts";
import { threadPeer } from "./peer.ts";
import { inPieces } from "./pieces.ts";

/** A running engine: the calls of EngineCalls, answered by a worker thread in the order in which they were made. */
export type Engine = EngineCalls & {
  /** Where each tensor lies in the flat vectors. */
  readonly layout: Layout;
  /** The device in use, and the refused ones with the reason. */
  readonly device: DeviceReport;
  /** Frees the worker after the calls under way; later calls reject with `closed`. */
  close(): Promise<void>;
};

/** The calls, each sent to the worker. */
function callsOver(channel: Channel<WorkerCalls>): EngineCalls {
  return {
    setParameters: async (theta) => channel.call("setParameters", theta),
    parameters: async () => channel.call("parameters"),
    setTensor: async (request) => channel.call("setTensor", request),
    tensor: async (tensor) => channel.call("tensor", tensor),
    tensorDigests: async () => channel.call("tensorDigests"),
    train: async (request) => channel.call("train", request),
    adoptWorking: async () => channel.call("adoptWorking"),
    compress: async (request) => channel.call("compress", request),
    restoreSent: async (update) => channel.call("restoreSent", update),
    outerStep: async (request) => channel.call("outerStep", request),
    losses: async (request) => channel.call("losses", request),
    momentState: async () => channel.call("momentState"),
    setMomentState: async (state) => channel.call("setMomentState", state),
    resetMoments: async () => channel.call("resetMoments"),
    sample: async (request) => channel.call("sample", request),
  };
}

/**
 * Starts a worker, chooses its device and builds the model there. Theta is zero until setParameters.
 * @throws KernelError bad-config, device-refused, worker-crashed
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const layout = layoutOf(specsOf(options.model));
  checkInnerOptimizer(options.innerOptimizer);
  checkOuterOptimizer(options.outerOptimizer ?? OUTER_DEFAULT);
  // CUDA multiplies float32 matrices with ten-bit mantissas unless told otherwise before it loads.
  if (options.device !== "cpu") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
  // The suffix is that of this file: .ts from source, .js from dist.
  const script = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);
  const channel = new Channel<WorkerCalls>(threadPeer(script, options));
  try {
    const device = await channel.call("start");
    const calls = inPieces(callsOver(channel), layout, options.outerOptimizer ?? OUTER_DEFAULT);
    return { ...calls, layout, device, close: async () => channel.close() };
  } catch (error) {
    await channel.close();
    throw error;
  }
}
