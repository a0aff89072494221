/** @file What the same tokens give without a network: one node on everybody's batches, and one miner all alone. */
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { decodeCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { assignedPages } from "../../src/protocol/assignment.ts";
import { assignKey } from "../../src/protocol/draws.ts";
import { learningRate } from "../../src/protocol/learning-rate.ts";
import { batchOrder } from "../../src/data/batches.ts";
import { heldOutTokens, type PageSource, tokensOf } from "../../src/data/pages.ts";
import { LEARNING_RATES } from "../../src/run/presets.ts";
import type { Run } from "../../src/run/join.ts";
import type { Heads } from "../../src/run/block-clock.ts";

/** What a comparison run reads: the joined run, the honest miners' uids, how many windows were done. */
export type Comparison = {
  readonly run: Run;
  readonly heads: Heads;
  readonly uids: readonly number[];
  readonly windows: number;
  readonly genesisTheta: Float32Array;
  progress(done: number): void;
  readonly signal: AbortSignal;
};

/** Sequences of held-out text that start and end losses are measured on. */
export const HELD_OUT_SEQUENCES = 512;

/** Mean held-out loss in nats per byte of the engine's parameters. */
export async function heldOutLoss(
  engine: Engine,
  heldOut: Uint8Array,
  context: number,
): Promise<number> {
  const losses = await engine.losses({
    tokens: heldOutTokens(heldOut, context, HELD_OUT_SEQUENCES),
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** The same sequences, step by step, that the miners `uids` were assigned in a window, side by side in one batch. */
async function windowTokens(comparison: Comparison, window: number): Promise<Int32Array> {
  const { run, heads, uids } = comparison;
  const { manifest, clock, genesis, runId } = run;
  const { steps, batch } = manifest.inner;
  const hash = await heads.hashOf(clock.seedBlock(window));
  const key = assignKey({ genesis, runId, netuid: manifest.netuid, window, hash });
  const pages: PageSource = run.pages;
  const perMiner = uids.map((uid) => {
    const own = pages.sequences(
      assignedPages({ key, pages: manifest.data.pages, uid, perUid: manifest.data.pagesPerWindow }),
    );
    return tokensOf(
      own,
      batchOrder(key, { available: own.count, steps, batch }),
      manifest.model.context,
    );
  });
  const row = batch * (manifest.model.context + 1);
  const tokens = new Int32Array(steps * row * uids.length);
  for (let step = 0; step < steps; step++)
    for (const [index, one] of perMiner.entries())
      tokens.set(one.subarray(step * row, (step + 1) * row), (step * uids.length + index) * row);
  return tokens;
}

/** Trains on all batches of `comparison.uids` at once; returns the held-out loss at the end. */
export async function trainAlone(
  comparison: Comparison,
  rate: keyof typeof LEARNING_RATES,
): Promise<number> {
  const { run, uids, windows, genesisTheta, signal } = comparison;
  const { inner, model, evaluation } = run.manifest;
  const schedule = {
    ...inner,
    learningRate: LEARNING_RATES[rate],
    minimumLearningRate: LEARNING_RATES[rate] / 10,
    totalSteps: windows * inner.steps,
  };
  const { beta1, beta2, epsilon, weightDecay, clip } = inner;
  const engine = await startEngine({
    model,
    batch: inner.batch * uids.length,
    evaluationBatch: evaluation.noiseSequences,
    device: "cpu",
    innerOptimizer: { beta1, beta2, epsilon, weightDecay, clip },
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
    return await heldOutLoss(engine, run.heldOut, model.context);
  } finally {
    await engine.close();
  }
}

/** theta_0 from its checkpoint bytes. */
export function thetaOf(run: Run, checkpoint: Uint8Array): Float32Array {
  return decodeCheckpoint(run.layout, checkpoint);
}
