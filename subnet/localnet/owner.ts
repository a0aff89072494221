/** @file What the owner of a local network does: connects, registers the miners, hands out the run, names it on chain. */
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import { serveAxon } from "../../src/network/server.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { encodeManifest } from "../../src/protocol/manifest-file.ts";
import { encodeRunText } from "../../src/protocol/run-text.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { Seed } from "../publish/seed.ts";
import { isMiner, type Member } from "./members.ts";
import type { Plan } from "./plan.ts";
import { type BootParts, HOST, portIfFree } from "./processes.ts";

/** Blocks between publishing the run and its first window; the first window waits until everybody has joined. */
const LEAD_BLOCKS = 4;

/** Gives every miner a uid. */
export async function registerMiners(
  { chain, netuid }: Pick<Subnet, "chain" | "netuid">,
  members: readonly Member[],
): Promise<void> {
  // One after the other: uids in the order of the cast, so that tables of two runs read alike.
  for (const { kind, coldkey, hotkey } of members)
    if (isMiner(kind)) await chain.burnedRegister(coldkey, netuid, hotkey.publicKey);
}

/** Serves the owner's blobs, and publishes where unless the chain knows already. */
export async function serveOwner(
  owner: Member,
  { blobs, chain, netuid }: Subnet,
  lifecycle: Lifecycle,
): Promise<void> {
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
    },
    { host: HOST, port: await portIfFree(known) },
  );
  lifecycle.onClose("owner's axon", () => axon.close());
  if (axon.port !== known)
    await chain.serveAxon(owner.hotkey, netuid, { ip: HOST, port: axon.port });
}

/** Fixes the run's start, stores its manifest and names it in the subnet's identity. */
export async function publishRun(
  { subnet, owner, step }: Pick<BootParts, "step"> & { subnet: Subnet; owner: Member },
  plan: Plan,
  seed: Seed,
): Promise<{ manifest: RunManifest; runId: Hex }> {
  const { netuid, chain, blobs, blocks } = subnet;
  const { genesisCheckpoint, dataManifest, pages } = seed;
  const startBlock = blocks.current.number + LEAD_BLOCKS;
  const manifest = plan.manifest({ netuid, startBlock, genesisCheckpoint, dataManifest, pages });
  const runId = await blobs.put(encodeManifest(manifest));
  await chain.setSubnetIdentity(owner.coldkey, netuid, {
    name: manifest.name,
    additional: encodeRunText({ runId, after: null, amendment: null }),
  });
  step(`run ${runId.slice(0, 18)} published; window 0 starts at block ${startBlock}`);
  return { manifest, runId };
}
