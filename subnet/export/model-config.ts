/** @file A model's configuration in the words of Hugging Face transformers (config.json, generation_config.json). */
import type { ModelConfig } from "../../src/protocol/manifest.ts";

type Json = Readonly<Record<string, unknown>>;

/** The byte tokenizer has no special tokens. */
const NO_TOKENS = { bos_token_id: null, eos_token_id: null, pad_token_id: null } as const;

function llamaConfig(model: ModelConfig): Json {
  const { ropeBase } = model;
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: model.width,
    intermediate_size: model.hidden,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.keyValueHeads,
    head_dim: model.width / model.heads,
    max_position_embeddings: model.context,
    hidden_act: "silu",
    rms_norm_eps: model.normEpsilon,
    // transformers 4 reads the first, 5 the second.
    rope_theta: ropeBase,
    rope_parameters: { rope_type: "default", rope_theta: ropeBase },
    attention_bias: false,
    attention_dropout: 0,
    mlp_bias: false,
  };
}

function gpt2Config(model: ModelConfig): Json {
  return {
    architectures: ["GPT2LMHeadModel"],
    model_type: "gpt2",
    n_embd: model.width,
    n_inner: model.hidden,
    n_layer: model.layers,
    n_head: model.heads,
    n_positions: model.context,
    activation_function: "gelu_new",
    layer_norm_epsilon: model.normEpsilon,
    scale_attn_weights: true,
    attn_pdrop: 0,
    embd_pdrop: 0,
    resid_pdrop: 0,
  };
}

/** config.json of LlamaForCausalLM or GPT2LMHeadModel. */
export function configJson(model: ModelConfig): Json {
  return {
    ...(model.architecture === "llama" ? llamaConfig(model) : gpt2Config(model)),
    vocab_size: model.vocabulary,
    tie_word_embeddings: model.untied !== true,
    initializer_range: 0.02,
    dtype: "float32",
    use_cache: true,
    ...NO_TOKENS,
  };
}

/** generation_config.json: it draws, and ends where the model's positions do. */
export function generationJson(model: ModelConfig): Json {
  return { do_sample: true, temperature: 0.7, max_length: model.context, ...NO_TOKENS };
}
