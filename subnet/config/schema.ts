/** @file The schema of subnet.toml. Flags, environment names, checks, JSON Schema, docs and `subnet init` all read this one. */
import { z } from "zod";
import { chainTable } from "./chain.ts";
import { creditTable } from "./credit.ts";
import { dataTable } from "./data.ts";
import { hyperparametersTable } from "./hyperparameters.ts";
import { key, text, whole } from "./key.ts";
import { modelTable, tokenizerTable } from "./model.ts";
import { phasesTable } from "./phases.ts";
import { evaluationTable, scoringTable } from "./scoring.ts";
import { checkpointTable, codecTable, innerTable, outerTable, retentionTable } from "./training.ts";

/** Everything that an owner may say, in the order of what owners change most. A missing table is an empty one. */
export const subnetConfigSchema = z.strictObject({
  name: key(text(64), "localnet", {
    description: "Name of the run.",
    unit: "text",
    effect: "Stands in the manifest and on screens; nothing depends on it.",
  }),
  windows: key(whole(0, 4_294_967_295), 60, {
    description: "Windows of the run; 0 is endless.",
    unit: "windows",
    effect: "More: lower loss, longer run.",
  }),
  data: dataTable.prefault({}),
  model: modelTable.prefault({}),
  phases: phasesTable.prefault({}),
  inner: innerTable.prefault({}),
  codec: codecTable.prefault({}),
  outer: outerTable.prefault({}),
  evaluation: evaluationTable.prefault({}),
  scoring: scoringTable.prefault({}),
  credit: creditTable.prefault({}),
  checkpoint: checkpointTable.prefault({}),
  retention: retentionTable.prefault({}),
  tokenizer: tokenizerTable.prefault({}),
  chain: chainTable.prefault({}),
  hyperparameters: hyperparametersTable.prefault({}),
});

/** What a file may hold: every key optional. */
export type SubnetConfigInput = z.input<typeof subnetConfigSchema>;

/** A checked file with its fixed defaults; derived ones may still be open. */
export type CheckedConfig = z.output<typeof subnetConfigSchema>;

type Complete<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** A whole configuration: every key has its value. */
export type SubnetConfig = {
  readonly [T in keyof CheckedConfig]: CheckedConfig[T] extends object
    ? Complete<CheckedConfig[T]>
    : CheckedConfig[T];
};
