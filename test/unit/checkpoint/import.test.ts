/**
 * @file Models that Hugging Face transformers made, imported: our graph computes their logits. Folders and numbers stand under
 * test/fixtures/hugging-face; test/interop/make_models.py makes them.
 */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { z } from "zod";
import { floats, integers, Session, viewsOf } from "../../../kernels/engine/session.ts";
import { layoutOf, type ModelConfig, specsOf } from "../../../kernels/nn/model.ts";
import { NAMES, samplingProgram } from "../../../kernels/nn/programs.ts";
import { type OuterOptimizer, withMomentum } from "../../../kernels/optim/outer.ts";
import { encodeCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { modelOfConfig, modelOfFolder } from "../../../src/checkpoint/hugging-face-config.ts";
import { importParameters } from "../../../src/checkpoint/import.ts";
import { safetensorsHeader } from "../../../src/checkpoint/safetensors.ts";
import { openWeights } from "../../../src/checkpoint/weights.ts";
import { isAssayError } from "../../../src/errors.ts";

const MADE = fileURLToPath(new URL("../../fixtures/hugging-face", import.meta.url));
const schema = z.object({
  transformers: z.string(),
  cases: z.array(
    z.object({
      folder: z.string(),
      class: z.string(),
      ids: z.array(z.number()),
      logits: z.array(z.array(z.number())),
    }),
  ),
});
const { cases } = schema.parse(JSON.parse(readFileSync(join(MADE, "models.json"), "utf8")));
const folder = mkdtempSync(join(tmpdir(), "assay-import-"));
after(() => rmSync(folder, { recursive: true }));

/** Logits of every position, by the graph that the engine samples with. */
async function logitsOf(
  model: ModelConfig,
  theta: Float32Array,
  ids: readonly number[],
): Promise<number[][]> {
  const layout = layoutOf(specsOf(model));
  const session = await Session.load(samplingProgram(model), { device: "cpu", threads: 1 });
  const [tokens, position] = [Int32Array.from(ids), new Int32Array(1)];
  const row = new Float32Array(model.vocabulary);
  const rows: number[][] = [];
  for (let at = 0; at < model.context; at++) {
    position[0] = at;
    const inputs = { [NAMES.ids]: integers(tokens), [NAMES.position]: integers(position) };
    await session.run([inputs, viewsOf(theta, layout)], {
      [NAMES.logits]: floats(row, [1, model.vocabulary]),
    });
    rows.push([...row]);
  }
  await session.close();
  return rows;
}

function largestDifference(a: readonly number[][], b: readonly number[][]): number {
  return Math.max(
    ...a.flatMap((row, at) => row.map((value, i) => Math.abs(value - (b[at]?.[i] ?? NaN)))),
  );
}

for (const one of cases)
  test(`${one.folder}: the logits of ${one.class}`, async (context) => {
    const path = join(MADE, one.folder);
    const model = await modelOfFolder(path);
    const logits = await logitsOf(model, await importParameters(path, model), one.ids);
    const difference = largestDifference(one.logits, logits);
    assert.ok(
      Math.max(...one.logits.flat().map(Math.abs)) > 0.3,
      "logits so small hide a difference",
    );
    context.diagnostic(`largest difference of logits ${difference.toExponential(2)}`);
    assert.ok(difference <= 1e-5, String(difference));
  });

test("every form of the issue is among them", async () => {
  const models = await Promise.all(cases.map((one) => modelOfFolder(join(MADE, one.folder))));
  assert.ok(models.some((one) => one.keyValueHeads < one.heads && one.untied === true));
  assert.ok(models.some((one) => one.ropeBase === 500_000));
  for (const architecture of ["llama", "gpt2"])
    for (const untied of [true, false])
      assert.ok(models.some((one) => one.architecture === architecture && one.untied === untied));
});

test("a run with a shorter context takes the first positions of a GPT-2", async () => {
  const one = cases.find((each) => each.folder === "gpt2") ?? assert.fail("not there");
  const path = join(MADE, "gpt2");
  const model = { ...(await modelOfFolder(path)), context: 4 };
  const logits = await logitsOf(model, await importParameters(path, model), one.ids.slice(0, 4));
  assert.ok(largestDifference(one.logits.slice(0, 4), logits) <= 1e-5);
});

const at = (name: string): string => join(MADE, name);

async function refused(path: string, model: ModelConfig, words: RegExp): Promise<void> {
  await assert.rejects(
    importParameters(path, model),
    (error) =>
      isAssayError(error, "checkpoint-invalid") &&
      words.test(error.message) &&
      error.message.includes(path),
  );
}

test("a checkpoint of ours gives what an optimiser shares: its momentum, zeros where it has none", async () => {
  const model = await modelOfFolder(at("llama"));
  const layout = layoutOf(specsOf(model));
  const theta = await importParameters(at("llama"), model);
  const shared = new Float32Array(2 * layout.total);
  shared.set(theta);
  for (const [index, offset] of layout.offsets.entries())
    shared.fill(7, layout.total + offset, layout.total + offset + (layout.lengths[index] ?? 0));
  const withZeros = new Float32Array(2 * layout.total);
  withZeros.set(theta);
  const diloco: OuterOptimizer = { kind: "diloco", momentum: 0.9 };
  const [alone, whole] = ["alone", "whole"].map((name) => join(folder, `${name}.safetensors`));
  writeFileSync(alone ?? "", encodeCheckpoint(layout, theta));
  writeFileSync(whole ?? "", encodeCheckpoint(withMomentum(layout), shared));
  assert.deepEqual(await importParameters(whole ?? "", model, diloco), shared);
  assert.deepEqual(await importParameters(whole ?? "", model), theta);
  assert.deepEqual(await importParameters(alone ?? "", model, diloco), withZeros);
  assert.deepEqual(await importParameters(at("llama"), model, diloco), withZeros);
});

test("a folder of another model, and a head or biases that the run's model lacks, are refused by their cause", async () => {
  const gpt2 = await modelOfFolder(at("gpt2"));
  const untied = await modelOfFolder(at("llama-grouped-untied"));
  await refused(at("gpt2"), { ...gpt2, bias: false }, /no biases \(model\.bias\)/);
  await refused(at("llama-grouped-untied"), { ...untied, untied: false }, /\(model\.untied\)/);
  await refused(at("llama"), untied, /k_proj\.weight has shape 16,16, not 8,16/);
  await refused(at("gpt2"), untied, /model\.embed_tokens\.weight is missing/);
  await refused(at("gpt2"), { ...gpt2, context: 9 }, /wpe\.weight has shape 8,16, not 9,16/);
  const tied = await modelOfFolder(at("llama"));
  const loose = { ...tied, untied: true };
  const theta = await importParameters(at("llama"), loose);
  const table = tied.vocabulary * tied.width;
  assert.deepEqual(theta.slice(-table), theta.slice(0, table), "the head begins as the embedding");
});

const config = (more: Readonly<Record<string, unknown>>, from = "llama"): string =>
  JSON.stringify({ ...JSON.parse(readFileSync(join(MADE, from, "config.json"), "utf8")), ...more });

test("what would compute something else is refused by its cause", () => {
  const refusals: readonly (readonly [string, RegExp])[] = [
    [config({ hidden_act: "gelu" }), /activation gelu, not silu/],
    [config({ attention_bias: true }), /attention_bias/],
    [config({ rope_parameters: { rope_type: "llama3", factor: 8 } }), /type llama3/],
    [config({ rope_parameters: null, rope_scaling: { type: "linear" } }), /type linear/],
    [config({ head_dim: 8 }), /heads of 8 values/],
    [config({ model_type: "mistral" }), /of the type mistral; llama and gpt2/],
    [config({ activation_function: "relu" }, "gpt2"), /activation relu/],
    [config({ scale_attn_by_inverse_layer_idx: true }, "gpt2"), /scaled by the layer/],
    [config({ n_layer: "two" }, "gpt2"), /n_layer of its config\.json/],
    ["{", /does not parse/],
    ["7", /does not parse/],
  ];
  for (const [text, words] of refusals)
    assert.throws(
      () => modelOfConfig(text),
      (error) => isAssayError(error, "checkpoint-invalid") && words.test(error.message),
      String(words),
    );
  const older = modelOfConfig(config({ rope_parameters: undefined, rope_theta: 5000 }));
  assert.equal(older.ropeBase, 5000);
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        modelOfConfig(text);
      } catch (error) {
        assert.ok(isAssayError(error, "checkpoint-invalid"));
      }
    }),
  );
});

/** A binary16 number from its parts. */
function half(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = Math.floor(bits / 1024) % 32;
  const fraction = bits % 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** A file with one tensor of a 16-bit type. */
function sixteenBits(dtype: string, values: Uint16Array): string {
  const head = safetensorsHeader([{ name: "w", shape: [values.length] }], {});
  const text = Buffer.from(head.subarray(8)).toString().replace("F32", dtype);
  const sized = text.replace(/"data_offsets":\[0,\d+\]/, `"data_offsets":[0,${2 * values.length}]`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(sized)));
  const path = join(folder, `${dtype}.safetensors`);
  writeFileSync(path, Buffer.concat([length, Buffer.from(sized), Buffer.from(values.buffer)]));
  return path;
}

test("every 16-bit value becomes the float32 that it is", async () => {
  const all = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);
  const brain = await openWeights(sixteenBits("BF16", all));
  const { values } = await brain.read("w");
  await brain.close();
  assert.deepEqual(
    new Uint32Array(values.buffer),
    Uint32Array.from(all, (bits) => bits * 65_536),
  );
  const halves = await openWeights(sixteenBits("F16", all));
  const found = (await halves.read("w")).values;
  await halves.close();
  for (const [bits, value] of found.entries())
    assert.ok(Object.is(value, half(bits)), String(bits));
  const wide = await openWeights(sixteenBits("I16", all));
  await assert.rejects(wide.read("w"), (error) => isAssayError(error, "checkpoint-invalid"));
  await wide.close();
});

test("a folder without safetensors says what it lacks; any bytes in its place are refused, never a crash", async () => {
  const model = await modelOfFolder(join(MADE, "gpt2"));
  const empty = join(folder, "empty");
  mkdirSync(empty);
  await refused(empty, model, /neither model\.safetensors nor/);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, isIndex) => {
      const name = isIndex ? "model.safetensors.index.json" : "model.safetensors";
      writeFileSync(join(empty, name), bytes);
      await refused(empty, model, /./);
      rmSync(join(empty, name));
    }),
    { numRuns: 60 },
  );
});
