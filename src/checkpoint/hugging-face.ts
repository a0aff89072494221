/** @file Parameters under the names and shapes of Hugging Face's LlamaForCausalLM and GPT2LMHeadModel, and back. */
import { type Layout, layoutOf, type ModelConfig, specsOf } from "../../kernels/nn/model.ts";
import { sizeOf } from "../../kernels/tensor.ts";
import { AssayError } from "../errors.ts";
import { tensorsOf } from "./checkpoint.ts";
import { type NamedTensor, readSafetensors } from "./safetensors.ts";

/**
 * How one of their tensors is made of ours: `from` stacked along the outputs, then transposed where they keep
 * [in, out]. Nothing in `from`: a bias, which our models do not have, so zeros.
 */
type Rule = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: readonly string[];
  readonly transposed: boolean;
};

/** The head of their Llama files; ours is the embedding (tied), so they may leave it out. */
const TIED_HEAD = "lm_head.weight";

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

function bias(name: string, length: number): Rule {
  return { name: `${name}.bias`, shape: [length], from: [], transposed: false };
}

/** A matrix in their Conv1D's form, with its bias; `shape` is [in, out]. */
function convolution(
  name: string,
  shape: readonly [number, number],
  from: readonly string[],
): Rule[] {
  return [{ name: `${name}.weight`, shape, from, transposed: true }, bias(name, shape[1])];
}

/** Their GPT-2 keeps matrices as [in, out], query, key and value as one, and has biases everywhere. */
function gpt2Rules({ layers, width, hidden, vocabulary, context }: ModelConfig): Rule[] {
  const norm = (name: string, from: string): Rule[] => [
    same(`${name}.weight`, [width], from),
    bias(name, width),
  ];
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
    same("transformer.wpe.weight", [context, width], "positions"),
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    ...norm("transformer.ln_f", "norm"),
  ];
}

function rulesOf(model: ModelConfig): readonly Rule[] {
  return model.architecture === "llama" ? llamaRules(model) : gpt2Rules(model);
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

/** Flat parameters as their tensors, in the order of their modules; the tied head is left out, as they do. */
export function huggingFaceTensors(model: ModelConfig, theta: Float32Array): NamedTensor[] {
  const ours = viewsOf(layoutOf(specsOf(model)), theta);
  return rulesOf(model).map(({ name, shape, from, transposed }) => {
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

/** Whether checkpoint bytes have their names rather than ours. @throws AssayError checkpoint-invalid */
export function isHuggingFace(bytes: Uint8Array): boolean {
  return [...readSafetensors(bytes).keys()].some((name) => /^(model|transformer)\./.test(name));
}

/** Puts one of their tensors where ours lie. */
function adopt(
  { name, shape, from, transposed }: Rule,
  tensor: NamedTensor,
  ours: ReadonlyMap<string, Float32Array>,
): void {
  if (String(tensor.shape) !== String(shape)) refuse(`tensor ${name} has another shape`);
  if (from.length === 0 && tensor.values.some((value) => value !== 0))
    refuse(`${name} is not zero, but this architecture has no biases`);
  const [rows = 1, columns = 1] = shape;
  const stacked = transposed ? transpose(tensor.values, rows, columns) : tensor.values;
  let at = 0;
  for (const part of from.map((one) => ours.get(one) ?? new Float32Array())) {
    part.set(stacked.subarray(at, at + part.length));
    at += part.length;
  }
}

/**
 * Their safetensors bytes (float32, in any order) -> our flat padded parameters.
 * @throws AssayError checkpoint-invalid for another model, a head of its own or biases that are not zero
 */
export function thetaFromHuggingFace(model: ModelConfig, bytes: Uint8Array): Float32Array {
  const layout = layoutOf(specsOf(model));
  const theta = new Float32Array(layout.total);
  const ours = viewsOf(layout, theta);
  const found = new Map(readSafetensors(bytes));
  for (const rule of rulesOf(model)) {
    adopt(rule, found.get(rule.name) ?? refuse(`tensor ${rule.name} is missing`), ours);
    found.delete(rule.name);
  }
  const head = found.get(TIED_HEAD);
  if (head !== undefined && !equal(head.values, ours.get("embedding") ?? new Float32Array()))
    refuse("the head is not tied to the embedding");
  found.delete(TIED_HEAD);
  for (const name of found.keys()) refuse(`tensor ${name} is not of this architecture`);
  return theta;
}
