/** @file The graphs of a device that keeps its state as tensors: a step of AdamW, losses and logits at the state, copies of it. */
import { Emitter } from "../graph/emitter.ts";
import { emitProgram, type Lowered, type Program } from "../graph/lower.ts";
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
  type State,
  stateInputs,
  sumWith,
  TARGET,
  tokenInputs,
  unpack,
  valuesOf,
} from "./device-emission.ts";
import type { Group } from "./groups.ts";
import { evaluationProgram, NAMES, samplingProgram } from "./programs.ts";

const namedState = (state: State): [string, Value][] =>
  MOVED.flatMap((name) =>
    state[name].map((value, i) => [DEVICE_NAMES.next(name, i), value] as [string, Value]),
  );

/**
 * One step: the state, the sum of the gradients of the parts before (where a batch has several), tokens and rates in; the state, the loss of the
 * (last) part and the norm out. With a loss or norm that is not finite the state that came in is the one to keep.
 */
export function stepProgram(training: DeviceTraining): Lowered {
  const { groups, microBatch, model, parts } = training;
  const emitter = new Emitter(TARGET);
  const state = stateInputs(groups);
  const before = parts > 1 ? groupInputs("sum", groups) : [];
  const tokens = tokenInputs([microBatch * model.context]);
  const rates = rateInputs([]);
  const { loss, gradient } = emitGradient(emitter, training, { ...state, tokens });
  const sums = parts > 1 ? sumWith(emitter, before, gradient) : gradient;
  const { next, norm } = emitAdamw(emitter, training, { state, sums, rates });
  const inputs = [...valuesOf(state), ...before, ...Object.values({ ...tokens, ...rates })];
  const results: [string, Value][] = [
    [NAMES.loss, loss],
    [DEVICE_NAMES.norm, norm],
  ];
  return encoded(emitter, inputs, [...results, ...namedState(next)]);
}

/** A part of a batch before its last: parameters, sum and tokens in; sum and loss out. */
export function partProgram(training: DeviceTraining): Lowered {
  const { groups, microBatch, model } = training;
  const emitter = new Emitter(TARGET);
  const parameters = groupInputs("parameters", groups);
  const before = groupInputs("sum", groups);
  const tokens = tokenInputs([microBatch * model.context]);
  const { loss, gradient } = emitGradient(emitter, training, { parameters, tokens });
  const sums = sumWith(emitter, before, gradient);
  const named = sums.map((sum, i): [string, Value] => [DEVICE_NAMES.next("sum", i), sum]);
  const inputs = [...parameters, ...before, tokens.ids, tokens.targets];
  return encoded(emitter, inputs, [[NAMES.loss, loss], ...named]);
}

/** A program of programs.ts with the groups of the parameters in place of its tensors. */
function overGroups(program: Program, state: Pick<DeviceTraining, "model" | "groups">): Lowered {
  const emitter = new Emitter(TARGET);
  const parameters = groupInputs("parameters", state.groups);
  const bound = unpack(emitter, parameters, state);
  const rest = program.graph.nodes.filter(
    ({ operation, name }) => operation === undefined && !bound.has(name),
  );
  const outputs = emitProgram(emitter, program, bound);
  const others = rest.map(({ name, shape, type }) => ({ name, shape, type }));
  return encoded(emitter, [...parameters, ...others], outputs);
}

/** Loss of every token of `batch` sequences at the groups of the parameters. */
export function deviceEvaluation(
  state: Pick<DeviceTraining, "model" | "groups">,
  batch: number,
): Lowered {
  return overGroups(evaluationProgram(state.model, batch), state);
}

/** Logits of one position at the groups of the parameters. */
export function deviceSampling(state: Pick<DeviceTraining, "model" | "groups">): Lowered {
  return overGroups(samplingProgram(state.model), state);
}

/** The groups of a vector, copied: from the host to the device or back. */
export function copyProgram(groups: readonly Pick<Group, "length">[]): Lowered {
  const emitter = new Emitter(TARGET);
  const inputs = groupInputs("parameters", groups);
  const copies = inputs.map((value, i): [string, Value] => [
    DEVICE_NAMES.next("parameters", i),
    emitter.node("Identity", [value], value.shape),
  ]);
  return encoded(emitter, inputs, copies);
}

/** The groups of the parameters with `counts[i]` values of group i replaced; where an index stands twice its values must be equal. */
export function patchProgram(groups: readonly Group[], counts: readonly number[]): Lowered {
  const emitter = new Emitter(TARGET);
  const parameters = groupInputs("parameters", groups);
  const indices = counts.map((count, i) => input(DEVICE_NAMES.indices(i), [count, 1], "int64"));
  const values = counts.map((count, i) => input(DEVICE_NAMES.values(i), [count]));
  const patched = parameters.map((group, i): [string, Value] => [
    DEVICE_NAMES.next("parameters", i),
    emitter.node("ScatterND", [group, indices[i]!, values[i]!], group.shape),
  ]);
  return encoded(emitter, [...parameters, ...indices, ...values], patched);
}
