/** @file A config.json of Hugging Face's LlamaForCausalLM or GPT2LMHeadModel as a model of ours; what would compute something else is refused by its cause. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ModelConfig } from "../../kernels/nn/model.ts";
import { AssayError } from "../errors.ts";

const MAX_CONFIG_BYTES = 1 << 20;
const CONFIG = "config.json";
const size = z.int().min(1);

const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().optional(),
});

const llamaSchema = z.looseObject({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size,
  vocab_size: size,
  hidden_act: z.string().default("silu"),
  rms_norm_eps: z.number(),
  rope_theta: z.number().nullish(),
  rope_scaling: ropeSchema.nullish(),
  rope_parameters: ropeSchema.nullish(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(false),
});

const gpt2Schema = z.looseObject({
  n_embd: size,
  n_layer: size,
  n_head: size,
  n_positions: size,
  n_inner: size.nullish(),
  vocab_size: size,
  activation_function: z.string().default("gelu_new"),
  layer_norm_epsilon: z.number().default(1e-5),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  add_cross_attention: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(true),
});

/** Base of the rotary frequencies where a configuration names none. */
const ROPE_BASE = 10_000;

function refuse(reason: string, cause?: unknown): never {
  throw new AssayError({ code: "checkpoint-invalid", reason }, { cause });
}

/** Refuses the first setting that does not hold, as what it would change. */
function demand(settings: readonly (readonly [boolean, string])[]): void {
  for (const [holds, cause] of settings) if (!holds) refuse(`its ${CONFIG} has ${cause}`);
}

function llamaModel(config: z.output<typeof llamaSchema>): ModelConfig {
  const { hidden_size: width, num_attention_heads: heads } = config;
  const rope = config.rope_parameters ?? config.rope_scaling ?? {};
  const ropeType = rope.rope_type ?? rope.type ?? "default";
  demand([
    [config.hidden_act === "silu", `the activation ${config.hidden_act}, not silu`],
    [!config.attention_bias, "attention_bias, and our Llama has no biases"],
    [!config.mlp_bias, "mlp_bias, and our Llama has no biases"],
    [ropeType === "default", `rotary positions of the type ${ropeType}, which we do not compute`],
    [
      (config.head_dim ?? width / heads) === width / heads,
      `heads of ${config.head_dim} values, not of hidden_size / num_attention_heads`,
    ],
  ]);
  return {
    architecture: "llama",
    layers: config.num_hidden_layers,
    heads,
    keyValueHeads: config.num_key_value_heads ?? heads,
    width,
    hidden: config.intermediate_size,
    context: config.max_position_embeddings,
    vocabulary: config.vocab_size,
    ropeBase: rope.rope_theta ?? config.rope_theta ?? ROPE_BASE,
    normEpsilon: config.rms_norm_eps,
    untied: !config.tie_word_embeddings,
  };
}

function gpt2Model(config: z.output<typeof gpt2Schema>): ModelConfig {
  const { n_embd: width, n_head: heads, activation_function: activation } = config;
  demand([
    [
      ["gelu_new", "gelu_pytorch_tanh"].includes(activation),
      `the activation ${activation}, not gelu_new`,
    ],
    [config.scale_attn_weights, "scores that are not scaled"],
    [!config.scale_attn_by_inverse_layer_idx, "scores that are scaled by the layer"],
    [!config.add_cross_attention, "cross-attention"],
  ]);
  return {
    architecture: "gpt2",
    layers: config.n_layer,
    heads,
    keyValueHeads: heads,
    width,
    hidden: config.n_inner ?? 4 * width,
    context: config.n_positions,
    vocabulary: config.vocab_size,
    ropeBase: ROPE_BASE,
    normEpsilon: config.layer_norm_epsilon,
    bias: true,
    untied: !config.tie_word_embeddings,
  };
}

/** The model that a config.json describes. @throws AssayError checkpoint-invalid with the cause */
export function modelOfConfig(text: string): ModelConfig {
  let value: unknown;
  let type: string;
  try {
    value = JSON.parse(text);
    type = z.looseObject({ model_type: z.string() }).parse(value).model_type;
  } catch (cause) {
    return refuse(`its ${CONFIG} does not parse`, cause);
  }
  try {
    if (type === "llama") return llamaModel(llamaSchema.parse(value));
    if (type === "gpt2") return gpt2Model(gpt2Schema.parse(value));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    return refuse(`${String(issue?.path.join("."))} of its ${CONFIG}: ${issue?.message}`, error);
  }
  return refuse(`its ${CONFIG} is of the type ${type}; llama and gpt2 can be imported`);
}

/** The model in a folder. @throws AssayError checkpoint-invalid; whatever the system says of a folder that cannot be read */
export async function modelOfFolder(folder: string): Promise<ModelConfig> {
  const path = join(folder, CONFIG);
  if ((await stat(path)).size > MAX_CONFIG_BYTES) return refuse(`its ${CONFIG} is too long`);
  return modelOfConfig(await readFile(path, "utf8"));
}
