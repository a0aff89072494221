/** @file The engine's thread: onnxruntime blocks the event loop while it runs, so it does that here. */
import { parentPort, workerData } from "node:worker_threads";
import { KernelError } from "../errors.ts";
import { serve } from "./channel.ts";
import { chooseDevice } from "./devices.ts";
import { EngineCore } from "./core.ts";
import { joinGpuLock } from "./gpu-lock.ts";
import type { DeviceReport, EngineCalls, WorkerData } from "./calls.ts";

const { options, gpuLock }: WorkerData = workerData;
joinGpuLock(gpuLock);
let core: EngineCore | undefined;

async function start(): Promise<DeviceReport> {
  const device = await chooseDevice(options);
  core = await EngineCore.open(options, device.chosen);
  return device;
}

type Handlers = {
  readonly [M in keyof EngineCalls]: (engine: EngineCalls, argument: never) => Promise<unknown>;
};

const handlers: Handlers = {
  setParameters: async (engine, theta) => engine.setParameters(theta),
  parameters: async (engine) => engine.parameters(),
  train: async (engine, request) => engine.train(request),
  adoptWorking: async (engine) => engine.adoptWorking(),
  compress: async (engine, request) => engine.compress(request),
  restoreSent: async (engine, update) => engine.restoreSent(update),
  outerStep: async (engine, request) => engine.outerStep(request),
  losses: async (engine, request) => engine.losses(request),
  momentState: async (engine) => engine.momentState(),
  setMomentState: async (engine, state) => engine.setMomentState(state),
  resetMoments: async (engine) => engine.resetMoments(),
  sample: async (engine, request) => engine.sample(request),
};

const isCall = (method: string): method is keyof EngineCalls => Object.hasOwn(handlers, method);

async function handle(method: string, argument: never): Promise<unknown> {
  if (method === "start") return start();
  if (core === undefined || !isCall(method))
    throw new KernelError("bad-argument", `the engine does not know the call ${method}`);
  return handlers[method](core, argument);
}

if (parentPort === null)
  throw new KernelError("bad-argument", "worker.ts runs as a worker thread only");
serve(parentPort, handle, async () => core?.close());
