/** @file The training engine in this process instead of a worker, and losses that two nodes measure alike measured once. */
import { createHash } from "node:crypto";
import type { EngineCalls, EngineOptions, LossesRequest } from "../kernels/engine/calls.ts";
import { EngineCore } from "../kernels/engine/core.ts";
import type { Engine } from "../kernels/engine/engine.ts";
import { layoutOf, specsOf } from "../kernels/nn/model.ts";
import type { Gate } from "./gate.ts";
import type { SimulatedTime } from "./time.ts";

/**
 * Losses by what they were measured of. Engines of one machine give equal bits for equal inputs, so what is known is not
 * measured again; all that every validator and every end of a window would measure anew.
 */
export class LossMemo {
  readonly #known = new Map<string, Promise<Float64Array>>();

  /** The losses for `key`, measured once; old ones are forgotten. */
  async of(key: string, measure: () => Promise<Float64Array>): Promise<Float64Array> {
    const known = this.#known.get(key);
    if (known !== undefined) return (await known).slice();
    const measured = measure();
    this.#known.set(key, measured);
    // What failed is tried again: it may have been the end of a process.
    measured.catch(() => this.#known.delete(key));
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    return (await measured).slice();
  }
}

const REMEMBERED = 512;

/** What an engine needs of its node. */
export type EnginePlace = {
  readonly time: SimulatedTime;
  readonly gate: Gate;
  readonly memo: LossMemo;
  /** Simulated milliseconds that training takes. */
  readonly trainMs: () => number;
  /** Told how many tokens were trained on. */
  readonly onTrain: (tokens: number) => void;
};

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** All that losses hang on: the engine's options, what it holds, what is asked; with every length, so that no two requests read alike. */
function keyOf(held: string, { tokens, update, factor }: LossesRequest): string {
  const tensors = update?.map(({ indices, values }) => [indices.length, values.length]);
  const form = { held, tokens: tokens.length, factor: factor ?? 1, tensors: tensors ?? null };
  const hash = createHash("sha256")
    .update(`${JSON.stringify(form)}\n`)
    .update(bytesOf(tokens));
  for (const { indices, values } of update ?? [])
    hash.update(bytesOf(indices)).update(bytesOf(values));
  return hash.digest("base64");
}

/** Opens an engine. Its calls run one after the other, in the order in which they were made. */
export async function openSimulatedEngine(
  options: EngineOptions,
  { time, gate, memo, trainMs, onTrain }: EnginePlace,
): Promise<Engine> {
  const core = await time.during(() => EngineCore.open(options, "cpu"));
  let last: Promise<unknown> = Promise.resolve();
  let theta: string | null = null;
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    await gate.pass();
    const mine = last.then(() => time.during(work));
    last = mine.catch(() => undefined);
    const result = await mine;
    await gate.pass();
    return result;
  };
  // In its turn: a call that was made before it must not find out, and remember, what theta was.
  const moved = async <T>(work: () => Promise<T>): Promise<T> =>
    inTurn(async () => {
      theta = null;
      return work();
    });
  const thetaKey = async (): Promise<string> => {
    theta ??= createHash("sha256")
      .update(`${JSON.stringify(options)}\n`)
      .update(bytesOf(await core.parameters()))
      .digest("base64");
    return theta;
  };
  const calls: EngineCalls = {
    setParameters: (values) => moved(() => core.setParameters(values)),
    outerStep: (request) => moved(() => core.outerStep(request)),
    adoptWorking: () => moved(() => core.adoptWorking()),
    parameters: () => inTurn(() => core.parameters()),
    setTensor: (request) => moved(() => core.setTensor(request)),
    tensor: (tensor) => inTurn(() => core.tensor(tensor)),
    tensorDigests: () => inTurn(() => core.tensorDigests()),
    train: async (request) => {
      const ms = trainMs();
      if (ms > 0) await gate.unlessBroken(time.pause(ms));
      onTrain(request.tokens.length);
      return inTurn(() => core.train(request));
    },
    compress: (request) => inTurn(() => core.compress(request)),
    restoreSent: (update) => inTurn(() => core.restoreSent(update)),
    losses: (request) =>
      inTurn(async () => memo.of(keyOf(await thetaKey(), request), () => core.losses(request))),
    momentState: () => inTurn(() => core.momentState()),
    setMomentState: (state) => inTurn(() => core.setMomentState(state)),
    resetMoments: () => inTurn(() => core.resetMoments()),
    sample: (request) => inTurn(() => core.sample(request)),
  };
  return {
    ...calls,
    layout: layoutOf(specsOf(options.model)),
    device: { chosen: "cpu", refused: [] },
    close: async () => {
      await last;
      await core.close();
    },
  };
}
