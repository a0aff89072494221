/** @file `miner doctor`: what keeps this miner from its work, and what mends it. */
import { parametersOf } from "../kernels/nn/memory.ts";
import type { Told } from "../src/command/command.ts";
import { isPartTime } from "../src/command/strategies.ts";
import { examine } from "../src/doctor/doctor.ts";
import { neuronPatient } from "../src/doctor/neuron.ts";
import { nodeOptionsOf } from "./machine/defaults.ts";
import { loadSettings } from "./machine/settings.ts";
import type { MinerDoctorOptions, MinerOptions } from "./options.ts";

/** Share of the inner steps that a strategy does. */
function shareOf(strategy: MinerOptions["strategy"]): number {
  return isPartTime(strategy) ? Number(strategy.replace("steps-", "")) : 1;
}

/** Looks, tells, and returns the exit code. */
export async function doctor(
  options: MinerDoctorOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<number> {
  const machine = await loadSettings(options.state);
  const { device, threads } = nodeOptionsOf(options, machine);
  const { microBatch, strategy, afterBlock, json } = options;
  return examine({
    ...told,
    patient: neuronPatient("miner", options, ["microBatch", "momentBits", "strategy"]),
    device,
    training: {
      device,
      threads,
      ...(microBatch !== undefined && { microBatch }),
      share: shareOf(strategy),
      workers: false,
      known: (model) =>
        machine?.context === model.context && machine.parameters === parametersOf(model)
          ? (machine.tokensPerSecond ?? null)
          : null,
    },
    afterBlock,
    json,
  });
}
