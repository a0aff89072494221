/** @file From the manifest of a run, and from what its chain really uses, back to a configuration: to compare and to judge. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { modeOf } from "../../src/protocol/scoring.ts";
import type { SubnetConfig } from "./schema.ts";

type Hyperparameters = Awaited<ReturnType<ChainClient["hyperparameters"]>>;

/** Keys that no manifest holds: where the text came from, how theta_0 was drawn, and what only the chain knows. */
const BESIDE_THE_MANIFEST: ReadonlySet<string> = new Set([
  "data.folder",
  "data.selection",
  "data.include",
  "data.format",
  "data.field",
  "data.limitBytes",
  "data.tokenType",
  "tokenizer.file",
  "model.preset",
  "model.seed",
  "phases.blockMs",
]);

/** Whether the key with this path stands in the manifest of a run. */
export function isInManifest(path: string): boolean {
  return !/^(?:chain|hyperparameters)\./.test(path) && !BESIDE_THE_MANIFEST.has(path);
}

/** Whether the key is one of the rules that may be amended while a run goes on (docs/protocol.md#18-amendments). */
export function isAmendable(path: string): boolean {
  return /^(?:scoring|credit|evaluation)\./.test(path) && path !== "scoring.mode";
}

/** Tables [scoring] and [credit] of a manifest; what its mode does not use is taken from `beside`. */
function payOf(
  { scoring }: RunManifest,
  beside: SubnetConfig,
): Pick<SubnetConfig, "scoring" | "credit"> {
  const mode = modeOf(scoring);
  if (scoring.mode !== "credit") return { scoring: { ...scoring, mode }, credit: beside.credit };
  const { credit, ...checks } = scoring;
  return {
    scoring: { ...beside.scoring, ...checks, mode },
    credit: { ...credit, shortfall: credit.shortfall ?? 0 },
  };
}

/** Table [inner] of a manifest; what its optimiser and schedule do not read is taken from `beside`. */
function innerOf({ inner }: RunManifest, beside: SubnetConfig): SubnetConfig["inner"] {
  const { momentum, decaySteps } = beside.inner;
  return { optimizer: "adamw", schedule: "cosine", momentum, decaySteps, ...inner };
}

/** The configuration that gives this manifest; what no manifest holds is taken from `beside`. */
export function configOf(manifest: RunManifest, beside: SubnetConfig): SubnetConfig {
  const { sequencesPerPage, pagesPerWindow, noisePages } = manifest.data;
  const { deadlineOffset, finalityLag } = manifest;
  return {
    name: manifest.name,
    windows: manifest.windows,
    data: { ...beside.data, sequencesPerPage, pagesPerWindow, noisePages },
    model: { ...beside.model, bias: false, untied: false, ...manifest.model },
    phases: { ...beside.phases, ...manifest.phases, deadlineOffset, finalityLag },
    inner: innerOf(manifest, beside),
    codec: manifest.codec,
    outer: { optimizer: "sparseloco", momentum: 0, ...manifest.outer },
    evaluation: { usualShare: 0.5, usualGrowth: false, ...manifest.evaluation },
    ...payOf(manifest, beside),
    checkpoint: { everyWindows: manifest.checkpointEveryWindows },
    retention: manifest.retention,
    tokenizer: { kind: manifest.tokenizer.kind, file: beside.tokenizer.file },
    chain: beside.chain,
    hyperparameters: beside.hyperparameters,
  };
}

/** The configuration with the values that the subnet has on its chain, whatever [chain] asked for. */
export function onChain(config: SubnetConfig, found: Hyperparameters): SubnetConfig {
  return {
    ...config,
    chain: {
      ...config.chain,
      tempo: found.tempo,
      immunityPeriod: found.immunityPeriod,
      burnRao: Number(found.burnRao),
      maximumUids: found.maxAllowedUids,
      maximumValidators: found.maxAllowedValidators,
      weightsRateLimit: found.weightsRateLimit,
      servingRateLimit: found.servingRateLimit,
    },
  };
}
