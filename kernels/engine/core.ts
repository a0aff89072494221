/** @file The engine inside its thread: sessions bound to flat state, one method per call of EngineCalls. */
import { KernelError } from "../errors.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import type { Vector } from "../exact/vector.ts";
import type { Program } from "../graph/lower.ts";
import { layoutOf, type Layout, specsOf } from "../nn/model.ts";
import { evaluationProgram, NAMES, trainingProgram } from "../nn/programs.ts";
import type {
  CompressRequest,
  DeviceName,
  EngineCalls,
  EngineOptions,
  LossesRequest,
  MomentState,
  OuterStepRequest,
  SampleRequest,
  TrainRequest,
} from "./calls.ts";
import { Sampler } from "./sampling.ts";
import { type Bound, floats, integers, Session, viewsOf } from "./session.ts";
import { FlatState } from "./state.ts";

/** A session that reads whole sequences, with the arrays that it reads tokens from and writes results to. */
type Runner = {
  readonly session: Session;
  readonly ids: Int32Array;
  /** The token that follows each id. */
  readonly targets: Int32Array;
  /** The mean loss of a training batch, or each token's loss. */
  readonly losses: Float32Array;
  readonly tokens: Bound;
  readonly outputs: Bound;
};

function demand(holds: boolean, message: string): void {
  if (!holds) throw new KernelError("bad-argument", message);
}

/** Tokens whose activations stay in the caches of a CPU: above, a token costs up to half more, far below, the products are too thin. */
const CACHED_TOKENS = 512;

/** Sequences of one evaluation run: on the CPU no more than the caches hold. */
function evaluationBatchOf({ evaluationBatch, model }: EngineOptions, device: DeviceName): number {
  if (device !== "cpu") return evaluationBatch;
  return Math.min(evaluationBatch, Math.max(1, Math.floor(CACHED_TOKENS / model.context)));
}

/** All state of one engine. The calls are described in EngineCalls; they must not overlap. */
export class EngineCore implements EngineCalls {
  readonly #options: EngineOptions;
  readonly #device: DeviceName;
  readonly #layout: Layout;
  readonly #state: FlatState;
  readonly #views: { readonly theta: Bound; readonly working: Bound };
  /** Built at first use: a validator never trains, a miner rarely samples. */
  readonly #runners = new Map<"train" | "evaluate", Runner>();
  #sampler: Sampler | undefined;
  #step = 0;

  private constructor(options: EngineOptions, device: DeviceName, state: FlatState) {
    this.#options = options;
    this.#device = device;
    this.#state = state;
    this.#layout = state.layout;
    this.#views = {
      theta: viewsOf(state.theta.view, state.layout),
      working: viewsOf(state.working.view, state.layout),
    };
  }

  /** Allocates the state of a model. */
  static async open(options: EngineOptions, device: DeviceName): Promise<EngineCore> {
    return new EngineCore(options, device, new FlatState(layoutOf(specsOf(options.model))));
  }

  /** Frees the sessions. */
  async close(): Promise<void> {
    for (const { session } of this.#runners.values()) await session.close();
    this.#runners.clear();
    await this.#sampler?.close();
    this.#sampler = undefined;
  }

  async setParameters(theta: Float32Array): Promise<void> {
    this.#fill(this.#state.theta, theta, "theta");
    this.#adoptTheta();
  }

  async parameters(): Promise<Float32Array> {
    return this.#state.theta.view.slice();
  }

  async train({ tokens, learningRates }: TrainRequest): Promise<{ losses: Float32Array }> {
    const { batch, model } = this.#options;
    const perStep = batch * (model.context + 1);
    const steps = learningRates.length;
    demand(
      tokens.length === steps * perStep,
      `train got ${tokens.length} tokens for ${steps} steps of ${perStep}`,
    );
    this.#checkTokens(tokens);
    this.#adoptTheta();
    try {
      return { losses: await this.#steps(tokens, learningRates) };
    } catch (error) {
      // A copy that diverged is worth nothing: compress after a failure sends no change.
      this.#adoptTheta();
      throw error;
    }
  }

  async adoptWorking(): Promise<void> {
    this.#state.exact.copy(this.#state.theta, this.#state.working);
  }

  async compress(request: CompressRequest): Promise<{ update: SparseUpdate }> {
    return { update: this.#state.compress(request) };
  }

  async restoreSent(update: SparseUpdate): Promise<void> {
    this.#state.restoreSent(update);
  }

  async outerStep(request: OuterStepRequest): Promise<void> {
    this.#state.outerStep(request);
  }

  async losses({ tokens, update, factor = 1 }: LossesRequest): Promise<Float64Array> {
    const length = this.#options.model.context + 1;
    demand(
      tokens.length % length === 0,
      `losses got ${tokens.length} tokens, no multiple of ${length}`,
    );
    this.#checkTokens(tokens);
    const runner = await this.#runner("evaluate");
    const takeBack = update && this.#state.trial(update, factor);
    try {
      return await this.#means(runner, tokens);
    } finally {
      takeBack?.();
    }
  }

  async momentState(): Promise<MomentState> {
    const { firstMoment, secondMoment, error } = this.#state;
    return {
      step: this.#step,
      m: firstMoment.view.slice(),
      v: secondMoment.view.slice(),
      e: error.view.slice(),
    };
  }

  async setMomentState({ step, m, v, e }: MomentState): Promise<void> {
    demand(Number.isSafeInteger(step) && step >= 0, `a step count cannot be ${step}`);
    this.#fill(this.#state.firstMoment, m, "m");
    this.#fill(this.#state.secondMoment, v, "v");
    this.#fill(this.#state.error, e, "e");
    this.#step = step;
  }

  async resetMoments(): Promise<void> {
    for (const name of ["firstMoment", "secondMoment", "error"] as const)
      this.#state[name].view.fill(0);
    this.#step = 0;
  }

  async sample(request: SampleRequest): Promise<Int32Array> {
    const { model, threads = 1 } = this.#options;
    this.#checkTokens(request.prompt);
    this.#sampler ??= await Sampler.open(model, { device: this.#device, threads });
    return this.#sampler.sample(request, this.#views.theta);
  }

  async #steps(tokens: Int32Array, learningRates: Float32Array): Promise<Float32Array> {
    const runner = await this.#runner("train");
    const losses = new Float32Array(learningRates.length);
    const perStep = tokens.length / losses.length;
    for (let i = 0; i < losses.length; i++) {
      this.#feed(runner, tokens.subarray(i * perStep, (i + 1) * perStep));
      await runner.session.run([runner.tokens, this.#views.working], runner.outputs);
      losses[i] = runner.losses[0]!;
      this.#descend(learningRates[i]!, losses[i]!);
    }
    return losses;
  }

  /** Moves the working copy; refuses to touch any state with a loss or gradient that is not finite. */
  #descend(learningRate: number, loss: number): void {
    const state = this.#state;
    const step = this.#step + 1;
    try {
      if (!Number.isFinite(loss)) throw new RangeError("the loss is not finite");
      // It looks at the gradient's norm before it changes anything: a pass of its own over the gradient finds no more.
      state.descend(this.#options.innerOptimizer, learningRate, step);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new KernelError(
        "not-finite",
        `the loss of step ${step} is ${loss}, its gradient may not be finite; lower the learning rate`,
        { cause, details: { step } },
      );
    }
    this.#step = step;
  }

  /** Training starts at theta. */
  #adoptTheta(): void {
    this.#state.exact.copy(this.#state.working, this.#state.theta);
  }

  /** Mean loss of each sequence at theta as it is. */
  async #means(runner: Runner, tokens: Int32Array): Promise<Float64Array> {
    const length = this.#options.model.context + 1;
    const batch = evaluationBatchOf(this.#options, this.#device);
    const means = new Float64Array(tokens.length / length);
    for (let first = 0; first < means.length; first += batch) {
      const count = Math.min(batch, means.length - first);
      this.#feed(runner, tokens.subarray(first * length, (first + count) * length));
      await runner.session.run([runner.tokens, this.#views.theta], runner.outputs);
      for (let i = 0; i < count; i++) means[first + i] = this.#sequenceMean(runner.losses, i);
    }
    return means;
  }

  #sequenceMean(losses: Float32Array, sequence: number): number {
    const { context } = this.#options.model;
    let sum = 0;
    for (let i = 0; i < context; i++) sum += losses[sequence * context + i]!;
    const mean = sum / context;
    if (!Number.isFinite(mean))
      throw new KernelError("not-finite", "a sequence's loss is not finite");
    return mean;
  }

  /** Copies sequences of context + 1 tokens into a runner; rows that stay free repeat token 0. */
  #feed({ ids, targets }: Runner, tokens: Int32Array): void {
    const { context } = this.#options.model;
    const length = context + 1;
    ids.fill(0);
    targets.fill(0);
    for (let row = 0; row * length < tokens.length; row++) {
      const start = row * length;
      ids.set(tokens.subarray(start, start + context), row * context);
      targets.set(tokens.subarray(start + 1, start + length), row * context);
    }
  }

  #checkTokens(tokens: Int32Array): void {
    const { vocabulary } = this.#options.model;
    const wrong = tokens.findIndex((token) => token < 0 || token >= vocabulary);
    demand(
      wrong < 0,
      `token ${tokens[wrong]} at ${wrong} is outside the vocabulary of ${vocabulary}`,
    );
  }

  #fill(target: Vector, source: Float32Array, name: string): void {
    demand(
      source.length === target.length,
      `${name} has ${source.length} floats, the layout ${target.length}`,
    );
    if (!source.every(Number.isFinite))
      throw new KernelError("not-finite", `${name} holds a value that is not finite`);
    target.view.set(source);
  }

  async #runner(kind: "train" | "evaluate"): Promise<Runner> {
    const known = this.#runners.get(kind);
    if (known) return known;
    const runner = await (kind === "train" ? this.#trainer() : this.#evaluator());
    this.#runners.set(kind, runner);
    return runner;
  }

  async #trainer(): Promise<Runner> {
    const { model, batch } = this.#options;
    const losses = new Float32Array(1);
    const gradients = viewsOf(this.#state.gradient.view, this.#layout, NAMES.gradient);
    const outputs = { ...gradients, [NAMES.loss]: floats(losses, []) };
    return this.#build(trainingProgram(model, batch), batch, { losses, outputs });
  }

  async #evaluator(): Promise<Runner> {
    const { model } = this.#options;
    const batch = evaluationBatchOf(this.#options, this.#device);
    const losses = new Float32Array(batch * model.context);
    const outputs = { [NAMES.losses]: floats(losses, [losses.length]) };
    return this.#build(evaluationProgram(model, batch), batch, { losses, outputs });
  }

  async #build(
    program: Program,
    batch: number,
    results: Pick<Runner, "losses" | "outputs">,
  ): Promise<Runner> {
    const { model, threads = 1 } = this.#options;
    const ids = new Int32Array(batch * model.context);
    const targets = new Int32Array(ids.length);
    const tokens = { [NAMES.ids]: integers(ids), [NAMES.targets]: integers(targets) };
    const session = await Session.load(program, { device: this.#device, threads });
    return { session, ids, targets, tokens, ...results };
  }
}
