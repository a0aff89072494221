/** @file Joining a run: its id from the chain, its manifest, data and genesis checkpoint by digest from any axon. */
import { openPages, parseDataManifest } from "../data/pages.ts";
import { AssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import { MAXIMUM_MANIFEST_BYTES, parseManifest } from "../protocol/manifest-file.ts";
import { runIdIn } from "../protocol/run-key.ts";
import { Run } from "./run.ts";
import type { Subnet } from "./subnet.ts";

const MAX_SHARD_BYTES = 1 << 30;

/** The run id that the subnet's identity names now, or null. */
export async function publishedRun({ chain, netuid }: Subnet): Promise<Hex | null> {
  return runIdIn(await chain.subnetIdentity(netuid));
}

/** Waits until the subnet's owner has published a run; `onWaiting` is called once when there is none yet. */
async function awaitRun(subnet: Subnet, signal: AbortSignal, onWaiting: () => void): Promise<Hex> {
  let told = false;
  for (;;) {
    const runId = await publishedRun(subnet);
    if (runId !== null) return runId;
    if (!told) onWaiting();
    told = true;
    await subnet.blocks.reached(subnet.blocks.current.number + 1, signal);
  }
}

/**
 * Joins the run of a subnet. Every byte is checked against a digest that the chain's record fixes.
 * @throws AssayError manifest-invalid, blob-missing
 */
export async function joinRun(
  subnet: Subnet,
  signal: AbortSignal,
  onWaiting: () => void = () => undefined,
): Promise<Run> {
  const { chain, finder, netuid } = subnet;
  const published = await awaitRun(subnet, signal, onWaiting);
  const small = { limitBytes: MAXIMUM_MANIFEST_BYTES, signal };
  const { manifest, runId } = parseManifest(await finder.find(published, small));
  if (manifest.netuid !== netuid)
    throw new AssayError({
      code: "manifest-invalid",
      reason: `the manifest is of netuid ${manifest.netuid}`,
    });
  const data = parseDataManifest(await finder.find(manifest.data.manifest, small));
  if (data.pages !== manifest.data.pages || data.context !== manifest.model.context)
    throw new AssayError({ code: "manifest-invalid", reason: "run and data manifest disagree" });
  const large = { limitBytes: MAX_SHARD_BYTES, signal };
  const [shard, pageDigests, heldOut] = await Promise.all([
    finder.find(data.shard.address, large),
    finder.find(data.pageDigests, large),
    finder.find(data.heldOut.address, large),
  ]);
  const pages = openPages(data, shard, pageDigests);
  return new Run({ genesis: chain.genesisHash, runId, manifest, pages, heldOut });
}
