/** @file Entry of the process of a device: its crash, its lost device and its memory are its own. */
import { KernelError } from "../errors.ts";
import { serve } from "./channel.ts";
import type { DeviceCalls } from "./device-calls.ts";
import { DeviceCore } from "./device-core.ts";
import { processPort } from "./peer.ts";

let core: DeviceCore | undefined;

async function handle(method: keyof DeviceCalls, argument: never): Promise<unknown> {
  if (method === "open") {
    core = new DeviceCore(argument);
    return undefined;
  }
  if (core === undefined)
    throw new KernelError("bad-argument", `the device got ${method} before it was opened`);
  return core[method](argument);
}

serve(processPort(), handle, async () => core?.close());
