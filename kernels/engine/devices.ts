/** @file Chooses the execution provider: each candidate must compute as the CPU does, and `auto` wants it faster too. */
import { KernelError, reasonOf } from "../errors.ts";
import { examineApart } from "./apart.ts";
import type { InnerOptimizer } from "../optim/adamw.ts";
import type { DeviceName, DeviceReport, EngineOptions } from "./calls.ts";
import type { Candidate, Examination } from "./examination.ts";
import { missingProvider } from "./session.ts";

/** Largest relative L2 distance of any gradient tensor from the CPU's in float32: below 1.3e-6 was measured. */
const TINY_TOLERANCE = 2e-6;
/**
 * The same for the middle model, whose sums are up to 22 times as long: 1.1e-6 on a software GPU.
 * Ten-bit mantissas (TF32, fp16) are about 1e-3 away and are refused by both.
 */
const MIDDLE_TOLERANCE = 1e-5;

const ORDER: readonly DeviceName[] = ["cuda", "webgpu", "cpu"];

/** Compares a device with the CPU; rejects if it cannot be used. */
export type Examine = (candidate: Candidate) => Promise<Examination>;

async function examineInstalled(candidate: Candidate): Promise<Examination> {
  const reason = missingProvider(candidate.device);
  if (reason === undefined) return examineApart(candidate);
  throw new KernelError("device-refused", reason);
}

const times = (ms: number): string => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;

function tooFar(distance: number, allowed: number): string | undefined {
  // NaN is not within anything.
  if (distance <= allowed) return undefined;
  return `its gradients are ${distance.toExponential(1)} away from the CPU's; ${allowed} is allowed`;
}

/** Why a device cannot be used, or undefined. */
async function refusalOf(
  candidate: Candidate,
  examine: Examine,
  mustBeFaster: boolean,
): Promise<string | undefined> {
  if (candidate.device === "cpu") return undefined;
  try {
    const found = await examine(candidate);
    const wrong =
      tooFar(found.distance, TINY_TOLERANCE) ?? tooFar(found.middleDistance, MIDDLE_TOLERANCE);
    if (wrong !== undefined) return wrong;
    const { stepMs, cpuStepMs } = found;
    if (mustBeFaster && !(stepMs < cpuStepMs))
      return `it is slower than the CPU: ${times(stepMs)} against ${times(cpuStepMs)} for the same step (a software GPU?); ask for it by name to use it all the same`;
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** What the choice depends on. */
type Choosing = Pick<EngineOptions, "device" | "model" | "threads"> &
  Partial<Pick<EngineOptions, "innerOptimizer">>;

/** What a device is never asked for, whatever it can do. */
function unsupported(device: DeviceName, inner?: InnerOptimizer): string | undefined {
  if (device === "cpu" || inner?.kind !== "muon") return undefined;
  return "muon runs on the CPU only; AdamW is what a GPU keeps its state for";
}

/**
 * Tries devices in order and takes the first that passes the self-test.
 * @param examine runs the self-test; a test passes a wrong one
 * @throws KernelError device-refused when the device that was asked for by name does not
 */
export async function chooseDevice(
  { device = "auto", model, threads = 1, innerOptimizer }: Choosing,
  examine: Examine = examineInstalled,
): Promise<DeviceReport> {
  const candidates = device === "auto" ? ORDER : [device];
  const refused: { device: DeviceName; reason: string }[] = [];
  for (const candidate of candidates) {
    const tried = { device: candidate, model, threads };
    const reason =
      unsupported(candidate, innerOptimizer) ??
      (await refusalOf(tried, examine, device === "auto"));
    if (reason === undefined) return { chosen: candidate, refused };
    refused.push({ device: candidate, reason });
  }
  const reason = refused.map((entry) => `${entry.device}: ${entry.reason}`).join("; ");
  throw new KernelError("device-refused", reason, {
    details: { device, reason },
  });
}
