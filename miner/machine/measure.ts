/** @file Measures how fast this machine trains a model: micro-batches and threads, one after the other, in an engine each. */
import type { DeviceName, EngineOptions } from "../../kernels/engine/calls.ts";
import { matrixCeiling } from "../../kernels/engine/ceiling.ts";
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { runSizes } from "../../kernels/engine/sizes.ts";
import { KernelError } from "../../kernels/errors.ts";
import { parametersOf, trainingFlops } from "../../kernels/nn/memory.ts";
import { initialParameters } from "../../kernels/nn/model.ts";
import { uint32Stream } from "../../kernels/random.ts";
import type { TellFar } from "../../src/command/progress.ts";

/** One way to train. */
type Speed = {
  readonly device: DeviceName;
  readonly threads: number;
  readonly microBatch: number;
  readonly tokensPerSecond: number;
  readonly gigaflops: number;
};

/** What was measured. */
export type Measured = {
  readonly parameters: number;
  /** Largest micro-batch that memory has room for, by estimate; it was then trained with. */
  readonly largestMicroBatch: number;
  readonly speeds: readonly Speed[];
  /** The fastest of them. */
  readonly best: Speed;
  /** GFLOP/s of a plain product of matrices on the best device with its threads, in the same run. */
  readonly ceilingGigaflops: number;
  /** Most memory that this process held. */
  readonly peakBytes: number;
  readonly refused: readonly { readonly device: string; readonly reason: string }[];
};

/** What to measure: a model as its run trains it. */
export type Question = Pick<
  EngineOptions,
  "model" | "batch" | "innerOptimizer" | "outerOptimizer" | "momentBits"
> & {
  readonly device: "auto" | DeviceName;
  /** Numbers of threads to compare. */
  readonly threads: readonly number[];
  /** Milliseconds that each way is measured for. */
  readonly aimMs: number;
};

const MOST_STEPS = 50;

/** Failures of a device that has no room for a micro-batch. */
const LOST: ReadonlySet<string> = new Set(["device-lost", "device-refused"]);

/** Tokens a second of the batch, after a step that warms up. */
async function tokensPerSecond(engine: Engine, { model, batch, aimMs }: Question): Promise<number> {
  const draw = uint32Stream(1);
  const train = async (steps: number): Promise<number> => {
    const tokens = new Int32Array(steps * batch * (model.context + 1));
    for (let at = 0; at < tokens.length; at++) tokens[at] = draw() % model.vocabulary;
    const start = performance.now();
    await engine.train({ tokens, learningRates: new Float32Array(steps).fill(1e-6) });
    return performance.now() - start;
  };
  await train(1);
  const once = await train(1);
  const steps = Math.max(1, Math.min(MOST_STEPS, Math.round(aimMs / once)));
  if (steps === 1) return (1000 * batch * model.context) / once;
  // A GPU may have a graph for each number of steps: it is built here.
  if (engine.device.chosen !== "cpu") await train(steps);
  const ms = (await train(steps)) / steps;
  return (1000 * batch * model.context) / ms;
}

/** The largest micro-batch, half of it and so on: a smaller one may fit the caches better. */
function microBatches(batch: number, largest: number): readonly number[] {
  const found = [largest, Math.floor(largest / 4), 1].map((wanted) => {
    let micro = Math.max(1, wanted);
    while (batch % micro !== 0) micro -= 1;
    return micro;
  });
  return [...new Set(found)];
}

/**
 * Trains random tokens for some seconds in each way.
 * @throws KernelError device-refused where no device can train the model
 */
export async function measure(
  question: Question,
  { tell, far }: { readonly tell: (line: string) => void; readonly far: TellFar },
): Promise<Measured> {
  const { device, threads: counts, aimMs: _, ...trained } = question;
  const { model, batch } = trained;
  const parameters = parametersOf(model);
  const flops = trainingFlops(model, parameters);
  const theta = initialParameters(model, 1);
  const fixed = { ...trained, evaluationBatch: 1 };
  // Which device it is says whose memory counts.
  const probe = await startEngine({ ...fixed, microBatch: 1, device });
  const { chosen: on, refused } = probe.device;
  await probe.close();
  const largest = runSizes(fixed, on).train;
  const speeds: Speed[] = [];
  // What a GPU has room for shows when it is tried: it does not say so.
  const most = on === "cpu" ? largest : batch;
  let failure: unknown;
  let done = 0;
  const ways = counts.length * microBatches(batch, most).length;
  for (const threads of counts)
    for (const microBatch of microBatches(batch, most)) {
      const engine = await startEngine({ ...fixed, microBatch, threads, device: on });
      try {
        await engine.setParameters(theta);
        const rate = await tokensPerSecond(engine, question);
        speeds.push({
          device: on,
          threads,
          microBatch,
          tokensPerSecond: rate,
          gigaflops: (rate * flops) / 1e9,
        });
        tell(`${on}, ${threads} threads, micro-batch ${microBatch}: ${Math.round(rate)} tokens/s`);
      } catch (error) {
        if (!(error instanceof KernelError) || !LOST.has(error.code)) throw error;
        failure = error;
        tell(`${on}, micro-batch ${microBatch}: ${error.message}`);
      } finally {
        await engine.close();
        far({ what: "measuring", done: ++done, of: ways, unit: "ways to train" });
      }
    }
  if (speeds.length === 0) throw failure;
  const best = speeds.reduce((a, b) => (b.tokensPerSecond > a.tokensPerSecond ? b : a));
  return {
    parameters,
    largestMicroBatch: Math.max(largest, ...speeds.map((one) => one.microBatch)),
    speeds,
    best,
    ceilingGigaflops: await matrixCeiling(best.device, best.threads),
    peakBytes: process.resourceUsage().maxRSS * 1024,
    refused,
  };
}
