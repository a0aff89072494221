/** @file Which text a configuration means, as readers of text take it. */
import type { DataOptions } from "../../src/data/corpus.ts";
import { AssayError } from "../../src/errors.ts";
import { NO_FILE } from "./model.ts";
import { isTokenData } from "./resolve.ts";
import type { SubnetConfig } from "./schema.ts";

/** @throws AssayError bad-option */
function refuse({ kind, file }: SubnetConfig["tokenizer"], reason: string): never {
  const detail = `tokenizer.kind = ${kind} (tokenizer.file = ${file}): ${reason}`;
  throw new AssayError({ code: "bad-option", detail });
}

/** Kind, file and format must go together. @throws AssayError bad-option */
function requireTokenizer({ data, tokenizer }: Pick<SubnetConfig, "data" | "tokenizer">): void {
  const { kind, file } = tokenizer;
  const isTokens = isTokenData(data);
  if (kind === "huggingface" && file === NO_FILE)
    refuse(tokenizer, "name its tokenizer.json with tokenizer.file");
  if (kind !== "huggingface" && file !== NO_FILE)
    refuse(tokenizer, "the file is not read then; leave out one of the two");
  if (isTokens && kind === "bytes") refuse(tokenizer, "the data are tokens, not text");
  if (data.selection === "synthetic" && kind === "huggingface")
    refuse(tokenizer, "synthetic data has no text");
  if (!isTokens && kind === "tokens") refuse(tokenizer, `the data is text`);
}

/** The data of [data]. @throws AssayError bad-option when the tokenizer does not go with it */
export function dataChoiceOf({
  data,
  tokenizer,
  model,
}: Pick<SubnetConfig, "data" | "tokenizer" | "model">): DataOptions {
  requireTokenizer({ data, tokenizer });
  const { folder, limitBytes, selection, include, format, field, tokenType } = data;
  const common = {
    folder,
    limitBytes,
    ...(tokenizer.kind === "huggingface" && { tokenizer: tokenizer.file }),
  };
  if (selection === "synthetic") return { selection, folder, limitBytes };
  if (selection === "demo") return { ...common, selection };
  const all = { ...common, selection, include };
  if (format === "tokens") return { ...all, format, tokenType, vocabulary: model.vocabulary };
  return format === "text" ? { ...all, format } : { ...all, format, field };
}
