/** @file Honest work: assigned pages -> H inner steps -> compressed pseudo-gradient -> encoded update. */
import type { SparseUpdate } from "../src/protocol/codec.ts";
import { assignedPages } from "../src/protocol/assignment.ts";
import { updateDigest } from "../src/protocol/digest.ts";
import { assignKey } from "../src/protocol/draws.ts";
import { learningRate } from "../src/protocol/learning-rate.ts";
import { encodeWholeUpdate } from "../src/protocol/update.ts";
import { batchOrder } from "../src/data/batches.ts";
import { tokensOf } from "../src/data/pages.ts";
import type { Joined } from "../src/neuron/neuron.ts";
import { KernelError } from "../kernels/errors.ts";
import type { TrainRequest } from "../kernels/runtime/types.ts";
import type { Strategy, Work } from "./strategy.ts";

/** The token batches of a window: `steps * batch` sequences of the pages that the chain assigned to this hotkey. */
async function assignedTokens(node: Joined, window: number): Promise<Int32Array | null> {
  const { run, heads, ledger, signer } = node;
  const { manifest, clock, pages, genesis, runId } = run;
  const uid = (await ledger.hotkeys(window)).indexOf(signer.publicKey);
  if (uid === -1) return null;
  const hash = await heads.hashOf(clock.seedBlock(window));
  const key = assignKey({ genesis, runId, netuid: manifest.netuid, window, hash });
  const mine = assignedPages({
    key,
    pages: manifest.data.pages,
    uid,
    perUid: manifest.data.pagesPerWindow,
  });
  const sequences = pages.sequences(mine);
  const { steps, batch } = manifest.inner;
  return tokensOf(
    sequences,
    batchOrder(key, { available: sequences.count, steps, batch }),
    manifest.model.context,
  );
}

/** Wraps an update of this hotkey into the bytes that are committed and served. */
export function encodeWork(
  node: Joined,
  window: number,
  update: SparseUpdate,
  trainingLoss: number | null,
): Work {
  const { run, follower, signer } = node;
  const { inner, data, model, codec } = run.manifest;
  const header = {
    ...follower.expectedHeader(signer.publicKey),
    window: BigInt(window),
    consumedPages: data.pagesPerWindow,
    innerSteps: inner.steps,
    tokens: BigInt(inner.steps * inner.batch * model.context),
  };
  const bytes = encodeWholeUpdate(header, update, { lengths: run.layout.lengths, ...codec });
  return { window, update, bytes, digest: updateDigest(bytes), trainingLoss };
}

/** Losses of the inner steps; null when training diverged, which costs this window and nothing else. */
async function trained(node: Joined, request: TrainRequest): Promise<Float32Array | null> {
  try {
    return (await node.engine.train(request)).losses;
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== "not-finite") throw error;
    node.say(`training diverged, nothing to send in this window: ${error.summary}`);
    return null;
  }
}

/** Trains what the chain assigned. Skips a window whose deadline is already past. */
export function honest(node: Joined): Strategy {
  const { run, engine, heads, say } = node;
  const { inner, codec } = run.manifest;
  return {
    name: "honest",
    async produce(window) {
      if (heads.current.number >= run.clock.deadlineBlock(window)) return null;
      const tokens = await assignedTokens(node, window);
      if (tokens === null) return null;
      const learningRates = Float32Array.from({ length: inner.steps }, (_, step) =>
        learningRate(inner, window * inner.steps + step),
      );
      const losses = await trained(node, { tokens, learningRates });
      if (losses === null) return null;
      const { update } = await engine.compress({ ...codec, beta: inner.errorDecay });
      const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length;
      const work = encodeWork(node, window, update, loss);
      say(
        `window ${window}: ${inner.steps} inner steps, training loss ${loss.toFixed(3)}, update of ${work.bytes.length} bytes`,
      );
      return work;
    },
  };
}
