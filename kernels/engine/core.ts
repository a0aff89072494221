/** @file The engine inside its thread: sessions bound to flat state, one method per call of EngineCalls. */
import { KernelError } from "../errors.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import type { Vector } from "../exact/vector.ts";
import { lower, type Program } from "../graph/lower.ts";
import { layoutOf, type Layout, specsOf } from "../nn/model.ts";
import { evaluationProgram, NAMES, samplingProgram, trainingProgram } from "../nn/programs.ts";
import { uint32Stream } from "../random.ts";
import { targetOf } from "./self-test.ts";
import { drawToken } from "./sampling.ts";
import { type Bound, floats, integers, Session, viewsOf } from "./session.ts";
import { FlatState } from "./state.ts";
import type {
  CompressRequest,
  CompressResult,
  DeviceName,
  EngineCalls,
  EngineOptions,
  LossesRequest,
  MomentState,
  OuterStepRequest,
  SampleRequest,
  TrainRequest,
} from "./calls.ts";

/** A session with the arrays that it reads tokens from and writes results to. */
type Runner = {
  readonly session: Session;
  readonly ids: Int32Array;
  /** Targets, or the position to sample at. */
  readonly other: Int32Array;
  readonly result: Float32Array;
  readonly tokens: Bound;
  readonly outputs: Bound;
};

type Kind = "train" | "evaluate" | "sample";

function demand(holds: boolean, message: string): void {
  if (!holds) throw new KernelError("bad-argument", message);
}

/** All state of one engine. Calls must not overlap. */
export class EngineCore implements EngineCalls {
  private readonly options: EngineOptions;
  private readonly device: DeviceName;
  private readonly layout: Layout;
  private readonly state: FlatState;
  private readonly views: { readonly theta: Bound; readonly working: Bound; readonly trial: Bound };
  /** Built at first use: a validator never trains, a miner rarely samples. */
  private readonly runners = new Map<Kind, Runner>();
  private step = 0;

  private constructor(options: EngineOptions, device: DeviceName, state: FlatState) {
    this.options = options;
    this.device = device;
    this.state = state;
    this.layout = state.layout;
    this.views = {
      theta: viewsOf(state.theta.view, state.layout),
      working: viewsOf(state.working.view, state.layout),
      trial: viewsOf(state.gradient.view, state.layout),
    };
  }

  /** Allocates the state of a model. */
  static async open(options: EngineOptions, device: DeviceName): Promise<EngineCore> {
    return new EngineCore(options, device, new FlatState(layoutOf(specsOf(options.model))));
  }

  /** Frees the sessions. */
  async close(): Promise<void> {
    for (const { session } of this.runners.values()) await session.close();
    this.runners.clear();
  }

  async setParameters(theta: Float32Array): Promise<void> {
    this.fill(this.state.theta, theta, "theta");
    this.adoptTheta();
  }

  async parameters(): Promise<Float32Array> {
    return this.state.theta.view.slice();
  }

  async train({ tokens, learningRates }: TrainRequest): Promise<{ losses: Float32Array }> {
    const { batch, model } = this.options;
    const perStep = batch * (model.context + 1);
    const steps = learningRates.length;
    demand(
      tokens.length === steps * perStep,
      `train got ${tokens.length} tokens for ${steps} steps of ${perStep}`,
    );
    this.checkTokens(tokens);
    this.adoptTheta();
    try {
      return { losses: await this.steps(tokens, learningRates) };
    } catch (error) {
      // A copy that diverged is worth nothing: compress after a failure sends no change.
      this.adoptTheta();
      throw error;
    }
  }

  async adoptWorking(): Promise<void> {
    this.state.exact.copy(this.state.theta, this.state.working);
  }

  async compress(request: CompressRequest): Promise<CompressResult> {
    return this.state.compress(request);
  }

  async restoreSent(update: SparseUpdate): Promise<void> {
    this.state.restoreSent(update);
  }

  async outerStep(request: OuterStepRequest): Promise<void> {
    this.state.outerStep(request);
  }

  async losses({ tokens, update, factor = 1 }: LossesRequest): Promise<Float64Array> {
    const { evaluationBatch, model } = this.options;
    const length = model.context + 1;
    demand(
      tokens.length % length === 0,
      `losses got ${tokens.length} tokens, no multiple of ${length}`,
    );
    this.checkTokens(tokens);
    const runner = await this.runner("evaluate");
    if (update) this.state.trial(update, factor);
    const parameters = update ? this.views.trial : this.views.theta;
    const means = new Float64Array(tokens.length / length);
    for (let first = 0; first < means.length; first += evaluationBatch) {
      const count = Math.min(evaluationBatch, means.length - first);
      this.feed(runner, tokens.subarray(first * length, (first + count) * length));
      await runner.session.run([runner.tokens, parameters], runner.outputs);
      for (let i = 0; i < count; i++) means[first + i] = this.sequenceMean(runner.result, i);
    }
    return means;
  }

  async momentState(): Promise<MomentState> {
    const { firstMoment, secondMoment, error } = this.state;
    return {
      step: this.step,
      m: firstMoment.view.slice(),
      v: secondMoment.view.slice(),
      e: error.view.slice(),
    };
  }

  async setMomentState({ step, m, v, e }: MomentState): Promise<void> {
    demand(Number.isSafeInteger(step) && step >= 0, `a step count cannot be ${step}`);
    this.fill(this.state.firstMoment, m, "m");
    this.fill(this.state.secondMoment, v, "v");
    this.fill(this.state.error, e, "e");
    this.step = step;
  }

  async resetMoments(): Promise<void> {
    for (const name of ["firstMoment", "secondMoment", "error"] as const)
      this.state[name].view.fill(0);
    this.step = 0;
  }

  async sample({ prompt, count, temperature = 1, seed }: SampleRequest): Promise<Int32Array> {
    const { context } = this.options.model;
    demand(prompt.length > 0, "a prompt needs at least one token");
    demand(temperature >= 0, "temperature must be 0 or more");
    this.checkTokens(prompt);
    const runner = await this.runner("sample");
    const draw = uint32Stream(seed);
    const text = [...prompt];
    for (let i = 0; i < count; i++) {
      const window = text.slice(-context);
      runner.ids.fill(0);
      runner.ids.set(window);
      runner.other[0] = window.length - 1;
      await runner.session.run([runner.tokens, this.views.theta], runner.outputs);
      text.push(drawToken(runner.result, temperature, draw));
    }
    return Int32Array.from(text.slice(prompt.length));
  }

  private async steps(tokens: Int32Array, learningRates: Float32Array): Promise<Float32Array> {
    const runner = await this.runner("train");
    const losses = new Float32Array(learningRates.length);
    const perStep = tokens.length / losses.length;
    for (let i = 0; i < losses.length; i++) {
      this.feed(runner, tokens.subarray(i * perStep, (i + 1) * perStep));
      await runner.session.run([runner.tokens, this.views.working], runner.outputs);
      losses[i] = runner.result[0]!;
      this.descend(learningRates[i]!, losses[i]!);
    }
    return losses;
  }

  /** Moves the working copy; refuses to touch any state with a loss or gradient that is not finite. */
  private descend(learningRate: number, loss: number): void {
    const { state, options } = this;
    if (!Number.isFinite(loss) || !state.exact.allFinite(state.gradient))
      throw new KernelError(
        "not-finite",
        `the loss of step ${this.step + 1} is ${loss}, its gradient may not be finite; lower the learning rate`,
        { details: { step: this.step + 1 } },
      );
    state.descend(options.innerOptimizer, learningRate, this.step + 1);
    this.step += 1;
  }

  /** Training starts at theta. */
  private adoptTheta(): void {
    this.state.exact.copy(this.state.working, this.state.theta);
  }

  private sequenceMean(losses: Float32Array, sequence: number): number {
    const { context } = this.options.model;
    let sum = 0;
    for (let i = 0; i < context; i++) sum += losses[sequence * context + i]!;
    const mean = sum / context;
    if (!Number.isFinite(mean))
      throw new KernelError("not-finite", "a sequence's loss is not finite");
    return mean;
  }

  /** Copies sequences of context + 1 tokens into a runner; rows that stay free repeat token 0. */
  private feed({ ids, other }: Runner, tokens: Int32Array): void {
    const { context } = this.options.model;
    const length = context + 1;
    ids.fill(0);
    other.fill(0);
    for (let row = 0; row * length < tokens.length; row++) {
      const start = row * length;
      ids.set(tokens.subarray(start, start + context), row * context);
      other.set(tokens.subarray(start + 1, start + length), row * context);
    }
  }

  private checkTokens(tokens: Int32Array): void {
    const { vocabulary } = this.options.model;
    const wrong = tokens.findIndex((token) => token < 0 || token >= vocabulary);
    demand(
      wrong < 0,
      `token ${tokens[wrong]} at ${wrong} is outside the vocabulary of ${vocabulary}`,
    );
  }

  private fill(target: Vector, source: Float32Array, name: string): void {
    demand(
      source.length === target.length,
      `${name} has ${source.length} floats, the layout ${target.length}`,
    );
    if (!source.every(Number.isFinite))
      throw new KernelError("not-finite", `${name} holds a value that is not finite`);
    target.view.set(source);
  }

  private async runner(kind: Kind): Promise<Runner> {
    const known = this.runners.get(kind);
    if (known) return known;
    const runner = await this.build(kind);
    this.runners.set(kind, runner);
    return runner;
  }

  private async build(kind: Kind): Promise<Runner> {
    const { model, batch, evaluationBatch, threads = 1 } = this.options;
    const { context, vocabulary } = model;
    const open = async (program: Program): Promise<Session> =>
      Session.open(lower(program, targetOf(this.device)), this.device, threads);
    const rows = { train: batch, evaluate: evaluationBatch, sample: 1 }[kind];
    const ids = new Int32Array(rows * context);
    if (kind === "sample") {
      const other = new Int32Array(1);
      const result = new Float32Array(vocabulary);
      const tokens = { [NAMES.ids]: integers(ids), [NAMES.position]: integers(other) };
      const outputs = { [NAMES.logits]: floats(result, [1, vocabulary]) };
      return { session: await open(samplingProgram(model)), ids, other, result, tokens, outputs };
    }
    const other = new Int32Array(rows * context);
    const tokens = { [NAMES.ids]: integers(ids), [NAMES.targets]: integers(other) };
    if (kind === "evaluate") {
      const result = new Float32Array(rows * context);
      const outputs = { [NAMES.losses]: floats(result, [rows * context]) };
      const session = await open(evaluationProgram(model, rows));
      return { session, ids, other, result, tokens, outputs };
    }
    const result = new Float32Array(1);
    const gradients = viewsOf(this.state.gradient.view, this.layout, NAMES.gradient);
    const outputs = { ...gradients, [NAMES.loss]: floats(result, []) };
    return {
      session: await open(trainingProgram(model, rows)),
      ids,
      other,
      result,
      tokens,
      outputs,
    };
  }
}
