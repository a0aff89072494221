/** @file After the last window: the ledger, the losses, the comparison runs, a text sample. */
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { openLog } from "../../src/command/log.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { emissionAt } from "../../src/protocol/economy.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { BlobFinder } from "../../src/run/finder.ts";
import { Follower } from "../../src/run/follower.ts";
import { joinRun, type Run } from "../../src/run/join.ts";
import { Ledger } from "../../src/run/chain-record.ts";
import { type Comparison, heldOutLoss, thetaOf, trainAlone } from "../baseline/baseline.ts";
import type { Localnet } from "../localnet/boot.ts";
import type { TokenLedger } from "../localnet/summary.ts";

const MAX_CHECKPOINT_BYTES = 64 << 20;
const SAMPLE_BYTES = 400;
const SAMPLE_PROMPT = "export interface ";
const SAMPLE_TEMPERATURE = 0.7;

/** The run re-derived by a follower that is no member: theta_0, the chain's record, accepted payloads. */
export type Final = {
  readonly run: Run;
  readonly genesisTheta: Float32Array;
  readonly theta: Float32Array;
  /** Window whose parameters `theta` are. */
  readonly window: number;
  /** Digest of every window's parameters, as re-derived. */
  readonly digests: readonly { readonly window: number; readonly digest: Hex }[];
};

/** The subnet's ledger now, beside the schedule recomputed from nothing but the number of paid blocks. */
export async function readLedger(net: Localnet): Promise<TokenLedger> {
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

/** An engine that only holds, applies and evaluates parameters. */
function evaluator({ inner, model, evaluation }: RunManifest): Promise<Engine> {
  const { beta1, beta2, epsilon, weightDecay, clip } = inner;
  return startEngine({
    model,
    batch: 1,
    evaluationBatch: evaluation.noiseSequences,
    device: "cpu",
    innerOptimizer: { beta1, beta2, epsilon, weightDecay, clip },
  });
}

/** Joins as a stranger would and replays every window from theta_0; the nodes must still serve their payloads. */
export async function rederive(net: Localnet, signal: AbortSignal): Promise<Final> {
  const { chain, heads, blobs, netuid } = net;
  const finder = new BlobFinder({ netuid, allowPrivate: true }, { chain, blobs });
  const run = await joinRun(netuid, { chain, heads, finder, signal }, () => undefined);
  const engine = await evaluator(run.manifest);
  try {
    const ledger = new Ledger({ netuid, clock: run.clock }, { chain, heads });
    const state = { saveCheckpoint: () => Promise.resolve() };
    const log = openLog({ name: "audit", level: "silent" });
    const follower = new Follower({
      run,
      engine,
      heads,
      ledger,
      finder,
      blobs,
      state,
      log,
      signal,
    });
    await follower.replay();
    const address = net.manifest.genesisCheckpoint;
    const first = await finder.find(address, { limitBytes: MAX_CHECKPOINT_BYTES, signal });
    const theta = await engine.parameters();
    const { window } = follower;
    return { run, genesisTheta: thetaOf(run, first), theta, window, digests: follower.digests(0) };
  } finally {
    await engine.close();
  }
}

/** Held-out losses of the first and the last parameters, and what the model writes. */
export async function measure(
  final: Final,
): Promise<{ start: number; end: number; sample: string }> {
  const { run, genesisTheta, theta } = final;
  const { model } = run.manifest;
  const engine = await evaluator(run.manifest);
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
