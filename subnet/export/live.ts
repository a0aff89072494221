/** @file The newest parameters of a running subnet: joined as a stranger would, confirmed by votes or replayed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { type Engine, startEngine } from "../../kernels/runtime/engine.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { Lifecycle } from "../../src/command/lifecycle.ts";
import { openLog } from "../../src/command/log.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import { isPrivateAddress } from "../../src/network/address.ts";
import { isHex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { Heads } from "../../src/run/block-clock.ts";
import { Ledger } from "../../src/run/chain-record.ts";
import { BlobFinder } from "../../src/run/finder.ts";
import { Follower } from "../../src/run/follower.ts";
import { joinRun, publishedRun, type Run } from "../../src/run/join.ts";
import type { SourceOptions } from "./options.ts";
import type { SourceParts } from "./source.ts";
import type { TrainedModel } from "./trained-model.ts";

/** Where a running subnet is. */
export type LiveOptions = Pick<SourceOptions, "endpoint" | "genesis"> & { readonly netuid: number };

/** A chain on this machine or in this network belongs to a private subnet, whose axons are private too. */
function isPrivateEndpoint(endpoint: string): boolean {
  const host = URL.parse(endpoint)?.hostname.replaceAll(/[[\]]/g, "") ?? "";
  return host === "localhost" || isPrivateAddress(host);
}

/** An engine that only holds parameters and applies updates. */
function holder({ model, inner }: RunManifest): Promise<Engine> {
  const { beta1, beta2, epsilon, weightDecay, clip } = inner;
  const innerOptimizer = { beta1, beta2, epsilon, weightDecay, clip };
  return startEngine({ model, batch: 1, evaluationBatch: 1, device: "cpu", innerOptimizer });
}

/** Connects, and follows the chain's head until the lifecycle ends. */
async function follow(
  options: LiveOptions,
  lifecycle: Lifecycle,
): Promise<{ chain: ChainClient; heads: Heads }> {
  const { endpoint, genesis } = options;
  const chain = await connectChain({
    endpoints: endpoint.split(","),
    signal: lifecycle.signal,
    ...(genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis }),
  });
  lifecycle.onClose("chain", () => chain.close());
  const heads = new Heads(chain, await chain.head());
  const following = heads.follow(lifecycle.signal).catch((error: unknown) => {
    if (!lifecycle.signal.aborted) lifecycle.fail(error);
  });
  lifecycle.onClose("heads", () => following);
  return { chain, heads };
}

/**
 * Catches up with the run. Where an update since the newest confirmed checkpoint is served by nobody any more, the
 * parameters stay those of the last window that could be derived.
 */
async function catchUp(follower: Follower, step: SourceParts["step"]): Promise<void> {
  try {
    await follower.start(null);
  } catch (error) {
    if (!isAssayError(error, "blob-missing") || follower.digest === "0x") throw error;
    step(`window ${follower.window} is the last one whose updates are still served`);
  }
}

async function derive(
  run: Run,
  parts: Omit<ConstructorParameters<typeof Follower>[0], "run" | "engine" | "ledger" | "state">,
  about: { readonly chain: ChainClient; readonly step: SourceParts["step"] },
): Promise<Omit<TrainedModel, "origin">> {
  const engine = await holder(run.manifest);
  try {
    const { netuid } = run.manifest;
    const ledger = new Ledger({ netuid, clock: run.clock }, { ...about, heads: parts.heads });
    const state = { saveCheckpoint: () => Promise.resolve() };
    const follower = new Follower({ ...parts, run, engine, ledger, state });
    await catchUp(follower, about.step);
    const { manifest, runId } = run;
    const { window, digest: thetaDigest } = follower;
    return { manifest, runId, window, thetaDigest, theta: await engine.parameters() };
  } finally {
    await engine.close();
  }
}

/**
 * The newest parameters of a subnet: the newest checkpoint that the chain's votes confirm, and the accepted updates
 * since.
 * @throws AssayError run-not-published, blob-missing, digest-mismatch; ChainError
 */
export async function modelOfSubnet(
  options: LiveOptions,
  { step, signal }: SourceParts,
): Promise<TrainedModel> {
  const { netuid, endpoint } = options;
  const lifecycle = new Lifecycle();
  const stop = (): void => lifecycle.stop("stopped");
  signal.addEventListener("abort", stop, { once: true });
  const folder = await mkdtemp(join(tmpdir(), "assay-export-"));
  lifecycle.onClose("blobs", () => rm(folder, { recursive: true, force: true }));
  try {
    step(`connecting to ${endpoint}`);
    const { chain, heads } = await follow(options, lifecycle);
    if ((await publishedRun(chain, netuid)) === null)
      throw new AssayError({ code: "run-not-published", netuid });
    const blobs = openBlobs(folder);
    const allowPrivate = endpoint.split(",").every(isPrivateEndpoint);
    const finder = new BlobFinder({ netuid, allowPrivate }, { chain, blobs });
    const joining = { chain, heads, finder, signal: lifecycle.signal };
    const run = await joinRun(netuid, joining, () => undefined);
    step(`joined run ${run.runId}; catching up`);
    const log = openLog({ name: "export", level: "silent" });
    const parts = { heads, finder, blobs, log, signal: lifecycle.signal };
    const model = await derive(run, parts, { chain, step });
    return { ...model, origin: `subnet ${netuid} at ${endpoint}` };
  } catch (error) {
    throw lifecycle.failure ?? error;
  } finally {
    signal.removeEventListener("abort", stop);
    await lifecycle.close();
  }
}
