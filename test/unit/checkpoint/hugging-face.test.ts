/** @file Hugging Face's names: the tensors that their classes expect, every parameter once, and the way back bit for bit. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { layoutOf, type ModelConfig, specsOf } from "../../../kernels/nn/model.ts";
import { uint32Stream } from "../../../kernels/random.ts";
import { huggingFaceTensors } from "../../../src/checkpoint/hugging-face.ts";
import { importParameters } from "../../../src/checkpoint/import.ts";
import { encodeCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { encodeSafetensors, type NamedTensor } from "../../../src/checkpoint/safetensors.ts";
import { isAssayError } from "../../../src/errors.ts";

const LLAMA: ModelConfig = {
  architecture: "llama",
  layers: 1,
  heads: 4,
  keyValueHeads: 2,
  width: 16,
  hidden: 24,
  context: 8,
  vocabulary: 256,
  ropeBase: 10_000,
  normEpsilon: 1e-5,
};
const folder = mkdtempSync(join(tmpdir(), "assay-hugging-face-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** The parameters in a file with these bytes. */
function imported(config: ModelConfig, bytes: Uint8Array): Promise<Float32Array> {
  const path = join(folder, `${files++}.safetensors`);
  writeFileSync(path, bytes);
  return importParameters(path, config).finally(() => rmSync(path));
}

const GPT2: ModelConfig = { ...LLAMA, architecture: "gpt2", keyValueHeads: 4, hidden: 64 };

/** Parameters that are all different, so that no two can be taken for each other; gaps stay zero. */
function distinct(model: ModelConfig, seed = 1): Float32Array {
  const { lengths, offsets, total } = layoutOf(specsOf(model));
  const theta = new Float32Array(total);
  const draw = uint32Stream(seed);
  for (const [index, offset] of offsets.entries())
    for (let i = 0; i < (lengths[index] ?? 0); i++) theta[offset + i] = draw() / 2 ** 32 + 0.5;
  return theta;
}

const shapesOf = (model: ModelConfig): Record<string, readonly number[]> =>
  Object.fromEntries(
    huggingFaceTensors(model, distinct(model)).map(({ name, shape }) => [name, shape]),
  );

test("Llama: the names and shapes of LlamaForCausalLM with a tied head", () => {
  assert.deepEqual(shapesOf(LLAMA), {
    "model.embed_tokens.weight": [256, 16],
    "model.layers.0.input_layernorm.weight": [16],
    "model.layers.0.self_attn.q_proj.weight": [16, 16],
    "model.layers.0.self_attn.k_proj.weight": [8, 16],
    "model.layers.0.self_attn.v_proj.weight": [8, 16],
    "model.layers.0.self_attn.o_proj.weight": [16, 16],
    "model.layers.0.post_attention_layernorm.weight": [16],
    "model.layers.0.mlp.gate_proj.weight": [24, 16],
    "model.layers.0.mlp.up_proj.weight": [24, 16],
    "model.layers.0.mlp.down_proj.weight": [16, 24],
    "model.norm.weight": [16],
  });
});

test("GPT-2: the names and shapes of GPT2LMHeadModel, biases and all", () => {
  assert.deepEqual(shapesOf(GPT2), {
    "transformer.wte.weight": [256, 16],
    "transformer.wpe.weight": [8, 16],
    "transformer.h.0.ln_1.weight": [16],
    "transformer.h.0.ln_1.bias": [16],
    "transformer.h.0.attn.c_attn.weight": [16, 48],
    "transformer.h.0.attn.c_attn.bias": [48],
    "transformer.h.0.attn.c_proj.weight": [16, 16],
    "transformer.h.0.attn.c_proj.bias": [16],
    "transformer.h.0.ln_2.weight": [16],
    "transformer.h.0.ln_2.bias": [16],
    "transformer.h.0.mlp.c_fc.weight": [16, 64],
    "transformer.h.0.mlp.c_fc.bias": [64],
    "transformer.h.0.mlp.c_proj.weight": [64, 16],
    "transformer.h.0.mlp.c_proj.bias": [16],
    "transformer.ln_f.weight": [16],
    "transformer.ln_f.bias": [16],
  });
});

test("GPT-2's joint matrix is [in, out] with query, key and value side by side", () => {
  const theta = distinct(GPT2);
  const { specs, offsets } = layoutOf(specsOf(GPT2));
  const ours = (name: string, row: number, column: number): number | undefined =>
    theta[(offsets[specs.findIndex((spec) => spec.name === name)] ?? 0) + row * 16 + column];
  const joint = huggingFaceTensors(GPT2, theta).find(({ name }) => name.endsWith("c_attn.weight"));
  const theirs = (row: number, column: number): number | undefined =>
    joint?.values[row * 48 + column];
  assert.equal(theirs(3, 5), ours("layers.0.attention.query", 5, 3));
  assert.equal(theirs(3, 16 + 5), ours("layers.0.attention.key", 5, 3));
  assert.equal(theirs(15, 32 + 15), ours("layers.0.attention.value", 15, 15));
});

const model = fc
  .record({
    architecture: fc.constantFrom("llama" as const, "gpt2" as const),
    layers: fc.integer({ min: 1, max: 3 }),
    groups: fc.constantFrom(1, 2),
    keyValueHeads: fc.constantFrom(1, 2, 3),
    size: fc.constantFrom(2, 6),
    hidden: fc.integer({ min: 1, max: 9 }),
    context: fc.integer({ min: 1, max: 5 }),
    vocabulary: fc.integer({ min: 3, max: 9 }),
  })
  .map(({ groups, keyValueHeads, size, architecture, ...rest }): ModelConfig => {
    const heads = architecture === "gpt2" ? keyValueHeads : groups * keyValueHeads;
    const width = heads * size;
    return { ...rest, architecture, keyValueHeads, heads, width, ropeBase: 100, normEpsilon: 1e-5 };
  });

const bits = (theta: Float32Array): Buffer => Buffer.from(theta.buffer);

test("any model: every parameter is written once, and comes back whatever the order of the file", async () => {
  await fc.assert(
    fc.asyncProperty(model, fc.nat(), fc.boolean(), async (config, seed, reversed) => {
      const theta = distinct(config, seed);
      const tensors = huggingFaceTensors(config, theta);
      const written = tensors.flatMap(({ name, values }) =>
        name.endsWith("bias") ? [] : [...values],
      );
      const { lengths } = layoutOf(specsOf(config));
      assert.equal(
        written.length,
        lengths.reduce((sum, length) => sum + length, 0),
      );
      const file = encodeSafetensors(reversed ? tensors.toReversed() : tensors, { format: "pt" });
      assert.deepEqual(bits(await imported(config, file)), bits(theta));
    }),
  );
});

const refused = (
  config: ModelConfig,
  tensors: readonly NamedTensor[],
  words: RegExp,
): Promise<void> =>
  assert.rejects(
    imported(config, encodeSafetensors(tensors, {})),
    (error) => isAssayError(error, "checkpoint-invalid") && words.test(error.message),
  );

test("a tied head may be written out; a head of its own, a bias, another model are refused", async () => {
  const theta = distinct(LLAMA);
  const tensors = huggingFaceTensors(LLAMA, theta);
  const [embedding] = tensors;
  assert.ok(embedding);
  const head = { ...embedding, name: "lm_head.weight" };
  const file = encodeSafetensors([...tensors, head], {});
  assert.deepEqual(bits(await imported(LLAMA, file)), bits(theta));
  await refused(LLAMA, [...tensors, { ...head, values: head.values.map((x) => -x) }], /not tied/);
  await refused(LLAMA, tensors.slice(1), /model\.embed_tokens\.weight is missing/);
  await refused(
    LLAMA,
    [...tensors, { ...head, name: "other" }],
    /other is not of this architecture/,
  );
  await refused({ ...LLAMA, hidden: 12 }, tensors, /has shape/);
  const biased = huggingFaceTensors(GPT2, distinct(GPT2)).map((one) =>
    one.name.endsWith("ln_1.bias") ? { ...one, values: one.values.map(() => 1) } : one,
  );
  await refused(GPT2, biased, /ln_1\.bias is not zero/);
});

test("a checkpoint of ours is not taken for theirs", async () => {
  const theta = distinct(LLAMA);
  const bytes = encodeCheckpoint(layoutOf(specsOf(LLAMA)), theta);
  assert.deepEqual(bits(await imported(LLAMA, bytes)), bits(theta));
});

test("any bytes are refused as checkpoint-invalid, never a crash", async () => {
  const file = encodeSafetensors(huggingFaceTensors(LLAMA, distinct(LLAMA)), {});
  const changed = fc
    .array(fc.record({ at: fc.nat(2000), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const bytes = file.slice();
      for (const { at, byte } of changes) bytes[at] = byte;
      return bytes;
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, fc.uint8Array()), async (bytes) => {
      try {
        assert.equal((await imported(LLAMA, bytes)).length, layoutOf(specsOf(LLAMA)).total);
      } catch (error) {
        assert.ok(isAssayError(error, "checkpoint-invalid"), String(error));
      }
    }),
    { numRuns: 200 },
  );
});
