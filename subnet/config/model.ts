/** @file Tables [model] and [tokenizer]: what is trained. */
import { derivedKey, key, oneOf, positive, table, text, toggle, whole } from "./key.ts";

/** tokenizer.file where there is none. */
export const NO_FILE = "none";
const OF_PRESET = "that of the preset";

/** [model]: a preset, or a preset with some sizes replaced. */
export const modelTable = table("What is trained: a preset, or a preset with some sizes replaced", {
  preset: key(oneOf(["nano", "1m", "10m", "124m", "350m", "1b"]), "nano", {
    description:
      "Sizes to start from: nano has 0.1 M parameters, 1m 1.02 M, 10m 10.7 M, 124m 124 M, 350m 353 M, 1b 1.03 G.",
    unit: "name",
    effect:
      "A larger model ends at a lower loss and needs longer windows and more memory (miner plan says how much). From 124m on they are meant for a tokenizer.",
  }),
  seed: key(whole(0, 4_294_967_295), 1, {
    description: "Seed of the first parameters.",
    unit: "number",
    effect: "Another seed gives another, equally good start.",
  }),
  architecture: derivedKey(oneOf(["llama", "gpt2"]), OF_PRESET, {
    description: "llama: RMSNorm, rotary positions, SwiGLU; gpt2: LayerNorm, learned positions.",
    unit: "name",
    effect: "llama exports to Hugging Face as LlamaForCausalLM; gpt2 is there to compare.",
  }),
  layers: derivedKey(whole(1, 512), OF_PRESET, {
    description: "Transformer layers.",
    unit: "layers",
    effect: "More: more parameters and slower steps, both in proportion.",
  }),
  heads: derivedKey(whole(1, 1024), OF_PRESET, {
    description: "Attention heads; must divide the width.",
    unit: "heads",
    effect: "More heads are narrower; 32 to 64 wide is usual.",
  }),
  keyValueHeads: derivedKey(whole(1, 1024), OF_PRESET, {
    description: "Heads of keys and values; must divide the heads.",
    unit: "heads",
    effect: "Fewer than heads is grouped-query attention: smaller, a little worse.",
  }),
  width: derivedKey(whole(1, 65_536), OF_PRESET, {
    description: "Width of the residual stream.",
    unit: "features",
    effect: "Twice the width: four times the parameters and the work; lower the learning rate.",
  }),
  hidden: derivedKey(whole(1, 1_048_576), OF_PRESET, {
    description: "Width inside the feed-forward layer; 8/3 of the width is usual.",
    unit: "features",
    effect: "Wider: more parameters and slower steps.",
  }),
  context: derivedKey(whole(1, 1_048_576), OF_PRESET, {
    description: "Tokens the model sees at once; a sequence of the data has this length.",
    unit: "tokens",
    effect: "Longer: lower loss on long texts; attention costs its square; fewer pages.",
  }),
  vocabulary: derivedKey(
    whole(1, 4_194_304),
    "that of the tokenizer.json or of synthetic tokens, else of the preset",
    {
      description: "Entries of the embedding; the byte tokenizer needs 256.",
      unit: "tokens",
      effect: "More than the tokenizer has is wasted.",
    },
  ),
  ropeBase: derivedKey(positive(1e9), OF_PRESET, {
    description: "Base of the rotary frequencies (llama).",
    unit: "number",
    effect: "Raise it for contexts of many thousand tokens.",
  }),
  normEpsilon: derivedKey(positive(1), OF_PRESET, {
    description: "Added to the variance in the norms.",
    unit: "number",
    effect: "Too small divides by zero, too large flattens small activations.",
  }),
  bias: derivedKey(toggle(), "false", {
    description: "Whether norms and products have biases (gpt2 only); those of Hugging Face do.",
    unit: "switch",
    effect: "true: a few more parameters, and GPT-2 models of others can be gone on with.",
  }),
  untied: derivedKey(toggle(), "false", {
    description: "Whether the head is a matrix of its own instead of the embedding.",
    unit: "switch",
    effect: "true: vocabulary times width more parameters, as Llama models from 7 B on have.",
  }),
});

/** [tokenizer]: how text becomes tokens. */
export const tokenizerTable = table("How text becomes tokens", {
  kind: derivedKey(
    oneOf(["bytes", "huggingface", "tokens"]),
    "huggingface if a file is named, else tokens for data that are tokens, else bytes",
    {
      description:
        "bytes: a token is a byte of UTF-8, so every text can be written; huggingface: as the file says; tokens: shards whose tokenizer nobody names.",
      unit: "name",
      effect: "With tokens nobody can read what the model writes: it is shown as numbers.",
    },
  ),
  file: key(text(4096), NO_FILE, {
    description:
      "tokenizer.json of Hugging Face; every node of the run gets it by its digest. none: there is none.",
    unit: "path",
    effect: "A larger vocabulary makes fewer tokens of a text, and a larger embedding.",
  }),
});
