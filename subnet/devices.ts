/** @file `subnet devices`: which devices can train here, which were refused, and why. */
import { inLine } from "../base/fault.ts";
import { type Engine, startEngine } from "../kernels/engine/engine.ts";
import { ADAMW_DEFAULTS } from "../kernels/optim/adamw.ts";
import { MODELS } from "../src/run/presets.ts";

/** The device that `--device auto` takes here, and the refused ones with the reason. */
export async function probeDevices(
  device: "auto" | "cpu" | "cuda" | "webgpu",
): Promise<Engine["device"]> {
  const engine = await startEngine({
    model: MODELS.nano,
    batch: 1,
    evaluationBatch: 1,
    device,
    innerOptimizer: ADAMW_DEFAULTS,
  });
  const found = engine.device;
  await engine.close();
  return found;
}

/** The same for people: one device a line. */
export function devicesText({ chosen, refused }: Engine["device"]): string {
  const lines = refused.map(
    ({ device, reason }) => `${device.padEnd(8)}refused: ${inLine(reason)}`,
  );
  return [...lines, `${chosen.padEnd(8)}is taken`].join("\n");
}
