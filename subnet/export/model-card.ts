/** @file The README of an exported model: which run and window it is, and how to check and load it. */
import { layoutOf, specsOf } from "../../kernels/nn/model.ts";
import type { TrainedModel } from "./trained-model.ts";

/** A name for people; a stranger chose it, so nothing in it may act as Markdown or YAML. */
function plain(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N} ._-]/gu, " ").trim() || "unnamed";
}

/** What a token is. */
const WORDS = {
  bytes: {
    units: "bytes",
    about:
      "A token is a byte of UTF-8; there are no special tokens, and a text has no end but the context's.",
  },
  huggingface: {
    units: "tokens",
    about: "Tokens are those of tokenizer.json, the very file that the run names by its digest.",
  },
  tokens: {
    units: "tokens",
    about:
      "The run was trained on tokens whose tokenizer its manifest does not name: add that file.",
  },
} as const;

/** README.md in the form of a model card. */
export function modelCard({ manifest, runId, window, thetaDigest }: TrainedModel): string {
  const { model, data, tokenizer } = manifest;
  const words = WORDS[tokenizer.kind];
  const { lengths } = layoutOf(specsOf(model));
  const parameters = lengths.reduce((sum, length) => sum + length, 0);
  const pageTokens = data.sequencesPerPage * model.context;
  return `---
library_name: transformers
pipeline_tag: text-generation
tags:
- assay
---

# ${plain(manifest.name)}

A ${model.architecture === "llama" ? "Llama" : "GPT-2"} language model of ${parameters} parameters on ${words.units}, trained by strangers on subnet ${manifest.netuid} and exported by Assay.

| what | value |
|---|---|
| run id (Blake2b-256 of the run manifest) | \`${runId}\` |
| window whose parameters these are | ${window ?? "not known: exported from a checkpoint file"} |
| digest of the parameters, as validators vote it | \`${thetaDigest}\` |
| data manifest (Blake2b-256) | \`${data.manifest}\` |
| training text | ${data.pages} pages of ${pageTokens} ${words.units} |
| layers, width, feed-forward width | ${model.layers}, ${model.width}, ${model.hidden} |
| heads, of keys and values | ${model.heads}, ${model.keyValueHeads} |
| context | ${model.context} ${words.units} |

${words.about}

    from transformers import AutoModelForCausalLM, AutoTokenizer
    model = AutoModelForCausalLM.from_pretrained(".")
    tokenizer = AutoTokenizer.from_pretrained(".")
    prompt = tokenizer("The ", return_tensors="pt")
    print(tokenizer.decode(model.generate(**prompt)[0]))

Anyone can re-derive these parameters bit for bit from the chain's record of the run: equal digests mean equal parameters.
The text it was trained on belongs to its authors.
`;
}
