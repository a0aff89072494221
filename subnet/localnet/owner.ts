/** @file What the owner of a local network does: connects, registers the miners, hands out the run, names it on chain. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import { serveAxon } from "../../src/network/server.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { encodeRunText } from "../../src/protocol/run-text.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { isMiner, type Member } from "./members.ts";
import { type BootParts, HOST, NETUID } from "./processes.ts";
import type { Seed } from "../publish/seed.ts";
import { publishManifest } from "./seed.ts";

/** Folder of the owner's blobs inside a run's folder. */
export const OWNER_BLOBS = "owner/blobs";
/** Blocks between publishing the run and its first window; the first window waits until everybody has joined. */
const LEAD_BLOCKS = 4;

/** Gives every miner a uid. */
export async function registerMiners(
  chain: ChainClient,
  members: readonly Member[],
): Promise<void> {
  // One after the other: uids in the order of the cast, so that tables of two runs read alike.
  for (const { kind, coldkey, hotkey } of members)
    if (isMiner(kind)) await chain.burnedRegister(coldkey, NETUID, hotkey.publicKey);
}

/** Serves the owner's blobs, and publishes where. */
export async function serveOwner(
  owner: Member,
  { blobs, chain }: Subnet,
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
  const axon = await serveAxon(
    {
      blobs,
      status: () => status,
      digests: () => [],
      checkpoint: () => null,
      record: () => null,
      verdict: () => null,
    },
    { host: HOST, port: 0 },
  );
  lifecycle.onClose("owner's axon", () => axon.close());
  await chain.serveAxon(owner.hotkey, NETUID, { ip: HOST, port: axon.port });
}

/** Fixes the run's start, stores its manifest and names it in the subnet's identity. */
export async function publishRun(
  { subnet, owner, step }: Pick<BootParts, "step"> & { subnet: Subnet; owner: Member },
  seed: Seed,
  windows: number,
): Promise<{ manifest: RunManifest; runId: Hex }> {
  const startBlock = subnet.blocks.current.number + LEAD_BLOCKS;
  const when = { netuid: NETUID, startBlock, windows };
  const published = await publishManifest(seed, when, subnet.blobs);
  await subnet.chain.setSubnetIdentity(owner.coldkey, NETUID, {
    name: "localnet",
    additional: encodeRunText({ runId: published.runId, after: null, amendment: null }),
  });
  step(`run ${published.runId.slice(0, 18)} published; window 0 starts at block ${startBlock}`);
  return published;
}
