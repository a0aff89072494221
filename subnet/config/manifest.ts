/** @file From a configuration to the manifest of a run. */
import type { Hex } from "../../src/protocol/digest.ts";
import { RUN_FORMAT, type RunManifest } from "../../src/protocol/manifest.ts";
import type { IncentiveRules } from "../../src/protocol/rules.ts";
import type { ScoringRules } from "../../src/protocol/scoring.ts";
import type { SubnetConfig } from "./schema.ts";

/** What a run has beyond its configuration: where and when it is, and what its data and first parameters are. */
export type ManifestParts = {
  readonly netuid: number;
  readonly startBlock: number;
  /** Blob address of the checkpoint of theta_0. */
  readonly genesisCheckpoint: Hex;
  /** Blob address of the data manifest. */
  readonly dataManifest: Hex;
  /** Blob address of the tokenizer.json, where the configuration names one. */
  readonly tokenizerFile?: Hex | null;
  /** Pages that the data makes. */
  readonly pages: number;
};

/** The keys of the mode alone; the mode `published` goes without saying, as before there was another. */
function scoringOf({ scoring, credit }: SubnetConfig): ScoringRules {
  const { mode, minimumNormRatio, maximumOverlap, overlapWindows, ...published } = scoring;
  const checks = { minimumNormRatio, maximumOverlap, overlapWindows };
  if (mode !== "credit") return { ...checks, ...published };
  const { shortfall, ...rest } = credit;
  return { mode, ...checks, credit: { ...rest, ...(shortfall > 0 && { shortfall }) } };
}

/** What goes without saying is left out, as before there was anything else. */
function evaluationOf({ evaluation }: SubnetConfig): RunManifest["evaluation"] {
  const { usualShare, usualGrowth, ...rest } = evaluation;
  return {
    ...rest,
    ...(usualShare !== 0.5 && { usualShare }),
    ...(usualGrowth && { usualGrowth }),
  };
}

/** How validators judge and pay under `config`: what of it may be amended while a run goes on. */
export function rulesOfConfig(config: SubnetConfig): IncentiveRules {
  return { scoring: scoringOf(config), evaluation: evaluationOf(config) };
}

/** `inner` of the manifest: what goes without saying is left out, and what only another choice reads. */
export function manifestInnerOf(table: SubnetConfig["inner"]): RunManifest["inner"] {
  const { optimizer, momentum, schedule, decaySteps, ...inner } = table;
  return {
    ...inner,
    ...(optimizer !== "adamw" && { optimizer, momentum }),
    ...(schedule !== "cosine" && { schedule }),
    ...(schedule === "wsd" && { decaySteps }),
  };
}

/** `outer` of the manifest, likewise; a momentum that the optimiser does not have stays, so that it is refused and not passed over. */
export function manifestOuterOf(table: SubnetConfig["outer"]): RunManifest["outer"] {
  const { optimizer, momentum, ...outer } = table;
  return {
    ...outer,
    ...(optimizer !== "sparseloco" && { optimizer }),
    ...((optimizer === "diloco" || momentum !== 0) && { momentum }),
  };
}

/** The file's digest stands for its path. */
function tokenizerIn(
  { tokenizer: { kind, file: path } }: SubnetConfig,
  { tokenizerFile: file }: ManifestParts,
): RunManifest["tokenizer"] {
  if (kind !== "huggingface") return { kind };
  if (file === undefined || file === null) throw new RangeError(`${path} was not stored`);
  return { kind, file };
}

/** The manifest of the run that `config` describes. It may still break a rule: encodeManifest and `subnet check` say so. */
export function manifestOf(config: SubnetConfig, parts: ManifestParts): RunManifest {
  const { preset: _preset, seed: _seed, bias, untied, ...sizes } = config.model;
  // Left out where they change nothing: one spelling, and that of before they were there.
  const model = { ...sizes, ...(bias && { bias }), ...(untied && { untied }) };
  const { sequencesPerPage, pagesPerWindow, noisePages } = config.data;
  const { train, commit, reveal, judge, deadlineOffset, finalityLag } = config.phases;
  return {
    format: RUN_FORMAT,
    name: config.name,
    netuid: parts.netuid,
    model,
    tokenizer: tokenizerIn(config, parts),
    data: {
      manifest: parts.dataManifest,
      pages: parts.pages,
      sequencesPerPage,
      pagesPerWindow,
      noisePages,
    },
    genesisCheckpoint: parts.genesisCheckpoint,
    startBlock: parts.startBlock,
    windows: config.windows,
    phases: { train, commit, reveal, judge },
    deadlineOffset,
    finalityLag,
    codec: config.codec,
    inner: manifestInnerOf(config.inner),
    outer: manifestOuterOf(config.outer),
    ...rulesOfConfig(config),
    checkpointEveryWindows: config.checkpoint.everyWindows,
    retention: config.retention,
  };
}
