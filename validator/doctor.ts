/** @file `validator doctor`: what keeps this validator from its work, and what mends it. */
import type { Told } from "../src/command/command.ts";
import { examine } from "../src/doctor/doctor.ts";
import { neuronPatient } from "../src/doctor/neuron.ts";
import type { ValidatorDoctorOptions } from "./options.ts";

/** Keys of a validator's own that starting it repeats. */
const OWN_KEYS = ["scorer", "workers", "workersHost", "workersPort", "workerHotkeys", "queue"];

/** Looks, tells, and returns the exit code. */
export async function doctor(
  options: ValidatorDoctorOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<number> {
  const { device, threads, workers, afterBlock, json } = options;
  return examine({
    ...told,
    patient: neuronPatient("validator", options, OWN_KEYS),
    device,
    training: { device, threads, share: 1, workers, known: () => null },
    afterBlock,
    json,
  });
}
