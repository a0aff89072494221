/**
 * @file H steps of training where the state stays on the device: a run a step over WebGPU's tensors, or all of them in one run for
 * a provider that has no such tensors (CUDA in onnxruntime-node 1.30) and keeps what an ONNX Loop carries on its device.
 */
import { type AdamwConstants, adamwConstants } from "../exact/adamw.ts";
import { DEVICE_NAMES, type DeviceTraining } from "../nn/device-emission.ts";
import { loopProgram } from "../nn/device-loop.ts";
import { partProgram, stepProgram } from "../nn/device-programs.ts";
import { NAMES } from "../nn/programs.ts";
import type { InnerOptimizer } from "../optim/adamw.ts";
import type { TrainRequest } from "./calls.ts";
import type { DeviceOptions, DeviceTrained } from "./device-calls.ts";
import { type DeviceMemory, inputsOf, keepsTensors } from "./device-memory.ts";
import { feed, rowsOf } from "./sequences.ts";
import { type Bound, floats, integers, numbersOf, Session, type Tensor } from "./session.ts";

/** Groups of the vectors that a step moves. */
type Trained = {
  readonly parameters: readonly Tensor[];
  readonly first: readonly Tensor[];
  readonly second: readonly Tensor[];
};
const MOVED = ["parameters", "first", "second"] as const;

/** Steps to do; `step` were done before. */
type Steps = TrainRequest & { readonly step: number };

/** Moves a state. The parameters that it is given stay as they are, the moments are gone afterwards. */
export type DeviceTrainer = {
  train(state: Trained, steps: Steps): Promise<DeviceTrained & { readonly state: Trained }>;
  close(): Promise<void>;
};

const stateInputs = (state: Trained): Bound[] =>
  MOVED.map((name) => inputsOf(state[name], (group) => DEVICE_NAMES.group(name, group)));

function stateOf(outputs: Bound, groups: number): Trained {
  const of = (name: (typeof MOVED)[number]): Tensor[] =>
    Array.from({ length: groups }, (_, group) => outputs[DEVICE_NAMES.next(name, group)]!);
  return { parameters: of("parameters"), first: of("first"), second: of("second") };
}

const ratesOf = (inner: InnerOptimizer, { learningRates, step }: Steps): AdamwConstants[] =>
  Array.from(learningRates, (learningRate, i) =>
    adamwConstants({ ...inner, learningRate, step: step + i + 1 }),
  );

/** One number of a result. */
const numberOf = (tensor: Tensor): number => numbersOf(tensor)[0]!;

/** A run of a graph for each part of a batch; the state goes from run to run on the device. */
export class StepByStep implements DeviceTrainer {
  readonly #options: DeviceOptions;
  readonly #training: DeviceTraining;
  readonly #memory: DeviceMemory;
  #sessions: { readonly step: Session; readonly part: Session | undefined } | undefined;
  /** Where the sum of a batch's gradients begins. */
  #zeros: readonly Tensor[] = [];

  constructor(options: DeviceOptions, training: DeviceTraining, memory: DeviceMemory) {
    this.#options = options;
    this.#training = training;
    this.#memory = memory;
  }

  async train(start: Trained, steps: Steps): Promise<DeviceTrained & { readonly state: Trained }> {
    const rates = ratesOf(this.#options.innerOptimizer, steps);
    const losses = new Float32Array(rates.length);
    const perStep = steps.tokens.length / rates.length;
    let state = start;
    for (let done = 0; done < rates.length; done++) {
      const tokens = steps.tokens.subarray(done * perStep, (done + 1) * perStep);
      const { loss, norm, next } = await this.#step(state, tokens, rates[done]!);
      losses[done] = loss;
      if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
        this.#free(next, start);
        return { losses, done, failed: done, state };
      }
      this.#free(state, start);
      state = next;
    }
    return { losses, done: rates.length, failed: undefined, state };
  }

  async close(): Promise<void> {
    await this.#sessions?.step.close();
    await this.#sessions?.part?.close();
    this.#memory.free(this.#zeros);
  }

  /** Frees a state but for the parameters that training began with. */
  #free({ parameters, first, second }: Trained, start: Trained): void {
    if (parameters !== start.parameters) this.#memory.free(parameters);
    this.#memory.free([...first, ...second]);
  }

  async #step(
    state: Trained,
    tokens: Int32Array,
    { keep, rate, correction }: AdamwConstants,
  ): Promise<{ loss: number; norm: number; next: Trained }> {
    this.#sessions ??= await this.#open();
    const { parts, groups } = this.#training;
    const rates = { keep, rate, correction };
    const scalars = Object.entries(rates).map(([name, value]) => [
      name,
      floats(Float32Array.of(value), []),
    ]);
    const length = tokens.length / parts;
    const partOf = (part: number): Bound =>
      this.#tokens(tokens.subarray(part * length, (part + 1) * length));
    const before = await this.#sums(state, partOf);
    const inputs = [
      ...stateInputs(state),
      before.sums,
      partOf(parts - 1),
      Object.fromEntries(scalars),
    ];
    const outputs = await this.#sessions.step.compute(inputs);
    if (parts > 1) this.#memory.free(before.made);
    const loss = (before.loss + numberOf(outputs[NAMES.loss]!)) / parts;
    const norm = numberOf(outputs[DEVICE_NAMES.norm]!);
    return { loss, norm, next: stateOf(outputs, groups.length) };
  }

  /** Loss and gradient, summed over all parts of a batch but the last. */
  async #sums(
    state: Trained,
    partOf: (part: number) => Bound,
  ): Promise<{ loss: number; sums: Bound; made: readonly Tensor[] }> {
    const { parts, groups } = this.#training;
    const parameters = inputsOf(state.parameters, (group) =>
      DEVICE_NAMES.group("parameters", group),
    );
    let [loss, made, sums]: [number, readonly Tensor[], readonly Tensor[]] = [0, [], this.#zeros];
    const inputs = (): Bound => inputsOf(sums, (group) => DEVICE_NAMES.group("sum", group));
    for (let part = 0; part < parts - 1; part++) {
      const outputs = await this.#sessions!.part!.compute([parameters, inputs(), partOf(part)]);
      this.#memory.free(made);
      made = groups.map((_, group) => outputs[DEVICE_NAMES.next("sum", group)]!);
      sums = made;
      loss += numberOf(outputs[NAMES.loss]!);
    }
    return { loss, made, sums: inputs() };
  }

  #tokens(tokens: Int32Array): Bound {
    const { model, microBatch } = this.#training;
    const rows = rowsOf(microBatch, model.context);
    feed(rows, tokens, model.context);
    return { [NAMES.ids]: integers(rows.ids), [NAMES.targets]: integers(rows.targets) };
  }

  async #open(): Promise<{ readonly step: Session; readonly part: Session | undefined }> {
    const { device, threads } = this.#options;
    const { groups, parts } = this.#training;
    const kept = keepsTensors(device);
    const moved = MOVED.flatMap((name) => groups.map((_, group) => DEVICE_NAMES.next(name, group)));
    const step = await Session.open(
      stepProgram(this.#training),
      device,
      threads,
      kept ? moved : [],
    );
    if (parts === 1) return { step, part: undefined };
    const sums = groups.map((_, group) => DEVICE_NAMES.next("sum", group));
    const part = await Session.open(partProgram(this.#training), device, threads, kept ? sums : []);
    this.#zeros = await Promise.all(
      groups.map(async ({ length }) => this.#memory.up(new Float32Array(length))),
    );
    return { step, part };
  }
}

/** All steps in one run. */
export class AllAtOnce implements DeviceTrainer {
  readonly #options: DeviceOptions;
  readonly #training: DeviceTraining;
  /** The number of steps is part of the graph. */
  #session: { readonly steps: number; readonly session: Session } | undefined;

  constructor(options: DeviceOptions, training: DeviceTraining) {
    this.#options = options;
    this.#training = training;
  }

  /** Where a loss or gradient is not finite nothing is done: the steps before it went the way of those after it. */
  async train(start: Trained, steps: Steps): Promise<DeviceTrained & { readonly state: Trained }> {
    const { parts, groups } = this.#training;
    const count = steps.learningRates.length;
    const session = await this.#sessionOf(count);
    const outputs = await session.compute([
      ...stateInputs(start),
      this.#tokens(steps.tokens, count),
      this.#rates(steps),
    ]);
    const [each, norms] = [outputs[NAMES.losses]!, outputs[DEVICE_NAMES.norm]!].map(numbersOf);
    const losses = new Float32Array(count);
    for (let step = 0; step < count; step++) {
      const own = each!.subarray(step * parts, (step + 1) * parts);
      losses[step] = own.reduce((sum, loss) => sum + loss, 0) / parts;
      if (!Number.isFinite(losses[step]! + norms![step]!))
        return { losses, done: 0, failed: step, state: start };
    }
    return { losses, done: count, failed: undefined, state: stateOf(outputs, groups.length) };
  }

  async close(): Promise<void> {
    await this.#session?.session.close();
  }

  #tokens(tokens: Int32Array, steps: number): Bound {
    const { model, microBatch, parts } = this.#training;
    const rows = rowsOf(steps * parts * microBatch, model.context);
    feed(rows, tokens, model.context);
    const shape = [steps, parts, microBatch * model.context];
    return {
      [NAMES.ids]: integers(rows.ids, shape),
      [NAMES.targets]: integers(rows.targets, shape),
    };
  }

  #rates(steps: Steps): Bound {
    const each = ratesOf(this.#options.innerOptimizer, steps);
    const rows = (["keep", "rate", "correction"] as const).map((name) => [
      name,
      floats(
        Float32Array.from(each, (rates) => rates[name]),
        [each.length],
      ),
    ]);
    return Object.fromEntries(rows);
  }

  async #sessionOf(steps: number): Promise<Session> {
    if (this.#session?.steps === steps) return this.#session.session;
    await this.#session?.session.close();
    const { device, threads } = this.#options;
    const session = await Session.open(loopProgram(this.#training, steps), device, threads);
    this.#session = { steps, session };
    return session;
  }
}

/** The trainer that suits a device. */
export function deviceTrainer(
  options: DeviceOptions,
  training: DeviceTraining,
  memory: DeviceMemory,
): DeviceTrainer {
  return keepsTensors(options.device)
    ? new StepByStep(options, training, memory)
    : new AllAtOnce(options, training);
}
