/** @file What every node is made of: chain, wallet, blobs, axon, heads; then, once a run is joined, engine and follower. */
import { join } from "node:path";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { type Engine, startEngine } from "../../kernels/runtime/engine.ts";
import type { Status } from "../api/types.ts";
import { type BlobStore, openBlobs } from "../blobs/directory.ts";
import { AssayError } from "../errors.ts";
import type { NodeOptions } from "../command/fields.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import { type Log, openLog } from "../command/log.ts";
import { isPrivateAddress } from "../network/address.ts";
import { type AxonContent, serveAxon } from "../network/server.ts";
import { isHex } from "../protocol/digest.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import { BlobFinder } from "../run/finder.ts";
import { Follower } from "../run/follower.ts";
import { Heads } from "../run/block-clock.ts";
import { joinRun, type Run } from "../run/join.ts";
import { Ledger } from "../run/chain-record.ts";
import { openNodeState, type NodeState } from "./state.ts";

/** A connected node that has not joined a run yet. */
export type Connected = {
  readonly role: "miner" | "validator";
  readonly options: NodeOptions;
  readonly signer: Signer;
  readonly chain: ChainClient;
  readonly heads: Heads;
  readonly blobs: BlobStore;
  readonly finder: BlobFinder;
  readonly state: NodeState;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Tells people (and `GET /status`) what the node does now. */
  readonly say: (activity: string) => void;
};

/** A node inside a run. */
export type Joined = Connected & {
  readonly run: Run;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly follower: Follower;
};

const MAX_REASON_CHARACTERS = 120;

/** What a role adds to the answers of its axon. */
export type RoleContent = Pick<AxonContent, "record" | "verdict"> & {
  heldOut(): Status["heldOut"];
};

/** Opens wallet, log, state and chain. @throws ChainError, AssayError */
export async function connectNode(
  role: "miner" | "validator",
  options: NodeOptions,
  parts: { lifecycle: Lifecycle; print: (line: string) => void },
): Promise<Connected> {
  const { lifecycle, print } = parts;
  const signer = await openHotkey({
    folder: options.walletFolder,
    name: options.wallet,
    hotkey: options.hotkey,
  });
  const log = openLog({
    name: role,
    level: options.logLevel,
    ...(options.logFile && { file: options.logFile }),
  });
  const folder = join(options.state, signer.ss58);
  const blobs = openBlobs(join(folder, "blobs"));
  const state = openNodeState(folder);
  print(`${role} ${signer.ss58}: connecting to ${options.endpoint}`);
  const chain = await connectChain({
    endpoints: options.endpoint.split(","),
    signal: lifecycle.signal,
    ...(options.genesis !== undefined &&
      isHex(options.genesis, 32) && { expectedGenesis: options.genesis }),
  });
  lifecycle.onClose("chain", () => chain.close());
  await requireRegistered(chain, signer, options);
  const heads = new Heads(chain, await chain.head());
  const following = heads.follow(lifecycle.signal).catch((error: unknown) => {
    if (lifecycle.signal.aborted) return;
    log.error({ error }, "lost the chain");
    lifecycle.fail(error);
  });
  lifecycle.onClose("heads", () => following);
  const finder = new BlobFinder(
    // Only a node that itself serves on a private address belongs to a private network.
    { netuid: options.netuid, allowPrivate: isPrivateAddress(options.axonHost) },
    { chain, blobs },
  );
  const say = (activity: string): void => {
    state.activity = activity;
    print(activity);
  };
  return {
    role,
    options,
    signer,
    chain,
    heads,
    blobs,
    finder,
    state,
    log,
    signal: lifecycle.signal,
    say,
  };
}

async function requireRegistered(
  chain: ChainClient,
  signer: Signer,
  options: NodeOptions,
): Promise<void> {
  const { hash } = await chain.head();
  const hotkeys = await chain.hotkeys(options.netuid, hash);
  if (!hotkeys.includes(signer.publicKey))
    throw new AssayError({
      code: "not-registered",
      hotkey: signer.ss58,
      netuid: options.netuid,
      wallet: options.wallet,
    });
}

/** Serves the node's axon and publishes its address on the chain when it changed. @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown */
export async function serveNode(
  node: Connected,
  content: RoleContent,
  lifecycle: Lifecycle,
): Promise<{ joined(follower: Joined): void }> {
  let joined: Joined | null = null;
  const { options, signer, chain, state } = node;
  const axon = await serveAxon(
    {
      blobs: node.blobs,
      status: () => ({
        role: node.role,
        hotkey: signer.publicKey,
        runId: joined?.run.runId ?? null,
        window: joined?.follower.window ?? null,
        thetaDigest: joined?.follower.digest ?? null,
        device: joined?.engine.device.chosen ?? "none yet",
        heldOut: content.heldOut(),
        activity: state.activity.slice(0, 200),
      }),
      digests: (fromWindow) => joined?.follower.digests(fromWindow) ?? [],
      checkpoint: () => joined?.follower.checkpoint ?? null,
      record: content.record,
      verdict: content.verdict,
    },
    { host: options.axonHost, port: options.axonPort },
  );
  lifecycle.onClose("axon", () => axon.close());
  const { neurons } = await chain.metagraph(options.netuid);
  const published = neurons.find((neuron) => neuron.hotkey === signer.publicKey)?.axon;
  if (published?.port !== axon.port || published.ip !== options.axonHost)
    await chain.serveAxon(signer, options.netuid, { ip: options.axonHost, port: axon.port });
  return { joined: (one) => (joined = one) };
}

/** Starts the training engine that a manifest asks for. @throws KernelError */
function engineOf(manifest: RunManifest, options: NodeOptions): Promise<Engine> {
  const { beta1, beta2, epsilon, weightDecay, clip, batch } = manifest.inner;
  return startEngine({
    model: manifest.model,
    batch,
    evaluationBatch: manifest.evaluation.noiseSequences,
    threads: options.threads,
    device: options.device,
    innerOptimizer: { beta1, beta2, epsilon, weightDecay, clip },
  });
}

/** The first line of a native library's complaint, short enough to read. */
function shortened(reason: string): string {
  return (reason.split("\n")[0] ?? "").slice(-MAX_REASON_CHARACTERS);
}

/** Joins the subnet's run, starts the engine and catches up with the window that is running now. */
export async function joinNode(node: Connected, lifecycle: Lifecycle): Promise<Joined> {
  const { options, chain, heads, finder, signal, state, log, say } = node;
  const run = await joinRun(options.netuid, { chain, heads, finder, signal }, () =>
    say(`waiting: the owner of subnet ${options.netuid} has published no run yet`),
  );
  const engine = await engineOf(run.manifest, options);
  lifecycle.onClose("engine", () => engine.close());
  const refused = engine.device.refused.map(
    ({ device, reason }) => `${device} refused: ${shortened(reason)}`,
  );
  say(
    `joined run ${run.runId.slice(0, 10)} on ${engine.device.chosen}${refused.length > 0 ? ` (${refused.join("; ")})` : ""}`,
  );
  const ledger = new Ledger({ netuid: options.netuid, clock: run.clock }, { chain, heads });
  const follower = new Follower({
    run,
    engine,
    heads,
    ledger,
    finder,
    blobs: node.blobs,
    state,
    log,
    signal,
  });
  await follower.start(state.checkpointOf(run.runId));
  return { ...node, run, engine, ledger, follower };
}
