/** @file Joining a run: its id from the chain, its manifest, data and genesis checkpoint by digest from any axon. */
import { type DataManifest, parseDataManifest, SHA256_BYTES } from "../data/data-manifest.ts";
import { openPages } from "../data/pages.ts";
import { MAX_TOKENIZER_BYTES } from "../data/tokenizer-limits.ts";
import { AssayError, isAssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import { MAXIMUM_MANIFEST_BYTES, parseManifest } from "../protocol/manifest-file.ts";
import type { FindLimits } from "./finder.ts";
import { liveRun, type OwnRun } from "./live-run.ts";
import { pageReaders } from "./page-readers.ts";
import { Run } from "./run.ts";
import type { Subnet } from "./subnet.ts";

const MAX_DATA_BYTES = 1 << 30;

/** What to tell people while joining. */
type JoinNews = {
  /** There is no run yet. */
  onWaiting(): void;
  /** The identity names another run although this one goes on. */
  onSwapped(runId: Hex): void;
  /** Nobody hands out what the run is made of. Whoever is not told of it does not wait for it either. */
  onUnserved?(): void;
};

/** What joining needs. `own`: the run that this process was in before, if any. */
export type JoinParts = {
  readonly signal: AbortSignal;
  readonly own?: OwnRun | null;
  readonly news?: JoinNews;
};

/** Between two attempts to fetch what nobody handed out. */
const UNSERVED_MS = 2000;

/** Waits until the subnet has a live run. */
async function awaitRun(subnet: Subnet, { signal, own, news }: JoinParts): Promise<Hex> {
  for (let told = false; ; told = true) {
    const live = await liveRun(subnet, own ?? null, signal);
    if (live?.swapped === true) news?.onSwapped(live.runId);
    if (live !== null) return live.runId;
    if (!told) news?.onWaiting();
    await subnet.blocks.reached(subnet.blocks.current.number + 1, signal);
  }
}

/** The live run of a subnet from what its nodes hand out. @throws AssayError manifest-invalid, blob-missing */
async function fetchRun(subnet: Subnet, parts: JoinParts): Promise<Run> {
  const { chain, finder, netuid } = subnet;
  const { signal } = parts;
  const published = await awaitRun(subnet, parts);
  const small = { limitBytes: MAXIMUM_MANIFEST_BYTES, signal };
  const { manifest, runId } = parseManifest(await finder.find(published, small));
  if (manifest.netuid !== netuid)
    throw new AssayError({
      code: "manifest-invalid",
      reason: `the manifest is of netuid ${manifest.netuid}`,
    });
  const data = parseDataManifest(await finder.find(manifest.data.manifest, small));
  requireAgreement(manifest, data);
  const whole = (bytes: number): FindLimits => ({ limitBytes: bytes, signal, large: true });
  // On a development chain everybody is on one machine.
  const allowPrivate = data.shard.mirrors.length > 0 && (await chain.isDevelopmentChain());
  const { tokenizer } = manifest;
  const [readers, pageDigests, heldOut, tokenizerFile] = await Promise.all([
    pageReaders(data, { finder, allowPrivate, signal }),
    finder.find(data.pageDigests, whole(data.pages * SHA256_BYTES)),
    finder.find(data.heldOut.address, whole(data.heldOut.bytes)),
    tokenizer.kind === "huggingface"
      ? finder.find(tokenizer.file, whole(MAX_TOKENIZER_BYTES))
      : undefined,
  ]);
  if (heldOut.length !== data.heldOut.bytes)
    throw new AssayError({
      code: "manifest-invalid",
      reason: `the held-out tokens have ${heldOut.length} bytes, but the data manifest says ${data.heldOut.bytes}`,
    });
  const pages = openPages(data, readers, pageDigests);
  const found = { genesis: chain.genesisHash, runId, manifest, pages, heldOut };
  return new Run({ ...found, ...(tokenizerFile !== undefined && { tokenizerFile }) });
}

/** Compares what both manifests say: a node that cut pages otherwise would train on others. @throws AssayError manifest-invalid */
export function requireAgreement(
  { data, model }: Pick<RunManifest, "data" | "model">,
  found: DataManifest,
): void {
  const pairs = [
    ["pages", found.pages, data.pages],
    ["sequencesPerPage", found.sequencesPerPage, data.sequencesPerPage],
    ["context", found.context, model.context],
  ] as const;
  for (const [what, ofData, ofRun] of pairs)
    if (ofData !== ofRun)
      throw new AssayError({
        code: "manifest-invalid",
        reason: `the data manifest says ${what} ${ofData}, but the run's ${ofRun}`,
      });
  for (const [what, bytes] of [
    ["page digests", found.pages * SHA256_BYTES],
    ["held-out tokens", found.heldOut.bytes],
  ] as const)
    if (bytes > MAX_DATA_BYTES)
      throw new AssayError({
        code: "manifest-invalid",
        reason: `its ${what} have ${bytes} bytes, more than the ${MAX_DATA_BYTES} that nodes fetch`,
      });
  if (found.vocabulary > model.vocabulary)
    throw new AssayError({
      code: "manifest-invalid",
      reason: `the data has ${found.vocabulary} different tokens, but the model ${model.vocabulary}`,
    });
}

/**
 * Joins the run of a subnet. Every byte is checked against a digest that the chain's record fixes.
 * @throws AssayError manifest-invalid; blob-missing for those who do not wait
 */
export async function joinRun(subnet: Subnet, parts: JoinParts): Promise<Run> {
  const { signal, news } = parts;
  for (let told = false; ; told = true)
    try {
      return await fetchRun(subnet, parts);
    } catch (error) {
      if (!isAssayError(error, "blob-missing") || news?.onUnserved === undefined) throw error;
      if (!told) news.onUnserved();
      // On a local network no block may come before everybody has joined.
      const block = subnet.blocks.reached(subnet.blocks.current.number + 1, signal);
      await Promise.race([block, subnet.pause(UNSERVED_MS)]);
    }
}
