/** @file Which text a configuration means, as readers of text take it. */
import type { DataOptions } from "../../src/data/corpus.ts";
import type { SubnetConfig } from "./schema.ts";

/** The text of [data]. */
export function dataChoiceOf({ data }: Pick<SubnetConfig, "data">): DataOptions {
  const { folder, limitBytes, selection, include, format, field } = data;
  if (selection === "demo") return { selection, folder, limitBytes };
  const all = { selection, folder, limitBytes, include };
  return format === "text" ? { ...all, format } : { ...all, format, field };
}
