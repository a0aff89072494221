/** @file One training run of one arm with the product's engine, compression and outer step; no chain, no scores, everything accepted. */
import type { EngineOptions } from "../../kernels/engine/calls.ts";
import { EngineCore } from "../../kernels/engine/core.ts";
import { initialParameters } from "../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import { OUTER_DEFAULT, type OuterOptimizer } from "../../kernels/optim/outer.ts";
import { learningRate } from "../../src/protocol/learning-rate.ts";
import { MODELS } from "../../src/run/presets.ts";
import { type Arm, CHUNK, MINERS, type Setting } from "./arms.ts";
import { evenly, Stream, type Text } from "./text.ts";

const MODEL = MODELS.nano;
/** Sequences of a miner's step. */
const BATCH = 12;
/** Sequences that a loss is the mean of. */
const JUDGED = 512;
const EVALUATED = 32;
/** Warm-up of all arms: the demo's, of 600 steps and in proportion. */
const WARMUP_SHARE = 80 / 600;

/** What to run. */
export type Task = {
  readonly arm: Arm;
  readonly setting: Setting;
  readonly steps: number;
  readonly seed: number;
};

/** Mean losses at the end in nats a byte; NaN where training diverged. */
export type Losses = { readonly validation: number; readonly test: number };

/** A miner: its engine and its text. A synchronous run has one engine, and each of its streams feeds that. */
type Miner = { readonly core: EngineCore; readonly stream: Stream };

function outerOf({ arm, setting }: Task): OuterOptimizer {
  if (arm.method === "demo") return { kind: "demo" };
  if (arm.method !== "diloco-2bit") return OUTER_DEFAULT;
  return { kind: "diloco", momentum: setting.momentum ?? 0 };
}

function ratesOf({ setting, steps }: Task, from: number, count: number): Float32Array {
  const schedule = {
    learningRate: setting.rate,
    minimumLearningRate: setting.rate / 10,
    warmupSteps: Math.round(WARMUP_SHARE * steps),
    totalSteps: steps,
  };
  return Float32Array.from({ length: count }, (_, i) => learningRate(schedule, from + i));
}

/** All miners' sequences of a step side by side in one batch. */
async function trainSynchronously(
  task: Task,
  core: EngineCore,
  streams: readonly Stream[],
): Promise<void> {
  for (let step = 0; step < task.steps; step++) {
    const parts = streams.map((stream) => stream.next(BATCH));
    const tokens = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      tokens.set(part, at);
      at += part.length;
    }
    await core.train({ tokens, learningRates: ratesOf(task, step, 1) });
    await core.adoptWorking();
  }
}

/** One outer step: compressed updates of all, through the product's outer step on every miner's parameters. */
async function stepOfUpdates({ setting }: Task, miners: readonly Miner[]): Promise<void> {
  const { k = CHUNK, decay = 0, alpha = 1 } = setting;
  const updates = [];
  for (const { core } of miners)
    updates.push((await core.compress({ k, chunk: CHUNK, beta: decay })).update);
  for (const { core } of miners) await core.outerStep({ updates, alpha, mean: "choosers" });
}

/** The rival: float32 differences, averaged, and Nesterov momentum over them (none: plain averaging). In float64 but for its state. */
class Uncompressed {
  readonly #theta: Float32Array;
  readonly #momentum: Float32Array;
  readonly #setting: Setting;

  constructor(theta: Float32Array, setting: Setting) {
    this.#theta = theta;
    this.#momentum = new Float32Array(theta.length);
    this.#setting = setting;
  }

  async step(miners: readonly Miner[]): Promise<void> {
    const [theta, momentum] = [this.#theta, this.#momentum];
    const { alpha = 1, momentum: mu = 0 } = this.#setting;
    const trained: Float32Array[] = [];
    for (const { core } of miners) {
      await core.adoptWorking();
      trained.push(await core.parameters());
    }
    for (const [i, start] of theta.entries()) {
      let sum = 0;
      for (const one of trained) sum += start - (one[i] ?? Number.NaN);
      const mean = sum / trained.length;
      momentum[i] = mu * (momentum[i] ?? 0) + mean;
      theta[i] = start - alpha * (mean + mu * momentum[i]);
    }
    for (const { core } of miners) await core.setParameters(theta);
  }
}

async function trainInWindows(
  task: Task,
  miners: readonly Miner[],
  start: Float32Array,
): Promise<void> {
  const { inner, method } = task.arm;
  const isRival = method === "average" || method === "diloco";
  const rival = isRival ? new Uncompressed(start, task.setting) : null;
  for (let step = 0; step < task.steps; step += inner) {
    const count = Math.min(inner, task.steps - step);
    const learningRates = ratesOf(task, step, count);
    for (const { core, stream } of miners)
      await core.train({ tokens: stream.next(count * BATCH), learningRates });
    await (rival === null ? stepOfUpdates(task, miners) : rival.step(miners));
  }
}

async function meanLoss(core: EngineCore, text: Uint8Array): Promise<number> {
  const losses = await core.losses({ tokens: evenly(text, MODEL.context, JUDGED) });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function isDivergence(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "not-finite";
}

function optionsOf(task: Task): EngineOptions {
  return {
    model: MODEL,
    batch: task.arm.method === "synchronous" ? MINERS * BATCH : BATCH,
    evaluationBatch: EVALUATED,
    threads: 1,
    innerOptimizer: ADAMW_DEFAULTS,
    outerOptimizer: outerOf(task),
  };
}

/** Trains from the seed's first parameters and measures both texts. */
export async function trainArm(task: Task, text: Text): Promise<Losses> {
  const { arm, seed } = task;
  const start = initialParameters(MODEL, seed);
  const cores: EngineCore[] = [];
  const open = async (): Promise<EngineCore> => {
    const core = await EngineCore.open(optionsOf(task), "cpu");
    cores.push(core);
    await core.setParameters(start);
    return core;
  };
  const streams = Array.from(
    { length: MINERS },
    (_, miner) => new Stream(text, { seed, miner, miners: MINERS, context: MODEL.context }),
  );
  try {
    const judge = await open();
    if (arm.method === "synchronous") await trainSynchronously(task, judge, streams);
    else {
      const miners: Miner[] = [];
      for (const [index, stream] of streams.entries())
        miners.push({ core: index === 0 ? judge : await open(), stream });
      await trainInWindows(task, miners, start);
    }
    return {
      validation: await meanLoss(judge, text.validation),
      test: await meanLoss(judge, text.test),
    };
  } catch (error) {
    if (isDivergence(error)) return { validation: Number.NaN, test: Number.NaN };
    throw error;
  } finally {
    for (const core of cores) await core.close();
  }
}
