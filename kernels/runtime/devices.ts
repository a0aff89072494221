/** @file Chooses the execution provider: each candidate must compute the gradients of a tiny model as the CPU does. */
import { KernelError, reasonOf } from "../errors.ts";
import { type Target } from "../graph/emitter.ts";
import { lower } from "../graph/lower.ts";
import { initialParameters, layoutOf, type ModelConfig, specsOf } from "../nn/model.ts";
import { NAMES, trainingProgram } from "../nn/programs.ts";
import { floats, integers, Session, viewsOf } from "./session.ts";
import { type DeviceName, type DeviceReport, type EngineOptions } from "./types.ts";

/** Largest relative L2 distance of any gradient tensor from the CPU's in float32 (engine.md section 6: measured below 1.3e-6). */
export const SELF_TEST_TOLERANCE = 2e-6;

const ORDER: readonly DeviceName[] = ["cuda", "webgpu", "cpu"];
const TEST_BATCH = 2;

/** Only the CPU provider gets onnxruntime's own operators: elsewhere they are unverified or run on the CPU unseen. */
export function targetOf(device: DeviceName): Target {
  return { microsoftOperators: device === "cpu" };
}

function tinyModel(model: ModelConfig): ModelConfig {
  const { architecture, ropeBase, normEpsilon } = model;
  const sizes = { layers: 2, heads: 2, keyValueHeads: 2, width: 32, hidden: 64 };
  return { ...sizes, architecture, context: 16, vocabulary: 64, ropeBase, normEpsilon };
}

/** Computes the gradients of a tiny model on a device, as one flat vector. */
export type GradientsOn = (model: ModelConfig, device: DeviceName) => Promise<Float32Array>;

async function tinyGradients(model: ModelConfig, device: DeviceName): Promise<Float32Array> {
  const layout = layoutOf(specsOf(model));
  const session = await Session.open(
    lower(trainingProgram(model, TEST_BATCH), targetOf(device)),
    device,
    1,
  );
  try {
    const count = TEST_BATCH * model.context;
    const ids = Int32Array.from({ length: count }, (_, i) => (i * 37) % model.vocabulary);
    const targets = ids.map((id) => (id * 5 + 1) % model.vocabulary);
    const gradient = new Float32Array(layout.total);
    await session.run(
      [
        viewsOf(initialParameters(model, 1), layout),
        { [NAMES.ids]: integers(ids), [NAMES.targets]: integers(targets) },
      ],
      {
        ...viewsOf(gradient, layout, NAMES.gradient),
        [NAMES.loss]: floats(new Float32Array(1), []),
      },
    );
    return gradient;
  } finally {
    await session.close();
  }
}

/** Worst tensor's relative L2 distance. */
function worstDistance(model: ModelConfig, actual: Float32Array, expected: Float32Array): number {
  const { offsets, lengths } = layoutOf(specsOf(model));
  const distances = offsets.map((offset, tensor) => {
    let [difference, total] = [0, 0];
    for (let i = offset; i < offset + lengths[tensor]!; i++) {
      difference += (actual[i]! - expected[i]!) ** 2;
      total += expected[i]! ** 2;
    }
    return Math.sqrt(difference / total);
  });
  // NaN compares as neither smaller nor larger: it must count as infinitely far.
  return Math.max(...distances.map((distance) => (Number.isNaN(distance) ? Infinity : distance)));
}

/** Why a device cannot be used, or undefined if it computes as the CPU does. */
async function refusalOf(
  device: DeviceName,
  model: ModelConfig,
  gradientsOn: GradientsOn,
): Promise<string | undefined> {
  if (device === "cpu") return undefined;
  const tiny = tinyModel(model);
  try {
    const actual = await gradientsOn(tiny, device);
    const distance = worstDistance(tiny, actual, await gradientsOn(tiny, "cpu"));
    if (distance <= SELF_TEST_TOLERANCE) return undefined;
    return `its gradients are ${distance.toExponential(1)} away from the CPU's; ${SELF_TEST_TOLERANCE} is allowed`;
  } catch (error) {
    return reasonOf(error);
  }
}

/**
 * Tries devices in order and takes the first that passes the self-test.
 * @param gradientsOn computes the self-test; a test passes a wrong one
 * @throws {KernelError} `device-refused` when the device that was asked for by name does not
 */
export async function chooseDevice(
  { device = "auto", model }: Pick<EngineOptions, "device" | "model">,
  gradientsOn: GradientsOn = tinyGradients,
): Promise<DeviceReport> {
  const candidates = device === "auto" ? ORDER : [device];
  const refused: { device: DeviceName; reason: string }[] = [];
  for (const candidate of candidates) {
    const reason = await refusalOf(candidate, model, gradientsOn);
    if (reason === undefined) return { chosen: candidate, refused };
    refused.push({ device: candidate, reason });
  }
  const reason = refused.map((entry) => `${entry.device}: ${entry.reason}`).join("; ");
  throw new KernelError("device-refused", `${reason}. Set device to "cpu" or "auto"`, {
    details: { device, reason },
  });
}
