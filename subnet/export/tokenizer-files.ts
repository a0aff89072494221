/** @file The tokenizer of a run as files of Hugging Face tokenizers: its own tokenizer.json, or the bytes written as one. */
import type { TrainedModel } from "./trained-model.ts";
import { tokenizerConfigJson, tokenizerJson } from "./byte-tokenizer.ts";

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Files by name; none where nobody knows what the tokens mean, or where the run's file is not at hand. */
export function tokenizerFiles({
  manifest,
  tokenizerFile,
}: Pick<TrainedModel, "manifest" | "tokenizerFile">): [string, Uint8Array | string][] {
  const { tokenizer, model } = manifest;
  const file = tokenizer.kind === "bytes" ? pretty(tokenizerJson()) : tokenizerFile;
  if (file === null) return [];
  return [
    ["tokenizer.json", file],
    ["tokenizer_config.json", pretty(tokenizerConfigJson(model.context))],
  ];
}
