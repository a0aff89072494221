/** @file The engine inside its thread: sessions bound to flat state, one method per call of EngineCalls. */
import { KernelError } from "../errors.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import type { Program } from "../graph/lower.ts";
import { layoutOf, type Layout, specsOf } from "../nn/model.ts";
import { evaluationProgram, type InPlace, NAMES, trainingProgram } from "../nn/programs.ts";
import { hasMomentum, OUTER_DEFAULT } from "../optim/outer.ts";
import type {
  CompressRequest,
  DeviceName,
  EngineCalls,
  EngineOptions,
  LossesRequest,
  MomentState,
  OuterStepRequest,
  SampleRequest,
  TensorRequest,
  TrainRequest,
} from "./calls.ts";
import { Sampler } from "./sampling.ts";
import { type Bound, floats, integers, Session } from "./session.ts";
import { type RunSizes, sizesOf } from "./sizes.ts";
import { FlatState } from "./state.ts";
import { addRows, boundOf, gradientInPlace, parametersInPlace } from "./views.ts";

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
  /** Of training: where the gradients of a batch's further parts go. */
  readonly further?: Bound;
  /** Of training in place: the gradient of the rows that tokens look up. */
  readonly rows?: Float32Array;
};

function demand(holds: boolean, message: string): void {
  if (!holds) throw new KernelError("bad-argument", message);
}

function demandFinite(values: Float32Array, name: string): void {
  // A plain loop: a callback for each of a billion parameters takes half a minute.
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new KernelError("not-finite", `${name} holds a value that is not finite`);
}

/** Parameters above which there is one session at a time: what each keeps for its next run counts then, and a second to load it does not. */
const MOST_TOGETHER = 1e8;

/** All state of one engine. The calls are described in EngineCalls; they must not overlap. */
export class EngineCore implements EngineCalls {
  readonly #options: EngineOptions;
  readonly #device: DeviceName;
  readonly #layout: Layout;
  /** Sequences of one run. */
  readonly #sizes: RunSizes;
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
    this.#sizes = sizesOf(options, device);
    const viewsOf = (name: "theta" | "working"): Bound =>
      device === "cpu"
        ? parametersInPlace(state, name, { config: options.model })
        : boundOf(state, name);
    this.#views = { theta: viewsOf("theta"), working: viewsOf("working") };
  }

  /** Allocates the state of a model. */
  static async open(options: EngineOptions, device: DeviceName): Promise<EngineCore> {
    const layout = layoutOf(specsOf(options.model));
    return new EngineCore(options, device, new FlatState(layout, options));
  }

  /** Frees the sessions. */
  async close(): Promise<void> {
    await this.#closeRunners();
    await this.#sampler?.close();
    this.#sampler = undefined;
  }

  async setParameters(theta: Float32Array): Promise<void> {
    const { total } = this.#layout;
    const own = hasMomentum(this.#options.outerOptimizer ?? OUTER_DEFAULT)
      ? theta.subarray(0, total)
      : theta;
    this.#check(own, "theta");
    if (theta.length > own.length) this.#check(theta.subarray(total), "outer momentum");
    this.#state.writeShared(theta);
    this.#state.forgetTraining();
  }

  async parameters(): Promise<Float32Array> {
    return this.#state.readShared();
  }

  async setTensor({ tensor, values }: TensorRequest): Promise<void> {
    const length = this.#lengthOf(tensor);
    demand(
      values.length === length,
      `tensor ${tensor} has ${length} floats, ${values.length} were given`,
    );
    demandFinite(values, `tensor ${tensor}`);
    this.#state.writeTensor("theta", tensor, values);
    this.#state.forgetTraining();
  }

  async tensor(tensor: number): Promise<Float32Array> {
    this.#lengthOf(tensor);
    return this.#state.tensor("theta", tensor).slice();
  }

  async tensorDigests(): Promise<readonly Uint8Array[]> {
    return this.#state.digests();
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
    this.#state.beginTraining();
    try {
      return { losses: await this.#steps(tokens, learningRates) };
    } catch (error) {
      // A copy that diverged is worth nothing: compress after a failure sends no change.
      this.#state.forgetTraining();
      throw error;
    }
  }

  async adoptWorking(): Promise<void> {
    this.#state.adoptWorking();
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
    const state = this.#state;
    const [m, v] = [state.readMoment("first"), state.readMoment("second")];
    return { step: this.#step, m, v, e: state.read("error") };
  }

  async setMomentState({ step, m, v, e }: MomentState): Promise<void> {
    demand(Number.isSafeInteger(step) && step >= 0, `a step count cannot be ${step}`);
    for (const [name, vector] of Object.entries({ m, v, e })) this.#check(vector, name);
    this.#state.writeMoment("first", m);
    this.#state.writeMoment("second", v);
    this.#state.write("error", e);
    this.#step = step;
  }

  async resetMoments(): Promise<void> {
    this.#state.clearMoments();
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
      losses[i] = await this.#gradientOf(runner, tokens.subarray(i * perStep, (i + 1) * perStep));
      this.#descend(learningRates[i]!, losses[i]!);
    }
    return losses;
  }

  /** Mean gradient of a batch, part after part, into the state; returns the mean loss. */
  async #gradientOf(runner: Runner, tokens: Int32Array): Promise<number> {
    const parts = this.#options.batch / this.#sizes.train;
    const length = tokens.length / parts;
    let sum = 0;
    for (let part = 0; part < parts; part++) {
      this.#feed(runner, tokens.subarray(part * length, (part + 1) * length));
      const outputs = part === 0 ? runner.outputs : runner.further!;
      await runner.session.run([runner.tokens, this.#views.working], outputs);
      const { ids, rows } = runner;
      const vector = part === 0 ? "gradient" : "part";
      if (rows) addRows(this.#state, vector, { config: this.#options.model, ids, rows });
      if (part > 0) this.#state.accumulate(part === parts - 1 ? 1 / parts : 1);
      sum += runner.losses[0]!;
    }
    return sum / parts;
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

  /** Mean loss of each sequence at theta as it is. */
  async #means(runner: Runner, tokens: Int32Array): Promise<Float64Array> {
    const length = this.#options.model.context + 1;
    const batch = this.#sizes.evaluate;
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

  #check(source: Float32Array, name: string): void {
    const { total } = this.#layout;
    demand(source.length === total, `${name} has ${source.length} floats, the layout ${total}`);
    demandFinite(source, name);
  }

  /** Floats of a tensor by its index. */
  #lengthOf(tensor: number): number {
    const length = this.#layout.lengths[tensor];
    demand(length !== undefined, `there is no tensor ${tensor}`);
    return length!;
  }

  async #runner(kind: "train" | "evaluate"): Promise<Runner> {
    const known = this.#runners.get(kind);
    if (known) return known;
    if (this.#layout.total > MOST_TOGETHER) await this.#closeRunners();
    const runner = await (kind === "train" ? this.#trainer() : this.#evaluator());
    this.#runners.set(kind, runner);
    return runner;
  }

  /** What a graph on this device may leave to us. */
  get #inPlace(): InPlace | undefined {
    return this.#device === "cpu" ? {} : undefined;
  }

  async #closeRunners(): Promise<void> {
    for (const { session } of this.#runners.values()) await session.close();
    this.#runners.clear();
  }

  async #trainer(): Promise<Runner> {
    const { model } = this.#options;
    const batch = this.#sizes.train;
    const losses = new Float32Array(1);
    const rows = new Float32Array(this.#inPlace ? batch * model.context * model.width : 0);
    const [outputs, further] = (["gradient", "part"] as const).map((name) => ({
      ...(this.#inPlace
        ? gradientInPlace(this.#state, name, { config: model, rows })
        : boundOf(this.#state, name, NAMES.gradient)),
      [NAMES.loss]: floats(losses, []),
    }));
    const results = { losses, outputs: outputs!, further: further! };
    const program = trainingProgram(model, batch, this.#sizes.recompute, this.#inPlace);
    return this.#build(program, batch, { ...results, ...(this.#inPlace && { rows }) });
  }

  async #evaluator(): Promise<Runner> {
    const { model } = this.#options;
    const batch = this.#sizes.evaluate;
    const losses = new Float32Array(batch * model.context);
    const outputs = { [NAMES.losses]: floats(losses, [losses.length]) };
    const program = evaluationProgram(model, batch, this.#inPlace);
    return this.#build(program, batch, { losses, outputs });
  }

  async #build(
    program: Program,
    batch: number,
    results: Pick<Runner, "losses" | "outputs" | "further" | "rows">,
  ): Promise<Runner> {
    const { model, threads = 1 } = this.#options;
    const ids = new Int32Array(batch * model.context);
    const targets = new Int32Array(ids.length);
    const tokens = { [NAMES.ids]: integers(ids), [NAMES.targets]: integers(targets) };
    const session = await Session.load(program, { device: this.#device, threads });
    return { session, ids, targets, tokens, ...results };
  }
}
