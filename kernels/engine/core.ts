/** @file The engine inside its thread: checks each call of EngineCalls, then asks the flat state or what computes over it. */
import { KernelError } from "../errors.ts";
import type { SparseUpdate } from "../exact/sparse.ts";
import { layoutOf, type Layout, specsOf } from "../nn/model.ts";
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
import type { Compute } from "./compute.ts";
import { DeviceCompute } from "./device-compute.ts";
import { HostCompute } from "./host-compute.ts";
import { demandNumbers } from "./numbers.ts";
import type { Peer } from "./peer.ts";
import { FlatState } from "./state.ts";

function demand(holds: boolean, message: string): void {
  if (!holds) throw new KernelError("bad-argument", message);
}

function demandFinite(values: Float32Array, name: string): void {
  // A plain loop: a callback for each of a billion parameters takes half a minute.
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new KernelError("not-finite", `${name} holds a value that is not finite`);
}

const isLost = (failure: unknown): boolean =>
  failure instanceof KernelError && failure.code === "device-lost";

/** All state of one engine. The calls are described in EngineCalls; they must not overlap. */
export class EngineCore implements EngineCalls {
  readonly #options: EngineOptions;
  readonly #layout: Layout;
  readonly #state: FlatState;
  #compute: Compute;

  private constructor(
    options: EngineOptions,
    device: DeviceName,
    on: { readonly state: FlatState; readonly start: (() => Peer) | undefined },
  ) {
    const { state } = on;
    this.#options = options;
    this.#state = state;
    this.#layout = state.layout;
    this.#compute =
      device === "cpu" ? new HostCompute(options, state) : new DeviceCompute(options, device, on);
  }

  /**
   * Allocates the state of a model.
   * @param start starts what computes on a device; its own process if left out
   */
  static async open(
    options: EngineOptions,
    device: DeviceName,
    start?: () => Peer,
  ): Promise<EngineCore> {
    const layout = layoutOf(specsOf(options.model));
    return new EngineCore(options, device, { state: new FlatState(layout, options), start });
  }

  /** Frees the sessions, and ends the process of a device. */
  async close(): Promise<void> {
    await this.#compute.close();
  }

  async setParameters(theta: Float32Array): Promise<void> {
    const { total } = this.#layout;
    const { length } = theta;
    const fits = length === total || length === this.#state.sharedFloats;
    demand(fits, `theta has ${length} floats, the layout ${total}`);
    demandNumbers(theta, "theta");
    this.#state.writeShared(theta);
    this.#compute.thetaChanged();
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
    demandNumbers(values, `tensor ${tensor}`);
    this.#state.writeSharedTensor(tensor, values);
    this.#compute.thetaChanged();
    this.#state.forgetTraining();
  }

  async tensor(tensor: number): Promise<Float32Array> {
    this.#lengthOf(tensor);
    return this.#state.sharedTensor(tensor).slice();
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
      return { losses: await this.#compute.train({ tokens, learningRates }) };
    } catch (error) {
      // A copy that diverged is worth nothing: compress after a failure sends no change.
      this.#state.forgetTraining();
      throw this.#afterFailure(error);
    }
  }

  async adoptWorking(): Promise<void> {
    this.#state.adoptWorking();
    this.#compute.thetaChanged();
  }

  async compress(request: CompressRequest): Promise<{ update: SparseUpdate }> {
    return { update: this.#state.compress(request) };
  }

  async restoreSent(update: SparseUpdate): Promise<void> {
    this.#state.restoreSent(update);
  }

  async outerStep(request: OuterStepRequest): Promise<void> {
    this.#state.outerStep(request);
    this.#compute.thetaChanged();
  }

  async losses({ tokens, update, factor = 1 }: LossesRequest): Promise<Float64Array> {
    const length = this.#options.model.context + 1;
    demand(
      tokens.length % length === 0,
      `losses got ${tokens.length} tokens, no multiple of ${length}`,
    );
    this.#checkTokens(tokens);
    // What DeMo sends are frequencies: their cosines move every parameter.
    const moved = this.#options.outerOptimizer?.kind === "demo" ? update && "anywhere" : update;
    const takeBack = update && this.#state.trial(update, factor);
    try {
      return await this.#lasting((compute) => compute.losses(tokens, moved));
    } finally {
      takeBack?.();
    }
  }

  async momentState(): Promise<MomentState> {
    const state = this.#state;
    await this.#bringMoments();
    const [m, v] = [state.readMoment("first"), state.readMoment("second")];
    return { step: this.#compute.step, m, v, e: state.read("error") };
  }

  async setMomentState({ step, m, v, e }: MomentState): Promise<void> {
    demand(Number.isSafeInteger(step) && step >= 0, `a step count cannot be ${step}`);
    for (const [name, vector] of Object.entries({ m, v, e })) this.#check(vector, name);
    this.#state.writeMoment("first", m);
    this.#state.writeMoment("second", v);
    this.#state.write("error", e);
    this.#momentsChanged(step);
  }

  async resetMoments(): Promise<void> {
    this.#state.clearMoments();
    this.#momentsChanged(0);
  }

  async sample(request: SampleRequest): Promise<Int32Array> {
    this.#checkTokens(request.prompt);
    return this.#lasting((compute) => compute.sample(request));
  }

  /** After a loss of the device the state has the moments that were read last: that is what there is. */
  async #bringMoments(): Promise<void> {
    try {
      await this.#compute.bringMoments();
    } catch (error) {
      const failure = this.#afterFailure(error);
      if (!isLost(failure)) throw failure;
    }
  }

  #momentsChanged(step: number): void {
    this.#compute.step = step;
    this.#compute.momentsChanged();
  }

  /** What changes nothing is asked again of a device that was started anew, or of the CPU. */
  async #lasting<T>(call: (compute: Compute) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call(this.#compute);
      } catch (error) {
        const failure = this.#afterFailure(error);
        if (!isLost(failure)) throw failure;
      }
    }
  }

  /** What to throw. Where the CPU may take over, a device that is given up is one that was lost. */
  #afterFailure(error: unknown): unknown {
    const { device = "auto" } = this.#options;
    if (!(error instanceof KernelError) || error.code !== "device-refused" || device !== "auto")
      return error;
    const host = new HostCompute(this.#options, this.#state);
    host.step = this.#compute.step;
    this.#compute = host;
    const { reason } = error.fault;
    return new KernelError("device-lost", `${reason}; the CPU goes on`, { cause: error });
  }

  #checkTokens(tokens: Int32Array): void {
    const { vocabulary } = this.#options.model;
    // A plain loop: a callback for each token takes several times as long.
    let at = 0;
    while (at < tokens.length && tokens[at]! >= 0 && tokens[at]! < vocabulary) at++;
    demand(
      at === tokens.length,
      `token ${tokens[at]} at ${at} is outside the vocabulary of ${vocabulary}`,
    );
  }

  #check(source: Float32Array, name: string): void {
    const { total } = this.#layout;
    demand(source.length === total, `${name} has ${source.length} floats, the layout ${total}`);
    demandFinite(source, name);
  }

  /** Floats of a tensor of what nodes share by its index. */
  #lengthOf(tensor: number): number {
    const { lengths } = this.#layout;
    const isThere = Number.isInteger(tensor) && tensor >= 0 && tensor < this.#state.sharedTensors;
    demand(isThere, `there is no tensor ${tensor}`);
    return lengths[tensor % lengths.length]!;
  }
}
