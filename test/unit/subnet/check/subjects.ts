/** @file Subjects for tests of `subnet check`: a configuration by --set values, and a machine that is fast enough. */
import { loadConfig } from "../../../../subnet/config/read.ts";
import type { SubnetConfig } from "../../../../subnet/config/schema.ts";
import { pagesOf } from "../../../../subnet/check/measure-data.ts";
import type { Change } from "../../../../subnet/check/rule.ts";
import { setText } from "../../../../subnet/check/repair.ts";
import { type Measured, type Subject, subjectOf } from "../../../../subnet/check/subject.ts";

/** What a test says about the machine and the data, where it differs from a good one. */
export type Machine = Partial<Measured["engine"] & object> &
  Partial<Pick<Measured, "neurons" | "uplinkMbps" | "memoryBytes" | "dataFault" | "finality">> & {
    readonly trainingBytes?: number;
    readonly heldOutBytes?: number;
  };

/** A chain that is final as it is made. */
const AT_ONCE: Measured["finality"] = { blocks: 20, blockMs: 250, lag: 0 };

/** The configuration of --set values alone. */
export function configWith(set: readonly string[]): SubnetConfig {
  return loadConfig(null, { set, environment: {} }).config;
}

/** A subject of --set values on a machine. */
export function subjectWith(set: readonly string[], machine: Machine = {}): Subject {
  const config = configWith(set);
  const { neurons = 16, uplinkMbps = 110, memoryBytes = 8e9 } = machine;
  const { trainingBytes = 8_388_608, heldOutBytes = 100_000 } = machine;
  const { stepMs = 8, compressMs = 8, turnMs = 25, lossesPerSecond = 5000 } = machine;
  const { finality } = { finality: AT_ONCE, ...machine };
  const tokenBytes = 1;
  const pages = pagesOf(config, { trainingBytes, tokenBytes });
  return subjectOf(config, {
    engine: { device: "cpu", threads: 1, stepMs, compressMs, turnMs, lossesPerSecond },
    data: { trainingBytes, tokenBytes, heldOutBytes, files: 10, pages },
    dataFault: machine.dataFault ?? null,
    finality,
    neurons,
    uplinkMbps,
    memoryBytes,
  });
}

/** The same subject after changes. */
export function changed(
  set: readonly string[],
  changes: readonly Change[],
  machine: Machine = {},
): Subject {
  return subjectWith([...set, ...changes.map(setText)], machine);
}
