/** @file Parameters under the names and shapes of Hugging Face's LlamaForCausalLM and GPT2LMHeadModel, and back. */
import { type Layout, layoutOf, type ModelConfig, specsOf } from "../../kernels/nn/model.ts";
import { sizeOf } from "../../kernels/tensor.ts";
import { AssayError } from "../errors.ts";
import { tensorsOf } from "./checkpoint.ts";
import type { NamedTensor, TensorShape } from "./safetensors.ts";
import type { Weights } from "./weights.ts";

/**
 * How one of their tensors is made of ours: `from` stacked along the outputs, then transposed where they keep
 * [in, out]. Nothing in `from`: a bias of a model without biases, so zeros.
 */
type Rule = TensorShape & { readonly from: readonly string[]; readonly transposed: boolean };

/** The head of their files; with a tied one they may leave it out. */
const HEAD = "lm_head.weight";
const POSITIONS = "transformer.wpe.weight";
/** What stands before every name of GPT2LMHeadModel, but not in files of GPT2Model, as the first ones are. */
const GPT2_PREFIX = "transformer.";
/** Tables that older releases wrote into their files: they follow from the configuration. */
const TABLES = /\.attn\.(?:bias|masked_bias)$|\.rotary_emb\.inv_freq$/;

function same(name: string, shape: readonly number[], from: string): Rule {
  return { name, shape, from: [from], transposed: false };
}

/**
 * Their Llama keeps matrices as [out, in] and rotates the two halves of a head, as ours does (kernels/graph/rotary.ts),
 * and gives key head floor(h / group) to query head h: only names differ.
 */
function llamaRules({
  layers,
  width,
  hidden,
  heads,
  keyValueHeads,
  vocabulary,
}: ModelConfig): Rule[] {
  const keys = (width / heads) * keyValueHeads;
  const layer = (index: number): Rule[] => {
    const [theirs, ours] = [`model.layers.${index}`, `layers.${index}`];
    const attend = (part: string, from: string, shape: readonly number[]): Rule =>
      same(`${theirs}.self_attn.${part}_proj.weight`, shape, `${ours}.attention.${from}`);
    const feed = (part: string, shape: readonly number[]): Rule =>
      same(`${theirs}.mlp.${part}_proj.weight`, shape, `${ours}.feedForward.${part}`);
    return [
      same(`${theirs}.input_layernorm.weight`, [width], `${ours}.attention.norm`),
      attend("q", "query", [width, width]),
      attend("k", "key", [keys, width]),
      attend("v", "value", [keys, width]),
      attend("o", "output", [width, width]),
      same(`${theirs}.post_attention_layernorm.weight`, [width], `${ours}.feedForward.norm`),
      feed("gate", [hidden, width]),
      feed("up", [hidden, width]),
      feed("down", [width, hidden]),
    ];
  };
  return [
    same("model.embed_tokens.weight", [vocabulary, width], "embedding"),
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    same("model.norm.weight", [width], "norm"),
  ];
}

/** Their GPT-2 keeps matrices as [in, out], query, key and value as one, and has biases everywhere. */
function gpt2Rules({ layers, width, hidden, vocabulary, context, bias }: ModelConfig): Rule[] {
  const withBias = (rule: Rule, module: string, length: number): Rule[] => [
    rule,
    {
      name: `${module}.bias`,
      shape: [length],
      from: bias === true ? rule.from.map((name) => `${name}.bias`) : [],
      transposed: false,
    },
  ];
  const norm = (module: string, from: string): Rule[] =>
    withBias(same(`${module}.weight`, [width], from), module, width);
  const convolution = (
    module: string,
    shape: readonly [number, number],
    from: readonly string[],
  ): Rule[] =>
    withBias({ name: `${module}.weight`, shape, from, transposed: true }, module, shape[1]);
  const layer = (index: number): Rule[] => {
    const [theirs, ours] = [`transformer.h.${index}`, `layers.${index}`];
    const joint = ["query", "key", "value"].map((part) => `${ours}.attention.${part}`);
    return [
      ...norm(`${theirs}.ln_1`, `${ours}.attention.norm`),
      ...convolution(`${theirs}.attn.c_attn`, [width, 3 * width], joint),
      ...convolution(`${theirs}.attn.c_proj`, [width, width], [`${ours}.attention.output`]),
      ...norm(`${theirs}.ln_2`, `${ours}.feedForward.norm`),
      ...convolution(`${theirs}.mlp.c_fc`, [width, hidden], [`${ours}.feedForward.up`]),
      ...convolution(`${theirs}.mlp.c_proj`, [hidden, width], [`${ours}.feedForward.down`]),
    ];
  };
  return [
    same("transformer.wte.weight", [vocabulary, width], "embedding"),
    same(POSITIONS, [context, width], "positions"),
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    ...norm("transformer.ln_f", "norm"),
  ];
}

function rulesOf(model: ModelConfig): readonly Rule[] {
  const rules = model.architecture === "llama" ? llamaRules(model) : gpt2Rules(model);
  const { vocabulary, width } = model;
  return model.untied === true ? [...rules, same(HEAD, [vocabulary, width], "head")] : rules;
}

/** [rows, columns] -> [columns, rows]. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column] ?? 0;
  return turned;
}

/** Views of flat parameters by our names. */
function viewsOf(layout: Layout, theta: Float32Array): ReadonlyMap<string, Float32Array> {
  const views = tensorsOf(layout, theta);
  return new Map(layout.specs.map(({ name }, index) => [name, views[index] ?? new Float32Array()]));
}

/** Their tensors, in the order of their modules; a tied head is left out, as they do. */
export function huggingFaceShapes(model: ModelConfig): readonly TensorShape[] {
  return rulesOf(model);
}

/** Flat parameters as those of their tensors that have these places in huggingFaceShapes; without any, all of them. */
export function huggingFaceTensors(
  model: ModelConfig,
  theta: Float32Array,
  which?: readonly number[],
): NamedTensor[] {
  const ours = viewsOf(layoutOf(specsOf(model)), theta);
  const rules = rulesOf(model);
  const wanted = which === undefined ? rules : which.flatMap((index) => rules[index] ?? []);
  return wanted.map(({ name, shape, from, transposed }) => {
    const stacked = new Float32Array(sizeOf(shape));
    let at = 0;
    for (const part of from.map((one) => ours.get(one) ?? new Float32Array())) {
      stacked.set(part, at);
      at += part.length;
    }
    const [rows = 1, columns = 1] = shape;
    return { name, shape, values: transposed ? transpose(stacked, columns, rows) : stacked };
  });
}

function refuse(reason: string): never {
  throw new AssayError({ code: "checkpoint-invalid", reason });
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}

/** The names as GPT2LMHeadModel and LlamaForCausalLM write them, each with the name in the file. */
function namesIn({ names }: Weights, model: ModelConfig): Map<string, string> {
  const prefix = model.architecture === "gpt2" && names.has("wte.weight") ? GPT2_PREFIX : "";
  const kept = [...names].filter((name) => !TABLES.test(name));
  return new Map(kept.map((name) => [name === HEAD ? name : `${prefix}${name}`, name]));
}

/** Whether the tensors of a file have their names rather than ours. */
export function isHuggingFace({ names }: Weights): boolean {
  return [...names].some((name) => /^(?:model|transformer|h|wte)\./.test(name));
}

/** Puts one of their tensors where ours lie. A model of a shorter context takes the first positions. */
function adopt(
  { name, shape, from, transposed }: Rule,
  tensor: NamedTensor,
  ours: ReadonlyMap<string, Float32Array>,
): void {
  const [rows = 1, columns = 1] = shape;
  const cut = name === POSITIONS && tensor.shape[1] === columns && (tensor.shape[0] ?? 0) > rows;
  if (!cut && String(tensor.shape) !== String(shape))
    refuse(`tensor ${name} has shape ${String(tensor.shape)}, not ${String(shape)}`);
  if (from.length === 0 && tensor.values.some((value) => value !== 0))
    refuse(`${name} is not zero, but the model has no biases (model.bias)`);
  const stacked = transposed ? transpose(tensor.values, rows, columns) : tensor.values;
  let at = 0;
  for (const part of from.map((one) => ours.get(one) ?? new Float32Array())) {
    part.set(stacked.subarray(at, at + part.length));
    at += part.length;
  }
}

/**
 * Their tensors -> our flat padded parameters.
 * @throws AssayError checkpoint-invalid for another model, and for a head or biases that the model does not have
 */
export async function thetaFromHuggingFace(
  model: ModelConfig,
  weights: Weights,
): Promise<Float32Array> {
  const layout = layoutOf(specsOf(model));
  const theta = new Float32Array(layout.total);
  const ours = viewsOf(layout, theta);
  const found = namesIn(weights, model);
  const embedding =
    model.architecture === "llama" ? "model.embed_tokens.weight" : "transformer.wte.weight";
  for (const rule of rulesOf(model)) {
    // A file with one matrix for both: the head begins as the embedding.
    const source = found.get(rule.name) ?? (rule.name === HEAD ? found.get(embedding) : undefined);
    adopt(rule, await weights.read(source ?? refuse(`tensor ${rule.name} is missing`)), ours);
  }
  for (const { name } of rulesOf(model)) found.delete(name);
  const head = found.get(HEAD);
  if (head !== undefined) {
    const { values } = await weights.read(head);
    if (!equal(values, ours.get("embedding") ?? new Float32Array()))
      refuse("its head is not tied to the embedding, but that of the model is (model.untied)");
    found.delete(HEAD);
  }
  for (const name of found.keys()) refuse(`tensor ${name} is not of this architecture`);
  return theta;
}
