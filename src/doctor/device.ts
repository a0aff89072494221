/** @file Whether the device that is asked for can train, and whether one that this machine has lies idle. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { inLine, type NextCommand, reasonOf } from "../../base/fault.ts";
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import type { NeuronOptions } from "../command/fields.ts";
import { MODELS } from "../run/presets.ts";
import { fine, type Finding, type Patient, wrong } from "./finding.ts";

const CHECK = "device";
const NVIDIA = "0x10de";
/** PCI class of a display controller, whatever kind. */
const DISPLAY = "0x03";
const MOST_CHARACTERS = 200;

function firstLine(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

/** Whether an NVIDIA GPU is plugged in, driver or not. */
function hasNvidia(): boolean {
  if (existsSync("/proc/driver/nvidia/version")) return true;
  const devices = "/sys/bus/pci/devices";
  if (!existsSync(devices)) return false;
  return readdirSync(devices).some(
    (name) =>
      firstLine(`${devices}/${name}/vendor`) === NVIDIA &&
      firstLine(`${devices}/${name}/class`).startsWith(DISPLAY),
  );
}

/** What makes a refused device work, as far as that is known; null: nothing. */
function remedy(device: string, reason: string): readonly NextCommand[] | null {
  if (device === "cuda" && hasNvidia()) {
    if (!existsSync("/proc/driver/nvidia/version"))
      return [{ system: ["sudo", "apt-get", "install", "-y", "nvidia-driver"] }];
    if (/npm rebuild/.test(reason)) return [{ system: ["npm", "rebuild", "onnxruntime-node"] }];
    const library = /lib(cudnn|cublas|cudart|cufft|curand|nvrtc)/.exec(reason)?.[1];
    if (library !== undefined)
      return [
        {
          system: [
            ..."sudo apt-get install -y".split(" "),
            library === "cudnn" ? "cudnn9-cuda-12" : "cuda-libraries-12-9",
          ],
        },
      ];
  }
  if (device === "webgpu" && /vulkan/i.test(reason) && existsSync("/dev/dri"))
    return [{ system: "sudo apt-get install -y libvulkan1 mesa-vulkan-drivers".split(" ") }];
  return null;
}

function shortened(reason: string): string {
  const line = inLine(reason);
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}…`;
}

/** Starts an engine with a tiny model: what onnxruntime offers here, tried. */
async function probe(device: NeuronOptions["device"]): Promise<Engine["device"]> {
  const engine = await startEngine({
    model: MODELS.nano,
    batch: 1,
    evaluationBatch: 1,
    device,
    innerOptimizer: ADAMW_DEFAULTS,
  });
  await engine.close();
  return engine.device;
}

/** Tries the device. A GPU that is there and that `auto` had to leave is a finding too. */
export async function deviceFinding(
  { start }: Pick<Patient, "start">,
  device: NeuronOptions["device"],
): Promise<Finding> {
  try {
    const { chosen, refused } = await probe(device);
    const idle = refused.find((one) => one.device === "cuda" && hasNvidia());
    if (chosen === "cpu" && idle !== undefined) {
      const text = `This machine has an NVIDIA GPU that does not train: ${shortened(idle.reason)}.`;
      const fix = remedy("cuda", idle.reason) ?? [start({ device: "cpu" })];
      return wrong([CHECK, "driver"], text, ...fix);
    }
    return fine(CHECK, `${chosen} trains`);
  } catch (error) {
    const reason = reasonOf(error);
    const fix = remedy(device, reason) ?? [start({ device: "auto" })];
    return wrong([CHECK, "driver"], `${device} cannot train here: ${shortened(reason)}.`, ...fix);
  }
}
