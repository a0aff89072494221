/** @file Which text a configuration means, as readers of text take it. */
import type { SubnetConfig } from "./schema.ts";

type Common = { readonly folder: string; readonly limitBytes: number };

/** The demo's fixed choice below a folder, or any folder of text or JSON lines. */
export type DataChoice =
  | (Common & { readonly selection: "demo" })
  | (Common & {
      readonly selection: "all";
      readonly include: readonly string[];
    } & ({ readonly format: "text" } | { readonly format: "jsonl"; readonly field: string }));

/** The text of [data]. */
export function dataChoiceOf({ data }: Pick<SubnetConfig, "data">): DataChoice {
  const { folder, limitBytes, selection, include, format, field } = data;
  if (selection === "demo") return { selection, folder, limitBytes };
  const all = { selection, folder, limitBytes, include };
  return format === "text" ? { ...all, format } : { ...all, format, field };
}
