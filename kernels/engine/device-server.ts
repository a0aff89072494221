/** @file Answers the calls of a device. */
import { KernelError } from "../errors.ts";
import { serve } from "./channel.ts";
import type { DeviceCalls } from "./device-calls.ts";
import { DeviceCore } from "./device-core.ts";
import type { Port } from "./peer.ts";

/** Answers on a port; nothing else in the process may use the device meanwhile. */
export function serveDevice(port: Port): void {
  let core: DeviceCore | undefined;
  const handle = async (method: keyof DeviceCalls, argument: never): Promise<unknown> => {
    if (method === "open") {
      core = new DeviceCore(argument);
      return undefined;
    }
    if (core === undefined)
      throw new KernelError("bad-argument", `the device got ${method} before it was opened`);
    return core[method](argument);
  };
  serve(port, handle, async () => core?.close());
}
