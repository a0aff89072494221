/**
 * @file H steps in one run, for a provider without tensors on the device that runs an ONNX Loop there and keeps what it carries: CUDA,
 * whose kernel is onnxruntime/core/providers/cuda/controlflow/loop.cc.
 */
import { Emitter } from "../graph/emitter.ts";
import type { Lowered } from "../graph/lower.ts";
import type { Value } from "../graph/onnx.ts";
import {
  DEVICE_NAMES,
  type DeviceTraining,
  emitAdamw,
  emitGradient,
  encoded,
  groupInputs,
  input,
  MOVED,
  rateInputs,
  stateInputs,
  sumWith,
  TARGET,
  type Tokens,
  tokenInputs,
  valuesOf,
} from "./device-emission.ts";
import { NAMES } from "./programs.ts";

const at = (emitter: Emitter, table: Value, index: Value): Value =>
  emitter.node("Gather", [table, index], table.shape.slice(1), { attributes: { axis: 0 } });

/** The loop's own inputs: the iteration, and a condition that is always true. */
const loopInputs = (prefix: string): readonly [Value, Value] => [
  input(`${prefix}iteration`, [], "int64"),
  input(`${prefix}going`, [], "bool"),
];

/** Emits a Loop of `count` iterations over `carried`. @param body its graph, from the iteration to condition, carried values and results */
function emitLoop(
  emitter: Emitter,
  { count, carried }: { readonly count: number; readonly carried: readonly Value[] },
  {
    prefix,
    inputs,
    outputs,
    body,
    results,
  }: {
    readonly prefix: string;
    readonly inputs: readonly Value[];
    readonly outputs: readonly Value[];
    readonly body: Emitter;
    /** Those of the outputs that are kept of each iteration. */
    readonly results: readonly Value[];
  },
): Value[] {
  const [iteration, going] = loopInputs(prefix);
  const goingOn = body.node("Identity", [going], []);
  const all = [goingOn, ...outputs, ...results];
  const named = new Map(all.map((value, i) => [`${prefix}output.${i}`, value]));
  const graph = body.graph([iteration, going, ...inputs], named);
  const trips = emitter.constant(`trips ${count}`, [], () => BigInt64Array.of(BigInt(count)));
  // Without a condition from outside it goes on to the last iteration.
  const always = input("", [], "bool");
  return emitter.nodeWithOutputs("Loop", [trips, always, ...carried], {
    outputs: [
      ...carried,
      ...results.map(({ shape, type }) => ({ shape: [count, ...shape], type })),
    ],
    attributes: { body: { body: graph } },
  });
}

/** Sum of the gradients of a batch's parts and their losses, [parts], in a Loop inside the body of a step. */
function emitParts(
  emitter: Emitter,
  training: DeviceTraining,
  { parameters, tokens }: { readonly parameters: readonly Value[]; readonly tokens: Tokens },
): { losses: Value; sums: Value[] } {
  const { groups, parts } = training;
  const prefix = "part.";
  const body = new Emitter(TARGET, prefix);
  const [iteration] = loopInputs(prefix);
  const own = {
    ids: at(body, tokens.ids, iteration),
    targets: at(body, tokens.targets, iteration),
  };
  const { loss, gradient } = emitGradient(body, training, { parameters, tokens: own });
  const inputs = groupInputs("sum", groups, prefix);
  const found = emitLoop(
    emitter,
    { count: parts, carried: groups.map(({ length }) => emitter.zeros([length])) },
    { prefix, inputs, body, outputs: sumWith(body, inputs, gradient), results: [loss] },
  );
  return { losses: found.at(-1)!, sums: found.slice(0, -1) };
}

/**
 * `steps` steps in one run, for a provider that keeps what an ONNX Loop carries on its device: the state in and out once. Tokens
 * [steps, parts, microBatch * context], rates [steps]; losses [steps, parts] and norms [steps] out.
 */
export function loopProgram(training: DeviceTraining, steps: number): Lowered {
  const { groups, microBatch, model, parts } = training;
  const emitter = new Emitter(TARGET);
  const tokens = tokenInputs([steps, parts, microBatch * model.context]);
  const rates = rateInputs([steps]);
  const state = stateInputs(groups);
  const prefix = "step.";
  const body = new Emitter(TARGET, prefix);
  const [iteration] = loopInputs(prefix);
  const inside = stateInputs(groups, prefix);
  const own = {
    ids: at(body, tokens.ids, iteration),
    targets: at(body, tokens.targets, iteration),
  };
  const { losses, sums } = emitParts(body, training, { ...inside, tokens: own });
  const { next, norm } = emitAdamw(body, training, {
    state: inside,
    sums,
    rates: {
      keep: at(body, rates.keep, iteration),
      rate: at(body, rates.rate, iteration),
      correction: at(body, rates.correction, iteration),
    },
  });
  const carried = valuesOf(state);
  const found = emitLoop(
    emitter,
    { count: steps, carried },
    { prefix, inputs: valuesOf(inside), body, outputs: valuesOf(next), results: [losses, norm] },
  );
  const names = MOVED.flatMap((name) => groups.map((_, i) => DEVICE_NAMES.next(name, i)));
  const outputs = [...names, NAMES.losses, DEVICE_NAMES.norm];
  return encoded(
    emitter,
    [...carried, ...Object.values({ ...tokens, ...rates })],
    outputs.map((name, i): [string, Value] => [name, found[i]!]),
  );
}
