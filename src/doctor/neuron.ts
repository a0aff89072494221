/** @file A miner or a validator as a doctor's patient: its options, its folder, and how it is started. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { neuronFields, type NeuronOptions } from "../command/fields.ts";
import { occupantOf } from "../disk/folder-claim.ts";
import type { Role } from "../neuron/neuron.ts";
import type { Patient } from "./finding.ts";

const portSchema = z.object({ port: z.int() });
const genesisSchema = z.object({ genesis: z.string() });

/** A file of the node's folder; null where it is absent or something else. Nothing is made by looking. */
function fileIn<S extends z.ZodType>(folder: string, name: string, schema: S): z.output<S> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, name), "utf8"));
    return schema.parse(value);
  } catch {
    return null;
  }
}

/** @param more keys of the role's own options that starting it repeats */
export function neuronPatient(
  role: Role,
  options: Omit<NeuronOptions, "threads">,
  more: readonly string[],
): Patient {
  const keys = [...Object.keys(neuronFields), ...more];
  return {
    role,
    options,
    state: options.state,
    place: "state",
    remembered(ss58) {
      const folder = join(options.state, ss58);
      return {
        pid: occupantOf(folder)?.pid ?? null,
        axonPort: fileIn(folder, "axon.json", portSchema)?.port ?? null,
        genesis: fileIn(folder, "state.json", genesisSchema)?.genesis ?? null,
      };
    },
    start: (set = {}, without = []) => ({
      ours: role,
      keep: keys.filter((key) => !without.includes(key)),
      set,
    }),
  };
}
