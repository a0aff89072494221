/** @file Compute on the CPU of this process: sessions that read and write the engine's flat state in place. */
import { KernelError } from "../errors.ts";
import type { Program } from "../graph/lower.ts";
import { evaluationProgram, NAMES, samplingProgram, trainingProgram } from "../nn/programs.ts";
import type { EngineOptions, SampleRequest, TrainRequest } from "./calls.ts";
import type { Compute } from "./compute.ts";
import { Sampler } from "./sampling.ts";
import { feed, type Rows, rowsOf, sequenceMeans } from "./sequences.ts";
import { type Bound, floats, integers, Session } from "./session.ts";
import { runSizes, type RunSizes } from "./sizes.ts";
import type { FlatState } from "./state.ts";
import { addRows, gradientInPlace, parametersInPlace } from "./views.ts";

/** A session that reads whole sequences, with the arrays that it reads tokens from and writes results to. */
type Runner = {
  readonly session: Session;
  readonly rows: Rows;
  /** The mean loss of a training batch, or each token's loss. */
  readonly losses: Float32Array;
  readonly tokens: Bound;
  readonly outputs: Bound;
  /** Of training: where the gradients of a batch's further parts go. */
  readonly further?: Bound;
  /** Of training: the gradient of the rows that tokens look up. */
  readonly lookedUp?: Float32Array;
};

/** What a session is for; `few` takes one sequence at a time. */
type RunnerKind = "train" | "evaluate" | "few";

/** Parameters above which there is one session at a time: what each keeps for its next run counts then, and a second to load it does not. */
const MOST_TOGETHER = 1e8;

/** The CPU's Compute. Graphs are built at first use: a validator never trains, a miner rarely samples. */
export class HostCompute implements Compute {
  step = 0;
  readonly #options: EngineOptions;
  readonly #sizes: RunSizes;
  readonly #state: FlatState;
  readonly #views: { readonly theta: Bound; readonly working: Bound };
  readonly #runners = new Map<RunnerKind, Runner>();
  #sampler: Sampler | undefined;

  /** @throws KernelError bad-config if the micro-batch does not divide the batch */
  constructor(options: EngineOptions, state: FlatState) {
    this.#options = options;
    this.#state = state;
    this.#sizes = runSizes(options, "cpu");
    const viewsOf = (name: "theta" | "working"): Bound =>
      parametersInPlace(state, name, { config: options.model });
    this.#views = { theta: viewsOf("theta"), working: viewsOf("working") };
  }

  async train({ tokens, learningRates }: TrainRequest): Promise<Float32Array> {
    const runner = await this.#runner("train");
    const losses = new Float32Array(learningRates.length);
    const perStep = tokens.length / losses.length;
    for (let i = 0; i < losses.length; i++) {
      losses[i] = await this.#gradientOf(runner, tokens.subarray(i * perStep, (i + 1) * perStep));
      this.#descend(learningRates[i]!, losses[i]!);
    }
    return losses;
  }

  async losses(tokens: Int32Array): Promise<Float64Array> {
    const { context } = this.#options.model;
    // Rows that stay free cost as much as others: spot checks of one sequence would cost a whole run.
    const isFew = tokens.length < this.#sizes.evaluate * (context + 1);
    const runner = await this.#runner(isFew ? "few" : "evaluate");
    const { losses } = runner;
    const sizes = { context, batch: losses.length / context, losses };
    return sequenceMeans(tokens, sizes, async (some) => {
      feed(runner.rows, some, context);
      await runner.session.run([runner.tokens, this.#views.theta], runner.outputs);
    });
  }

  async sample(request: SampleRequest): Promise<Int32Array> {
    const { model } = this.#options;
    this.#sampler ??= new Sampler(model, await this.#load(samplingProgram(model)));
    return this.#sampler.sample(request, this.#views.theta);
  }

  thetaChanged(): void {
    // Sessions read it where it lies.
  }

  momentsChanged(): void {
    // They lie in the state alone.
  }

  async bringMoments(): Promise<void> {
    // Likewise.
  }

  async close(): Promise<void> {
    await this.#closeRunners();
    await this.#sampler?.close();
    this.#sampler = undefined;
  }

  async #closeRunners(): Promise<void> {
    for (const { session } of this.#runners.values()) await session.close();
    this.#runners.clear();
  }

  /** Mean gradient of a batch, part after part, into the state; returns the mean loss. */
  async #gradientOf(runner: Runner, tokens: Int32Array): Promise<number> {
    const { batch, model } = this.#options;
    const parts = batch / this.#sizes.train;
    const length = tokens.length / parts;
    let sum = 0;
    for (let part = 0; part < parts; part++) {
      feed(runner.rows, tokens.subarray(part * length, (part + 1) * length), model.context);
      const outputs = part === 0 ? runner.outputs : runner.further!;
      await runner.session.run([runner.tokens, this.#views.working], outputs);
      const { rows, lookedUp } = runner;
      const vector = part === 0 ? "gradient" : "part";
      if (lookedUp) addRows(this.#state, vector, { config: model, ids: rows.ids, rows: lookedUp });
      if (part > 0) this.#state.accumulate(part === parts - 1 ? 1 / parts : 1);
      sum += runner.losses[0]!;
    }
    return sum / parts;
  }

  /** Moves the working copy; refuses to touch any state with a loss or gradient that is not finite. */
  #descend(learningRate: number, loss: number): void {
    const step = this.step + 1;
    try {
      if (!Number.isFinite(loss)) throw new RangeError("the loss is not finite");
      // It looks at the gradient's norm before it changes anything: a pass of its own over the gradient finds no more.
      this.#state.descend(this.#options.innerOptimizer, learningRate, step);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw diverged(step, loss, cause);
    }
    this.step = step;
  }

  async #runner(kind: RunnerKind): Promise<Runner> {
    const known = this.#runners.get(kind);
    if (known) return known;
    if (this.#state.layout.total > MOST_TOGETHER) await this.#closeRunners();
    const runner = await (kind === "train"
      ? this.#trainer()
      : this.#evaluator(kind === "few" ? 1 : this.#sizes.evaluate));
    this.#runners.set(kind, runner);
    return runner;
  }

  async #trainer(): Promise<Runner> {
    const { model } = this.#options;
    const { train, recompute } = this.#sizes;
    const losses = new Float32Array(1);
    const lookedUp = new Float32Array(train * model.context * model.width);
    const [outputs, further] = (["gradient", "part"] as const).map((name) => ({
      ...gradientInPlace(this.#state, name, { config: model, rows: lookedUp }),
      [NAMES.loss]: floats(losses, []),
    }));
    const results = { losses, outputs: outputs!, further: further!, lookedUp };
    return this.#build(trainingProgram(model, train, recompute, {}), train, results);
  }

  async #evaluator(batch: number): Promise<Runner> {
    const { model } = this.#options;
    const losses = new Float32Array(batch * model.context);
    const outputs = { [NAMES.losses]: floats(losses, [losses.length]) };
    return this.#build(evaluationProgram(model, batch, {}), batch, { losses, outputs });
  }

  async #build(
    program: Program,
    batch: number,
    results: Pick<Runner, "losses" | "outputs" | "further" | "lookedUp">,
  ): Promise<Runner> {
    const rows = rowsOf(batch, this.#options.model.context);
    const tokens = { [NAMES.ids]: integers(rows.ids), [NAMES.targets]: integers(rows.targets) };
    return { session: await this.#load(program), rows, tokens, ...results };
  }

  async #load(program: Program): Promise<Session> {
    return Session.load(program, { device: "cpu", threads: this.#options.threads ?? 1 });
  }
}

/** The error of a step whose loss or gradient is not finite. */
export function diverged(step: number, loss: number, cause?: unknown): KernelError {
  return new KernelError(
    "not-finite",
    `the loss of step ${step} is ${loss}, its gradient may not be finite; lower the learning rate`,
    { cause, details: { step } },
  );
}
