/** @file What `subnet check` measures of the engine on this machine: the speed of this very model. */
import { initialParameters } from "../../kernels/nn/model.ts";
import { uint32Stream } from "../../kernels/random.ts";
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { blake2b256Bytes } from "../../src/protocol/digest.ts";
import { innerOptimizerOf, outerOptimizerOf } from "../../src/run/run.ts";
import { manifestInnerOf, manifestOuterOf } from "../config/manifest.ts";
import type { SubnetConfig } from "../config/schema.ts";
import type { EngineMeasure } from "./subject.ts";

/** Where to measure. */
export type MeasureOptions = {
  readonly device: "auto" | "cpu" | "cuda" | "webgpu";
  readonly threads: number;
};

/** Long enough for a steady figure, short enough to wait for. */
const AIM_MS = 1500;
const MOST_STEPS = 50;
/** Hashing is so even that a part tells the whole. */
const HASHED_BYTES = 8 << 20;

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

/** Sequences of random bytes; what they say does not change how long they take. */
function randomTokens(config: SubnetConfig, sequences: number): Int32Array {
  const draw = uint32Stream(1, 0);
  const tokens = new Int32Array(sequences * (config.model.context + 1));
  for (let at = 0; at < tokens.length; at++) tokens[at] = draw() % config.model.vocabulary;
  return tokens;
}

/** Milliseconds of one inner step: one to warm up, one to size the sample, then as many as fit. */
async function measureSteps(engine: Engine, config: SubnetConfig): Promise<number> {
  const { batch } = config.inner;
  const train = (steps: number): Promise<unknown> =>
    engine.train({
      tokens: randomTokens(config, steps * batch),
      learningRates: new Float32Array(steps).fill(1e-6),
    });
  await train(1);
  const { ms } = await timed(() => train(1));
  const steps = Math.max(1, Math.min(MOST_STEPS, Math.round(AIM_MS / ms)));
  return steps === 1 ? ms : (await timed(() => train(steps))).ms / steps;
}

async function measureLosses(engine: Engine, config: SubnetConfig): Promise<number> {
  const { update } = await engine.compress({ ...config.codec, beta: config.inner.errorDecay });
  const sequences = config.evaluation.noiseSequences;
  const tokens = randomTokens(config, sequences);
  const once = (): Promise<unknown> => engine.losses({ tokens, update, factor: 1e-6 });
  await once();
  const { ms } = await timed(once);
  const times = Math.max(1, Math.min(MOST_STEPS, Math.round(AIM_MS / ms)));
  const all = await timed(async () => {
    for (let time = 0; time < times; time++) await once();
  });
  return (1000 * times * sequences) / all.ms;
}

function hashMs(theta: Float32Array): number {
  const part = Math.min(theta.byteLength, HASHED_BYTES);
  const bytes = new Uint8Array(theta.buffer, theta.byteOffset, part);
  const start = performance.now();
  blake2b256Bytes(bytes);
  return ((performance.now() - start) * theta.byteLength) / part;
}

/**
 * Trains, compresses and evaluates this model for some seconds.
 * @throws KernelError if no device can train it
 */
export async function measureEngine(
  config: SubnetConfig,
  options: MeasureOptions,
): Promise<EngineMeasure> {
  const { batch, errorDecay } = config.inner;
  const { preset: _preset, seed, ...model } = config.model;
  const engine = await startEngine({
    model,
    batch,
    evaluationBatch: config.evaluation.noiseSequences,
    device: options.device,
    threads: options.threads,
    innerOptimizer: innerOptimizerOf(manifestInnerOf(config.inner)),
    outerOptimizer: outerOptimizerOf(manifestOuterOf(config.outer)),
  });
  try {
    const theta = initialParameters(model, seed);
    await engine.setParameters(theta);
    const stepMs = await measureSteps(engine, config);
    const compressed = await timed(() => engine.compress({ ...config.codec, beta: errorDecay }));
    const { alpha, mean } = config.outer;
    const updates = [compressed.value.update];
    const outer = await timed(() => engine.outerStep({ updates, alpha, mean }));
    return {
      device: engine.device.chosen,
      threads: options.threads,
      stepMs,
      compressMs: compressed.ms,
      turnMs: outer.ms + hashMs(theta),
      lossesPerSecond: await measureLosses(engine, config),
    };
  } finally {
    await engine.close();
  }
}
