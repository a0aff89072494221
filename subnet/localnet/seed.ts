/** @file What the owner of a local network stores before the run's start is known: the planned data and model. */
import type { BlobStore } from "../../src/blobs/directory.ts";
import { type CorpusParts, describeReport } from "../../src/data/report.ts";
import { dataChoiceOf } from "../config/data-choice.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { type Seed, seedRun } from "../publish/seed.ts";

/** Stores the planned data and theta_0 for `neurons` miners and cheaters. @throws AssayError as seedRun */
export async function seedPlan(
  config: SubnetConfig,
  store: { readonly neurons: number; readonly blobs: BlobStore },
  parts: CorpusParts = {},
): Promise<Seed> {
  const { preset: _preset, seed: initialSeed, ...model } = config.model;
  const { sequencesPerPage, pagesPerWindow, noisePages } = config.data;
  const pages = { sequencesPerPage, pagesPerWindow, noisePages };
  const { neurons, blobs } = store;
  const data = dataChoiceOf(config);
  return seedRun({ ...pages, data, model, neurons, initialSeed }, blobs, parts);
}

function unitsOf({ tokenBytes }: Seed): string {
  return tokenBytes === 1 ? "text" : `tokens of ${tokenBytes} bytes`;
}

/** What a run starts from, for people; of text of their own also what was left out and why. */
export function describeSeed({ data }: Pick<SubnetConfig, "data">, seed: Seed): string {
  const { trainingBytes, files, pages, parameters, report } = seed;
  const megabytes = (trainingBytes / 1e6).toFixed(1);
  const text = `${megabytes} MB of ${unitsOf(seed)} from ${files} files, ${pages} pages, ${parameters} parameters`;
  return data.selection === "demo" ? text : `${text}; ${describeReport(report)}`;
}
