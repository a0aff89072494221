/** @file `subnet devices`: which devices can train here, which were refused, and why. */
import { type Engine, startEngine } from "../kernels/engine/engine.ts";
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
    innerOptimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 },
  });
  const found = engine.device;
  await engine.close();
  return found;
}
