/**
 * @file Pieces of a device's graphs: the state in groups (groups.ts), the gradient of a part of a batch, a step of AdamW. The arithmetic is
 * that of exact/assembly/adamw.ts up to the device's own rounding.
 */
import type { Emitter } from "../graph/emitter.ts";
import { emitProgram, type Lowered } from "../graph/lower.ts";
import type { ElementType, Value } from "../graph/onnx.ts";
import type { Shape } from "../tensor.ts";
import { type Group, ROW } from "./groups.ts";
import { layoutOf, type ModelConfig, specsOf } from "./model.ts";
import { NAMES, trainingProgram } from "./programs.ts";

/** Standard operators only: onnxruntime's own are unverified on CUDA and run on the CPU, unseen, inside a WebGPU session. */
export const TARGET = { microsoftOperators: false };

/** Vectors of a state: parameters, both moments, and the sum of the gradients of a batch's first parts. */
export type StateName = "parameters" | "first" | "second" | "sum";

/** The vectors that a step moves. */
export const MOVED = ["parameters", "first", "second"] as const;

/** Names of inputs and outputs beside those of programs.ts. */
export const DEVICE_NAMES = {
  /** A group before a run. */
  group: (name: StateName, index: number): string => `${name}.${index}`,
  /** The same after it. */
  next: (name: StateName, index: number): string => `next.${name}.${index}`,
  indices: (index: number): string => `indices.${index}`,
  values: (index: number): string => `values.${index}`,
  /** Global norm of the gradient before it is clipped. */
  norm: "norm",
  keep: "keep",
  rate: "rate",
  correction: "correction",
} as const;

/** What a training graph is built for. */
export type DeviceTraining = {
  readonly model: ModelConfig;
  readonly groups: readonly Group[];
  /** Sequences of one part of a batch. */
  readonly microBatch: number;
  /** Parts of a batch. */
  readonly parts: number;
  readonly recompute: boolean;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Largest global norm; 0 leaves the gradient alone. */
  readonly clip: number;
};

/** Numbers of a step that change from step to step: the constants of exact/adamw.ts of the same names. */
const RATES = ["keep", "rate", "correction"] as const;
type Rates = Readonly<Record<(typeof RATES)[number], Value>>;

/** Groups of each vector of a state. */
export type State = Readonly<Record<(typeof MOVED)[number], readonly Value[]>>;

export const input = (name: string, shape: Shape, type: ElementType = "float32"): Value => ({
  name,
  shape,
  type,
});

export const groupInputs = (
  name: StateName,
  groups: readonly Pick<Group, "length">[],
  prefix = "",
): Value[] => groups.map(({ length }, i) => input(prefix + DEVICE_NAMES.group(name, i), [length]));

export const stateInputs = (groups: readonly Group[], prefix = ""): State => ({
  parameters: groupInputs("parameters", groups, prefix),
  first: groupInputs("first", groups, prefix),
  second: groupInputs("second", groups, prefix),
});

export const valuesOf = (state: State): Value[] => MOVED.flatMap((name) => state[name]);

/** Every tensor of the groups, by its name. */
export function unpack(
  emitter: Emitter,
  vectors: readonly Value[],
  { model, groups }: Pick<DeviceTraining, "model" | "groups">,
): Map<string, Value> {
  const { specs, lengths } = layoutOf(specsOf(model));
  const found = new Map<string, Value>();
  for (const [i, { tensors, starts, length }] of groups.entries())
    for (const [at, tensor] of tensors.entries()) {
      const [start, count] = [starts[at]!, lengths[tensor]!];
      const vector = vectors[i]!;
      const whole = count === length ? vector : emitter.slice(vector, 0, start, start + count);
      found.set(specs[tensor]!.name, emitter.reshape(whole, specs[tensor]!.shape));
    }
  return found;
}

/** Gradients of a program as groups; the rest of a group is zeros. */
function packGradients(
  emitter: Emitter,
  gradients: ReadonlyMap<string, Value>,
  { model, groups }: DeviceTraining,
): Value[] {
  const { specs, lengths } = layoutOf(specsOf(model));
  return groups.map(({ tensors, starts, length }) => {
    const parts = tensors.map((tensor) =>
      emitter.reshape(gradients.get(NAMES.gradient(specs[tensor]!.name))!, [lengths[tensor]!]),
    );
    const rest = length - starts.at(-1)! - lengths[tensors.at(-1)!]!;
    const padding = (): Float32Array => new Float32Array(rest);
    if (rest > 0) parts.push(emitter.constant(`padding ${rest}`, [rest], padding));
    return emitter.concat(parts, 0);
  });
}

/** Tokens of a run. */
export type Tokens = { readonly ids: Value; readonly targets: Value };

export const tokenInputs = (rows: Shape): Tokens => ({
  ids: input(NAMES.ids, rows, "int32"),
  targets: input(NAMES.targets, rows, "int32"),
});

/** Loss of one part of a batch, and its gradient in groups. */
export function emitGradient(
  emitter: Emitter,
  training: DeviceTraining,
  { parameters, tokens }: { readonly parameters: readonly Value[]; readonly tokens: Tokens },
): { loss: Value; gradient: Value[] } {
  const { model, microBatch, recompute } = training;
  const bound = unpack(emitter, parameters, training);
  bound.set(NAMES.ids, tokens.ids);
  bound.set(NAMES.targets, tokens.targets);
  const values = emitProgram(emitter, trainingProgram(model, microBatch, recompute), bound);
  return { loss: values.get(NAMES.loss)!, gradient: packGradients(emitter, values, training) };
}

const divide = (emitter: Emitter, a: Value, b: Value): Value =>
  emitter.node("Div", [a, b], a.shape);

/** Global norm of a batch's mean gradient, and what brings a gradient that was summed over its parts to what AdamW takes. */
function emitClip(
  emitter: Emitter,
  sums: readonly Value[],
  { parts, clip }: DeviceTraining,
): { norm: Value; scale: Value } {
  const squares = sums.map((sum) => {
    const rows = emitter.reshape(sum, [sum.shape[0]! / ROW, ROW]);
    const each = emitter.reduceSum(emitter.multiply(rows, rows), [1], false);
    return emitter.reduceSum(each, [0], false);
  });
  const root = emitter.unary(
    "Sqrt",
    squares.reduce((sum, one) => emitter.add(sum, one)),
  );
  const share = emitter.scalar(1 / parts);
  const norm = emitter.multiply(root, share);
  if (clip === 0) return { norm, scale: share };
  const most = emitter.node("Max", [norm, emitter.scalar(clip)], []);
  return { norm, scale: divide(emitter, emitter.scalar(clip / parts), most) };
}

/** One step of AdamW on every group. */
export function emitAdamw(
  emitter: Emitter,
  training: DeviceTraining,
  { state, sums, rates }: { state: State; sums: readonly Value[]; rates: Rates },
): { next: State; norm: Value } {
  const { beta1, beta2, epsilon, groups } = training;
  const { norm, scale } = emitClip(emitter, sums, training);
  const times = (a: Value, factor: number): Value => emitter.multiply(a, emitter.scalar(factor));
  const toFirst = times(scale, 1 - beta1);
  const toSecond = times(emitter.multiply(scale, scale), 1 - beta2);
  const moved = groups.map(({ decay }, i) => {
    const [gradient, p] = [sums[i]!, state.parameters[i]!];
    const first = emitter.add(times(state.first[i]!, beta1), emitter.multiply(gradient, toFirst));
    const square = emitter.multiply(emitter.multiply(gradient, gradient), toSecond);
    const second = emitter.add(times(state.second[i]!, beta2), square);
    const root = emitter.unary("Sqrt", emitter.multiply(second, rates.correction));
    const below = emitter.add(root, emitter.scalar(epsilon));
    const move = divide(emitter, emitter.multiply(first, rates.rate), below);
    const kept = decay ? emitter.multiply(p, rates.keep) : p;
    return { parameters: emitter.subtract(kept, move), first, second };
  });
  const of = (name: (typeof MOVED)[number]): Value[] => moved.map((one) => one[name]);
  const next = { parameters: of("parameters"), first: of("first"), second: of("second") };
  return { next, norm };
}

export const sumWith = (
  emitter: Emitter,
  known: readonly Value[],
  more: readonly Value[],
): Value[] => more.map((one, i) => emitter.add(known[i]!, one));

export const rateInputs = (shape: Shape): Rates => ({
  keep: input(DEVICE_NAMES.keep, shape),
  rate: input(DEVICE_NAMES.rate, shape),
  correction: input(DEVICE_NAMES.correction, shape),
});

export const encoded = (
  emitter: Emitter,
  inputs: readonly Value[],
  outputs: Iterable<readonly [string, Value]>,
): Lowered => ({ bytes: emitter.encode(inputs, new Map(outputs)), nodes: emitter.size });
