/** @file Exported models in Hugging Face transformers: equal logits, losses, greedy text, and a tokenizer of bytes. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { startEngine } from "../../kernels/engine/engine.ts";
import { floats, integers, Session, viewsOf } from "../../kernels/engine/session.ts";
import { layoutOf, type ModelConfig, specsOf } from "../../kernels/nn/model.ts";
import { NAMES, samplingProgram } from "../../kernels/nn/programs.ts";
import { exactNormal, uint32Stream } from "../../kernels/random.ts";
import { digestOf } from "../../src/checkpoint/checkpoint.ts";
import { importParameters } from "../../src/checkpoint/import.ts";
import { demoManifest, MODELS } from "../../src/run/presets.ts";
import { byteLetters } from "../../subnet/export/byte-tokenizer.ts";
import { writeExport } from "../../subnet/export/export.ts";
import { openPython } from "./python.ts";

const TOLERANCE = 1e-4;
const ROWS = 2;
const PROMPT = 4;

const CASES: Readonly<Record<string, ModelConfig>> = {
  "llama, the demo's size": MODELS.nano,
  "llama, wider, grouped queries": {
    ...MODELS.nano,
    layers: 3,
    heads: 8,
    keyValueHeads: 2,
    width: 128,
    hidden: 344,
    context: 128,
    vocabulary: 320,
    ropeBase: 500_000,
    normEpsilon: 1e-6,
  },
  "llama, a head of its own": { ...MODELS.nano, keyValueHeads: 2, untied: true },
  gpt2: { ...MODELS.nano, architecture: "gpt2", hidden: 256 },
  "gpt2 with biases": { ...MODELS.nano, architecture: "gpt2", hidden: 256, bias: true },
  "gpt2 with biases, a head of its own": {
    ...MODELS.nano,
    architecture: "gpt2",
    hidden: 256,
    bias: true,
    untied: true,
  },
};
/** Bytes of tensors in a file: the exported models come in several. */
const SHARD_BYTES = 200_000;

const folder = mkdtempSync(join(tmpdir(), "assay-interop-cases-"));
after(() => rmSync(folder, { recursive: true }));

/** Every tensor drawn, gains too, and wide enough that logits differ clearly. */
function drawn(config: ModelConfig, seed: number): Float32Array {
  const { specs, lengths, offsets, total } = layoutOf(specsOf(config));
  const theta = new Float32Array(total);
  for (const [index, { decay }] of specs.entries()) {
    const draw = uint32Stream(seed, index);
    const offset = offsets[index] ?? 0;
    for (let i = 0; i < (lengths[index] ?? 0); i++)
      theta[offset + i] = decay ? 0.12 * exactNormal(draw) : 1 + 0.3 * exactNormal(draw);
  }
  return theta;
}

/** Logits of every position of a sequence, by the graph that the engine samples with. */
async function logitsOf(
  config: ModelConfig,
  theta: Float32Array,
  tokens: Int32Array,
): Promise<number[][]> {
  const layout = layoutOf(specsOf(config));
  const session = await Session.load(samplingProgram(config), { device: "cpu", threads: 1 });
  const [ids, position] = [tokens.slice(0, config.context), new Int32Array(1)];
  const row = new Float32Array(config.vocabulary);
  const inputs = { [NAMES.ids]: integers(ids), [NAMES.position]: integers(position) };
  const outputs = { [NAMES.logits]: floats(row, [1, config.vocabulary]) };
  const rows: number[][] = [];
  for (let at = 0; at < config.context; at++) {
    position[0] = at;
    await session.run([inputs, viewsOf(theta, layout)], outputs);
    rows.push([...row]);
  }
  await session.close();
  return rows;
}

/** What the engine says about a model: losses and the likeliest continuation. */
async function engineOf(
  config: ModelConfig,
  theta: Float32Array,
  sequences: readonly Int32Array[],
): Promise<{ losses: number[]; greedy: number[] }> {
  const innerOptimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 };
  const shape = { model: config, batch: 1, evaluationBatch: 1, device: "cpu" as const };
  const engine = await startEngine({ ...shape, innerOptimizer });
  await engine.setParameters(theta);
  const tokens = Int32Array.from(sequences.flatMap((sequence) => [...sequence]));
  const losses = [...(await engine.losses({ tokens }))];
  const prompt = (sequences[0] ?? new Int32Array()).slice(0, PROMPT);
  const count = config.context - PROMPT;
  const greedy = [...(await engine.sample({ prompt, count, temperature: 0, seed: 1 }))];
  await engine.close();
  return { losses, greedy };
}

/** Texts of every kind of character, and every byte that can begin one. */
function texts(): string[] {
  const draw = uint32Stream(11);
  const below = (limit: number): number => draw() % limit;
  const ranges = [0x80, 0x800, 0xd800, 0x110000] as const;
  const character = (): string => {
    const code = below(ranges[below(4)] ?? 0x80);
    return String.fromCodePoint(code >= 0xd800 && code < 0xe000 ? code - 0x800 : code);
  };
  return [
    "",
    " leading and trailing ",
    "don't  split\n\n\twords\r\n",
    "\0\u001b[2J<s></s><|endoftext|>[UNK]",
    "e\u0301 \u200d \ufeff \u202e",
    Array.from({ length: 0x80 }, (_, code) => String.fromCodePoint(code)).join(""),
    Array.from({ length: 0x780 }, (_, index) => String.fromCodePoint(0x80 + index)).join(""),
    ...Array.from({ length: 300 }, () => Array.from({ length: below(60) }, character).join("")),
  ];
}

const foundSchema = z.object({
  torch: z.string(),
  transformers: z.string(),
  cases: z.array(
    z.object({
      class: z.string(),
      tokenizer: z.string(),
      parameters: z.number(),
      dtype: z.string(),
      logits: z.number(),
      largest: z.number(),
      losses: z.number(),
      greedy: z.array(z.number()),
      vocabulary: z.array(z.string()),
      ids: z.array(z.array(z.number())),
      decoded: z.array(z.string()),
      special: z.array(z.string()),
    }),
  ),
});

type Found = z.output<typeof foundSchema>;

/** An exported model and what the engine says about it. */
type Case = {
  readonly name: string;
  readonly config: ModelConfig;
  readonly theta: Float32Array;
  readonly output: string;
  readonly sequences: readonly Int32Array[];
  readonly logits: readonly number[][][];
  readonly losses: readonly number[];
  readonly greedy: readonly number[];
};

async function exported(name: string, config: ModelConfig, index: number): Promise<Case> {
  const theta = drawn(config, index + 1);
  const draw = uint32Stream(99, index);
  const sequences = Array.from({ length: ROWS }, () =>
    Int32Array.from({ length: config.context + 1 }, () => draw() % config.vocabulary),
  );
  const manifest = demoManifest({
    name,
    netuid: 1,
    startBlock: 50,
    windows: 12,
    genesisCheckpoint: `0x${"00".repeat(32)}`,
    data: { manifest: `0x${"11".repeat(32)}`, pages: 1000 },
  });
  const output = join(folder, String(index));
  const runId = `0x${"ab".repeat(32)}` as const;
  const thetaDigest = await digestOf(runId, layoutOf(specsOf(config)), theta);
  const about = { runId, window: 7, tokenizerFile: null, origin: "a test" };
  const model = { ...about, thetaDigest, theta };
  await writeExport({ ...model, manifest: { ...manifest, model: config } }, output, SHARD_BYTES);
  const said = await engineOf(config, theta, sequences);
  const logits = [];
  for (const sequence of sequences) logits.push(await logitsOf(config, theta, sequence));
  return { name, config, theta, output, sequences, logits, ...said };
}

/** What compare.py reads of a case. */
const caseJson = ({ output, sequences, logits, losses }: Case): unknown => ({
  folder: output,
  sequences: sequences.map((sequence) => [...sequence]),
  logits,
  losses,
  texts: texts(),
});

/** Biases that GPT2LMHeadModel has and our GPT-2 without them has not. */
function biasesOf({ architecture, layers, width, hidden, bias }: ModelConfig): number {
  return architecture === "llama" || bias === true ? 0 : layers * (7 * width + hidden) + width;
}

async function check(
  { config, greedy, theta, output }: Case,
  found: Found["cases"][number],
  figures: string,
): Promise<void> {
  assert.ok(found.largest > 1, "logits so small would hide a difference");
  assert.ok(found.logits < TOLERANCE, figures);
  assert.ok(found.losses < TOLERANCE, figures);
  assert.deepEqual(found.greedy, greedy);
  assert.equal(found.dtype, "torch.float32");
  const parameters = layoutOf(specsOf(config)).lengths.reduce((sum, one) => sum + one, 0);
  assert.equal(found.parameters, parameters + biasesOf(config));
  assert.deepEqual(found.special, []);
  assert.deepEqual(found.vocabulary, byteLetters());
  for (const [at, text] of texts().entries()) {
    assert.deepEqual(found.ids[at], [...Buffer.from(text)], JSON.stringify(text));
    assert.equal(found.decoded[at], text);
  }
  // What transformers saves again is read back to the same bits.
  const back = await importParameters(`${output}-saved`, config);
  assert.deepEqual(Buffer.from(back.buffer), Buffer.from(theta.buffer));
}

test("transformers computes what the engine computes", async (context) => {
  const python = await openPython();
  if ("missing" in python) {
    process.stderr.write(`SKIPPED, nothing was compared: ${python.missing}\n`);
    return context.skip(python.missing);
  }
  const cases: Case[] = [];
  for (const [name, config] of Object.entries(CASES))
    cases.push(await exported(name, config, cases.length));
  const path = join(folder, "cases.json");
  writeFileSync(path, JSON.stringify(cases.map(caseJson)));
  const script = fileURLToPath(new URL("compare.py", import.meta.url));
  const found = foundSchema.parse(JSON.parse(await python.run([script, path])));
  assert.equal(found.cases.length, cases.length);
  for (const [index, one] of cases.entries()) {
    const theirs = found.cases[index] ?? assert.fail("a case too few");
    const { logits, largest, losses } = theirs;
    const figures = `largest difference of logits ${logits.toExponential(2)} (logits up to ${largest.toFixed(1)}), of losses ${losses.toExponential(2)}`;
    context.diagnostic(
      `transformers ${found.transformers}, torch ${found.torch}, ${one.name}: ${theirs.class}, ${theirs.tokenizer}, ${theirs.parameters} parameters; ${figures}; ${theirs.greedy.length} greedy tokens`,
    );
    await check(one, theirs, figures);
  }
});
