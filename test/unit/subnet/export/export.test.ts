/** @file The exported folder: every file, names and shapes in the safetensors header, values of the configuration. */
import { strict as assert } from "node:assert";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import type { ModelConfig } from "../../../../kernels/nn/model.ts";
import { importParameters } from "../../../../src/checkpoint/import.ts";
import { isAssayError } from "../../../../src/errors.ts";
import { byteLetters, tokenizerJson } from "../../../../subnet/export/byte-tokenizer.ts";
import { writeExport } from "../../../../subnet/export/export.ts";
import { modelCard } from "../../../../subnet/export/model-card.ts";
import { configJson, generationJson } from "../../../../subnet/export/model-config.ts";
import type { TrainedModel } from "../../../../subnet/export/trained-model.ts";
import { manifestOf, parametersOf, RUN_ID, TINY } from "./small-run.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-export-"));
after(() => rmSync(folder, { recursive: true }));

function modelOf(name = "small"): TrainedModel {
  const { theta, thetaDigest } = parametersOf(1);
  const manifest = { ...manifestOf(), name };
  const about = { runId: RUN_ID, window: 12, tokenizerFile: null, origin: "a test" };
  return { ...about, manifest, theta, thetaDigest };
}

const headerSchema = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(z.number()) }).or(z.record(z.string(), z.string())),
);

test("the folder has what transformers looks for, and the header names every tensor in float32", async () => {
  const output = join(folder, "new", "model");
  await writeExport(modelOf(), output);
  assert.deepEqual(
    readdirSync(output).toSorted((a, b) => (a < b ? -1 : 1)),
    [
      "README.md",
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ],
  );
  const bytes = readFileSync(join(output, "model.safetensors"));
  const header = headerSchema.parse(
    JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString()),
  );
  const { __metadata__: metadata, ...tensors } = header;
  assert.deepEqual(metadata, {
    format: "pt",
    runId: RUN_ID,
    window: "12",
    thetaDigest: parametersOf(1).thetaDigest,
  });
  const layer = "model.layers.0";
  assert.deepEqual(
    Object.entries(tensors).map(([name, { dtype, shape }]) => [name, dtype, shape]),
    [
      ["model.embed_tokens.weight", "F32", [256, 8]],
      [`${layer}.input_layernorm.weight`, "F32", [8]],
      [`${layer}.self_attn.q_proj.weight`, "F32", [8, 8]],
      [`${layer}.self_attn.k_proj.weight`, "F32", [4, 8]],
      [`${layer}.self_attn.v_proj.weight`, "F32", [4, 8]],
      [`${layer}.self_attn.o_proj.weight`, "F32", [8, 8]],
      [`${layer}.post_attention_layernorm.weight`, "F32", [8]],
      [`${layer}.mlp.gate_proj.weight`, "F32", [12, 8]],
      [`${layer}.mlp.up_proj.weight`, "F32", [12, 8]],
      [`${layer}.mlp.down_proj.weight`, "F32", [8, 12]],
      ["model.norm.weight", "F32", [8]],
    ],
  );
  assert.deepEqual(await importParameters(output, TINY), parametersOf(1).theta);
});

test("what lies in the output folder already is never touched, and nothing half-written stays", async () => {
  const full = join(folder, "full");
  mkdirSync(full);
  writeFileSync(join(full, "mine.txt"), "mine");
  const file = join(folder, "file");
  writeFileSync(file, "mine");
  for (const [output, words] of [
    [full, /not empty/],
    [file, /it is a file/],
  ] as const)
    await assert.rejects(
      writeExport(modelOf(), output),
      (error) => isAssayError(error, "bad-option") && words.test(error.message),
    );
  assert.deepEqual(readdirSync(full), ["mine.txt"]);
  const empty = join(folder, "empty");
  mkdirSync(empty);
  await writeExport(modelOf(), `${empty}/`);
  assert.ok(existsSync(join(empty, "config.json")));
  assert.deepEqual(
    readdirSync(dirname(empty)).filter((name) => name.endsWith(".tmp")),
    [],
  );
});

test("Llama's configuration", () => {
  const llama: ModelConfig = { ...TINY, ropeBase: 5000, normEpsilon: 1e-6, vocabulary: 300 };
  assert.deepEqual(configJson(llama), {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 4,
    max_position_embeddings: 64,
    hidden_act: "silu",
    rms_norm_eps: 1e-6,
    rope_theta: 5000,
    rope_parameters: { rope_type: "default", rope_theta: 5000 },
    attention_bias: false,
    attention_dropout: 0,
    mlp_bias: false,
    vocab_size: 300,
    tie_word_embeddings: true,
    initializer_range: 0.02,
    dtype: "float32",
    use_cache: true,
    bos_token_id: null,
    eos_token_id: null,
    pad_token_id: null,
  });
});

test("GPT-2's configuration, and where generation ends", () => {
  const config = configJson({ ...TINY, architecture: "gpt2", keyValueHeads: 2 });
  const expected = {
    architectures: ["GPT2LMHeadModel"],
    n_embd: 8,
    n_inner: 12,
    n_head: 2,
    n_positions: 64,
    activation_function: "gelu_new",
    layer_norm_epsilon: 1e-5,
    tie_word_embeddings: true,
  };
  assert.partialDeepStrictEqual(config, expected);
  assert.equal(generationJson(TINY)["max_length"], 64);
});

test("the tokenizer's letters are GPT-2's: one for each byte, none a space or control character", () => {
  const letters = byteLetters();
  assert.equal(new Set(letters).size, 256);
  assert.ok(letters.every((letter) => letter.length === 1 && !/[\s\p{Cc}]/u.test(letter)));
  // Known from every GPT-2 vocabulary: space is G with a dot, line end C with a dot.
  assert.deepEqual(
    [0x20, 0x0a, 0x41, 0xad, 0xff].map((byte) => letters[byte]),
    ["\u0120", "\u010A", "A", "\u0143", "\u00FF"],
  );
  const { model } = z
    .object({
      model: z.object({ vocab: z.record(z.string(), z.number()), merges: z.array(z.string()) }),
    })
    .parse(tokenizerJson());
  assert.deepEqual(model.merges, []);
  for (const [byte, letter] of letters.entries()) assert.equal(model.vocab[letter], byte);
});

test("the card names run, window and digest; no name of a run can act in it", () => {
  const card = modelCard(modelOf());
  assert.match(card, /^---\nlibrary_name: transformers\n/);
  for (const words of [RUN_ID, parametersOf(1).thetaDigest, "| 12 |", "2552 parameters"])
    assert.ok(card.includes(words), words);
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "binary", maxLength: 64 }), (name) => {
      const title = modelCard(modelOf(name)).split("\n")[7] ?? "";
      assert.match(title, /^# [\p{L}\p{N} ._-]+$/u);
    }),
  );
});
