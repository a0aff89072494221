/** @file Joining a run: its id from the chain, its manifest, data and genesis checkpoint by digest from any axon. */
import type { ChainClient } from "../../chain/client/client.ts";
import { type Layout, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { AssayError } from "../errors.ts";
import { type Hex, isHex } from "../protocol/digest.ts";
import { parseManifest, type RunManifest } from "../protocol/manifest.ts";
import { type WindowClock, windowClock } from "../protocol/window.ts";
import { openPages, type PageSource, parseDataManifest } from "../data/pages.ts";
import type { BlobFinder } from "./finder.ts";
import type { Heads } from "./block-clock.ts";

/** A joined run: everything a node needs that does not change while it lasts. */
export type Run = {
  readonly genesis: Hex;
  readonly runId: Hex;
  readonly manifest: RunManifest;
  readonly clock: WindowClock;
  readonly layout: Layout;
  readonly pages: PageSource;
  readonly heldOut: Uint8Array;
};

/** What joining needs. */
export type JoinParts = {
  readonly chain: ChainClient;
  readonly heads: Heads;
  readonly finder: BlobFinder;
  readonly signal: AbortSignal;
};

const MAX_MANIFEST_BYTES = 1 << 16;
const MAX_SHARD_BYTES = 1 << 30;
const RUN_KEY = /assay:run=(0x[0-9a-f]{64})/;

/** The run id that the subnet's identity publishes, or null. */
export async function publishedRun(chain: ChainClient, netuid: number): Promise<Hex | null> {
  const identity = await chain.subnetIdentity(netuid);
  const found = RUN_KEY.exec(identity ?? "")?.[1];
  return found !== undefined && isHex(found, 32) ? found : null;
}

/** Waits until the subnet's owner has published a run; `onWaiting` is called once when there is none yet. */
async function awaitRun(netuid: number, parts: JoinParts, onWaiting: () => void): Promise<Hex> {
  let told = false;
  for (;;) {
    const runId = await publishedRun(parts.chain, netuid);
    if (runId !== null) return runId;
    if (!told) onWaiting();
    told = true;
    await parts.heads.reached(parts.heads.current.number + 1, parts.signal);
  }
}

/**
 * Joins the run of `netuid`. Every byte is checked against a digest that the chain's record fixes.
 * @throws AssayError manifest-invalid, blob-missing
 */
export async function joinRun(
  netuid: number,
  parts: JoinParts,
  onWaiting: () => void,
): Promise<Run> {
  const { chain, finder, signal } = parts;
  const published = await awaitRun(netuid, parts, onWaiting);
  const small = { limitBytes: MAX_MANIFEST_BYTES, signal };
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
  return {
    genesis: chain.genesisHash,
    runId,
    manifest,
    clock: windowClock(manifest),
    layout: layoutOf(specsOf(manifest.model)),
    pages: openPages(data, shard, pageDigests),
    heldOut,
  };
}
