/** @file After the last window: the ledger, the losses, the comparison runs, a text sample. */
import { startEngine } from "../../kernels/runtime/engine.ts";
import { checkpointSchema } from "../../src/api/types.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { emissionAt } from "../../src/protocol/economy.ts";
import { windowClock } from "../../src/protocol/window.ts";
import { BlobFinder } from "../../src/run/finder.ts";
import { joinRun, type Run } from "../../src/run/join.ts";
import { digestOf } from "../../src/training/checkpoint.ts";
import { type Comparison, heldOutLoss, thetaOf, trainAlone } from "./baseline.ts";
import type { Localnet } from "./boot.ts";
import type { Ledger } from "./summary.ts";

const MAX_CHECKPOINT_BYTES = 64 << 20;
const SAMPLE_BYTES = 400;
const SAMPLE_PROMPT = "export interface ";
const SAMPLE_TEMPERATURE = 0.7;

/** What all nodes agree on at the end. */
export type Final = {
  readonly run: Run;
  readonly genesisTheta: Float32Array;
  readonly theta: Float32Array;
  /** Window whose parameters `theta` are. */
  readonly window: number;
};

/** The subnet's ledger now, beside the schedule recomputed from nothing but the number of paid blocks. */
export async function readLedger(net: Localnet): Promise<Ledger> {
  const { hash, number } = await net.chain.head();
  const ledger = await net.chain.emissionLedger(net.netuid, hash);
  let scheduledRao = 0n;
  // The subnet is started in genesis, so every block from the first one emits.
  for (let block = 1; block <= number; block++) scheduledRao += emissionAt(scheduledRao);
  return {
    issuedRao: ledger.issuedRao,
    scheduledRao,
    paidNeuronsRao: ledger.paidNeuronsRao,
    paidOwnerRao: ledger.paidOwnerRao,
    carriedRao: ledger.carriedRao,
    pendingRao: ledger.pendingMinersRao + ledger.pendingValidatorsRao + ledger.pendingOwnerRao,
    burnedRao: ledger.burnedRao,
  };
}

/** Fetches the newest checkpoint any node has, as a stranger would, and joins the run's data to it. */
export async function readFinal(net: Localnet, signal: AbortSignal): Promise<Final> {
  const finder = new BlobFinder(
    { netuid: net.netuid, allowPrivate: true },
    { chain: net.chain, blobs: net.blobs },
  );
  const run = await joinRun(
    net.netuid,
    { chain: net.chain, heads: net.heads, finder, signal },
    () => undefined,
  );
  const limits = { limitBytes: 4096, timeoutMs: 3000, signal };
  const axons = [...(await finder.axons()).values()];
  const found = await Promise.all(
    axons.map((axon) =>
      fetchJson(urlOf(axon, "/checkpoints/latest"), checkpointSchema, limits).catch(() => null),
    ),
  );
  const newest = found
    .filter((one) => one !== null)
    .toSorted((a, b) => b.window - a.window)
    .at(0) ?? { window: 0, address: net.manifest.genesisCheckpoint };
  const read = { limitBytes: MAX_CHECKPOINT_BYTES, signal };
  const [first, last] = await Promise.all([
    finder.find(net.manifest.genesisCheckpoint, read),
    finder.find(newest.address, read),
  ]);
  return {
    run,
    genesisTheta: thetaOf(run, first),
    theta: thetaOf(run, last),
    window: newest.window,
  };
}

/** Held-out losses of the first and the last parameters, and what the model writes. */
export async function measure(
  final: Final,
): Promise<{ start: number; end: number; sample: string }> {
  const { run, genesisTheta, theta } = final;
  const { inner, model, evaluation } = run.manifest;
  const { beta1, beta2, epsilon, weightDecay, clip } = inner;
  const engine = await startEngine({
    model,
    batch: 1,
    evaluationBatch: evaluation.noiseSequences,
    device: "cpu",
    innerOptimizer: { beta1, beta2, epsilon, weightDecay, clip },
  });
  try {
    await engine.setParameters(genesisTheta);
    const start = await heldOutLoss(engine, run.heldOut, model.context);
    await engine.setParameters(theta);
    const end = await heldOutLoss(engine, run.heldOut, model.context);
    const prompt = Int32Array.from(Buffer.from(SAMPLE_PROMPT));
    const drawn = await engine.sample({
      prompt,
      count: SAMPLE_BYTES,
      temperature: SAMPLE_TEMPERATURE,
      seed: 1,
    });
    return { start, end, sample: SAMPLE_PROMPT + printable(drawn) };
  } finally {
    await engine.close();
  }
}

/** Bytes as text; control characters from a model must not reach a terminal. */
function printable(bytes: Int32Array): string {
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  return text.replaceAll(/\p{Cc}/gu, (control) => (control === "\n" ? control : " "));
}

/** The two comparison runs side by side: everybody's batches on one node, and one honest miner alone. */
export async function compare(
  net: Localnet,
  final: Final,
  parts: { signal: AbortSignal; step(text: string): void },
): Promise<{ baselineLoss: number; aloneLoss: number }> {
  const honest = net.members.flatMap((member, uid) => (member.kind === "honest" ? [uid] : []));
  let told = 0;
  const common: Omit<Comparison, "uids"> = {
    run: final.run,
    heads: net.heads,
    windows: final.window,
    genesisTheta: final.genesisTheta,
    signal: parts.signal,
    progress: (done) => {
      const quarter = Math.floor((4 * done) / Math.max(1, final.window));
      if (quarter > told) parts.step(`comparison runs without a network: ${25 * quarter} %`);
      told = Math.max(told, quarter);
    },
  };
  const quiet = { ...common, progress: () => undefined };
  const [baselineLoss, aloneLoss] = await Promise.all([
    trainAlone({ ...common, uids: honest }, "synchronous"),
    trainAlone({ ...quiet, uids: honest.slice(0, 1) }, "alone"),
  ]);
  return { baselineLoss, aloneLoss };
}

/** The digest of the final parameters, and whether the last window of the run is over. */
export function describeFinal(final: Final): { digest: string; complete: boolean } {
  const clock = windowClock(final.run.manifest);
  return {
    digest: digestOf(final.run.runId, final.run.layout, final.theta),
    complete: !clock.isInRun(final.window),
  };
}
