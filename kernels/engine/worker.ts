/** @file The engine's thread: onnxruntime blocks the event loop while it runs, so it does that here. */
import { parentPort, workerData } from "node:worker_threads";
import { KernelError } from "../errors.ts";
import type { DeviceReport, EngineOptions, WorkerCalls } from "./calls.ts";
import { serve } from "./channel.ts";
import { EngineCore } from "./core.ts";
import { chooseDevice } from "./devices.ts";
import { threadPort } from "./peer.ts";

const options: EngineOptions = workerData;
let core: EngineCore | undefined;

async function start(): Promise<DeviceReport> {
  const device = await chooseDevice(options);
  core = await EngineCore.open(options, device.chosen);
  return device;
}

async function handle(method: keyof WorkerCalls, argument: never): Promise<unknown> {
  if (method === "start") return start();
  if (core === undefined)
    throw new KernelError("bad-argument", `the engine got ${method} before it was started`);
  return core[method](argument);
}

if (parentPort === null)
  throw new KernelError("bad-argument", "worker.ts runs as a worker thread only");
serve(threadPort(parentPort), handle, async () => core?.close());
