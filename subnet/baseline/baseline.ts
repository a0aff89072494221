/** @file What the same tokens give without a network: one node on everybody's batches, and one miner all alone. */
import type { ChainClient } from "../../chain/client/client.ts";
import { startEngine } from "../../kernels/engine/engine.ts";
import { learningRate } from "../../src/protocol/learning-rate.ts";
import type { BlockClock } from "../../src/run/block-clock.ts";
import { heldOutLoss } from "../../src/run/held-out.ts";
import { LEARNING_RATES } from "../../src/run/presets.ts";
import { engineOptionsOf, type Run } from "../../src/run/run.ts";

/** What a comparison run reads: the joined run, the honest miners' uids, how many windows were done. */
export type Comparison = {
  readonly run: Run;
  readonly chain: Pick<ChainClient, "hotkeys">;
  readonly blocks: Pick<BlockClock, "hashOf">;
  readonly uids: readonly number[];
  readonly windows: number;
  readonly genesisTheta: Float32Array;
  progress(done: number): void;
  readonly signal: AbortSignal;
};

/** Sequences of held-out text that start and end losses are measured on. */
export const HELD_OUT_SEQUENCES = 512;

/** The same sequences, step by step, that the miners `uids` were assigned in a window, side by side in one batch. */
async function windowTokens(comparison: Comparison, window: number): Promise<Int32Array> {
  const { run, chain, blocks, uids } = comparison;
  const { inner, model } = run.manifest;
  const seed = await blocks.hashOf(run.clock.seedBlock(window));
  const { length: neurons } = await chain.hotkeys(run.manifest.netuid, seed);
  const key = run.assignKey(window, seed);
  const perMiner = await Promise.all(uids.map((uid) => run.trainingTokens(key, { uid, neurons })));
  const row = inner.batch * (model.context + 1);
  const tokens = new Int32Array(inner.steps * row * uids.length);
  for (let step = 0; step < inner.steps; step++)
    for (const [index, one] of perMiner.entries())
      tokens.set(one.subarray(step * row, (step + 1) * row), (step * uids.length + index) * row);
  return tokens;
}

/** The rate that is to a run's as the best one for this way of training is to the best one for cooperating. */
function scaledRate(configured: number, rate: keyof typeof LEARNING_RATES): number {
  return (configured * LEARNING_RATES[rate]) / LEARNING_RATES.cooperating;
}

/** Trains on all batches of `comparison.uids` at once; returns the held-out loss at the end. */
export async function trainWithoutNetwork(
  comparison: Comparison,
  rate: keyof typeof LEARNING_RATES,
): Promise<number> {
  const { run, uids, windows, genesisTheta, signal } = comparison;
  const { inner } = run.manifest;
  const best = scaledRate(inner.learningRate, rate);
  const schedule = {
    ...inner,
    learningRate: best,
    minimumLearningRate: best * (inner.minimumLearningRate / inner.learningRate),
    totalSteps: windows * inner.steps,
  };
  const options = engineOptionsOf(run.manifest);
  const engine = await startEngine({
    ...options,
    batch: inner.batch * uids.length,
    device: "cpu",
  });
  try {
    await engine.setParameters(genesisTheta);
    for (let window = 0; window < windows; window++) {
      signal.throwIfAborted();
      const learningRates = Float32Array.from({ length: inner.steps }, (_, step) =>
        learningRate(schedule, window * inner.steps + step),
      );
      await engine.train({ tokens: await windowTokens(comparison, window), learningRates });
      await engine.adoptWorking();
      comparison.progress(window + 1);
    }
    return await heldOutLoss(engine, run, HELD_OUT_SEQUENCES);
  } finally {
    await engine.close();
  }
}
