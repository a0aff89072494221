/** @file What the owner of a local network does: connects, registers the miners, hands out the run, names it on chain. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ParameterName, ParameterValue } from "../../chain/client/parameters.ts";
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import { urlOf } from "../../src/network/client.ts";
import { type AxonContent, serveAxon } from "../../src/network/server.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { encodeManifest } from "../../src/protocol/manifest-file.ts";
import { encodeRunText } from "../../src/protocol/run-text.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { SubnetConfig } from "../config/schema.ts";
import type { Seed } from "../publish/seed.ts";
import { isMiner, type Member } from "./members.ts";
import type { Pacing } from "./pace.ts";
import type { Plan } from "./plan.ts";
import { HOST, portIfFree } from "./processes.ts";

const POOL_LOOK_MS = 20;

/** Gives every miner a uid. */
export async function registerMiners(
  { chain, netuid }: Pick<Subnet, "chain" | "netuid">,
  members: readonly Member[],
): Promise<void> {
  // One after the other: uids in the order of the cast, so that tables of two runs read alike.
  for (const { kind, coldkey, hotkey } of members)
    if (isMiner(kind)) await chain.burnedRegister(coldkey, netuid, hotkey.publicKey);
}

/** Hides weights where the configuration asks for it; the rest of [hyperparameters] is for `subnet params push`. */
export async function hideWeights(
  { chain, netuid }: Pick<Subnet, "chain" | "netuid">,
  owner: Pick<Member, "coldkey">,
  { hyperparameters }: Pick<SubnetConfig, "hyperparameters">,
): Promise<void> {
  const { commitReveal, revealPeriodEpochs } = hyperparameters;
  if (!commitReveal) return;
  const set = async (name: ParameterName, value: ParameterValue): Promise<unknown> =>
    chain.setOwnerParameter(owner.coldkey, netuid, { name, value });
  await set("commitReveal", true);
  if (revealPeriodEpochs !== 1) await set("revealPeriodEpochs", revealPeriodEpochs);
}

/** Serves the owner's blobs and what is shown of the network, and publishes where unless the chain knows already; returns where the page is. */
export async function serveOwner(
  owner: Member,
  { blobs, chain, finder, netuid }: Subnet,
  lifecycle: Lifecycle,
  shown: Pick<AxonContent, "page" | "metrics"> = {},
): Promise<string> {
  const status = {
    role: "owner" as const,
    hotkey: owner.hotkey.publicKey,
    runId: null,
    window: null,
    thetaDigest: null,
    rulesDigest: null,
    device: "none",
    heldOut: null,
    progress: null,
    activity: "hands out the run's manifest, data and first checkpoint",
  };
  const { neurons } = await chain.metagraph(netuid);
  const known = neurons.find((one) => one.hotkey === owner.hotkey.publicKey)?.axon?.port ?? 0;
  const axon = await serveAxon(
    {
      blobs,
      status: () => status,
      digests: () => [],
      checkpoint: () => null,
      record: () => null,
      verdict: () => null,
      ...shown,
    },
    { host: HOST, port: await portIfFree(known), peersAt: (ip) => finder.peersAt(ip) },
  );
  lifecycle.onClose("owner's axon", () => axon.close());
  if (axon.port !== known)
    await chain.serveAxon(owner.hotkey, netuid, { ip: HOST, port: axon.port });
  return urlOf({ ip: HOST, port: axon.port }, "/");
}

/** Waits until an extrinsic of an account is in the pool. */
async function pooled(chain: Subnet["chain"], account: Hex, signal: AbortSignal): Promise<void> {
  while (!(await chain.pendingExtrinsics()).join().includes(account.slice(2)))
    await sleep(POOL_LOOK_MS, undefined, { signal });
}

/** What publishing needs beside the plan and its seed. */
export type PublishParts = {
  readonly subnet: Subnet;
  readonly owner: Member;
  readonly pace: Pick<Pacing, "hold" | "leadBlocks" | "release">;
  /** Called with the manifest before the block that names it. */
  readonly onManifest: (manifest: RunManifest) => void;
  readonly step: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Fixes the run's start, stores its manifest and names it in the subnet's identity. A chain that can stands still meanwhile. */
export async function publishRun(
  plan: Plan,
  seed: Seed,
  { subnet, owner, pace, onManifest, step, signal }: PublishParts,
): Promise<{ manifest: RunManifest; runId: Hex }> {
  const { netuid, chain, blobs, blocks } = subnet;
  const { genesisCheckpoint, dataManifest, tokenizerFile, pages } = seed;
  await pace.hold(signal);
  const startBlock = blocks.current.number + pace.leadBlocks;
  const manifest = plan.manifest({
    netuid,
    startBlock,
    genesisCheckpoint,
    dataManifest,
    tokenizerFile,
    pages,
  });
  const runId = await blobs.put(encodeManifest(manifest));
  const naming = chain.setSubnetIdentity(owner.coldkey, netuid, {
    name: manifest.name,
    additional: encodeRunText({ runId, after: null, amendment: null }),
  });
  await Promise.race([naming, pooled(chain, owner.coldkey.publicKey, signal)]);
  onManifest(manifest);
  pace.release();
  await naming;
  step(`run ${runId.slice(0, 18)} published; window 0 starts at block ${startBlock}`);
  return { manifest, runId };
}
