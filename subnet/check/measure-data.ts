/** @file What `subnet check` finds out about the data: how much text there is, and how many pages it makes. */
import { readCorpus } from "../../src/data/corpus.ts";
import { dataChoiceOf } from "../config/data-choice.ts";
import type { SubnetConfig } from "../config/schema.ts";
import type { DataMeasure } from "./subject.ts";

/** Pages that so much training text makes; a page needs one token more than it has positions. */
export function pagesOf(config: SubnetConfig, trainingBytes: number): number {
  const pageBytes = config.model.context * config.data.sequencesPerPage;
  return Math.floor(Math.max(0, trainingBytes - 1) / pageBytes);
}

/**
 * What the text of [data] makes.
 * @throws AssayError data-unreadable
 */
export async function measureData(config: SubnetConfig): Promise<DataMeasure> {
  const { training, heldOut, report } = await readCorpus(dataChoiceOf(config));
  return {
    trainingBytes: training.length,
    heldOutBytes: heldOut.length,
    files: report.files,
    pages: pagesOf(config, training.length),
  };
}
