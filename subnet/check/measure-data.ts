/** @file What `subnet check` finds out about the data: how much text there is, and how many pages it makes. */
import { readCorpus } from "../../src/data/corpus.ts";
import { pagesIn } from "../../src/data/data-manifest.ts";
import { dataChoiceOf } from "../config/data-choice.ts";
import type { SubnetConfig } from "../config/schema.ts";
import type { DataMeasure } from "./subject.ts";

/** Pages that so many bytes of tokens make. */
export function pagesOf(
  { model, data }: SubnetConfig,
  { trainingBytes, tokenBytes }: Pick<DataMeasure, "trainingBytes" | "tokenBytes">,
): number {
  const { sequencesPerPage } = data;
  return pagesIn(trainingBytes, { context: model.context, sequencesPerPage, tokenBytes });
}

/**
 * What the text of [data] makes.
 * @throws AssayError as readCorpus
 */
export async function measureData(config: SubnetConfig): Promise<DataMeasure> {
  const { training, heldOut, tokenBytes, report } = await readCorpus(dataChoiceOf(config));
  const trainingBytes = training.length;
  return {
    trainingBytes,
    tokenBytes,
    heldOutBytes: heldOut.length,
    files: report.files,
    pages: pagesOf(config, { trainingBytes, tokenBytes }),
  };
}
