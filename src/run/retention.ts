/** @file What a node may forget (docs/protocol.md#retention): blobs that no kept window, checkpoint or the run itself refers to. */
import type { Checkpoint } from "../api/types.ts";
import type { BlobStore } from "../blobs/directory.ts";
import { parseDataManifest } from "../data/data-manifest.ts";
import type { Hex } from "../protocol/digest.ts";
import { readUpdateHeader, UPDATE_HEADER_BYTES } from "../protocol/update.ts";
import type { ChainRecord } from "./chain-record.ts";
import type { Run } from "./run.ts";

/** A checkpoint that this node wrote, with the digest of its parameters as the node derived them. */
export type OwnCheckpoint = Checkpoint & { readonly digest: Hex };

/** Confirmed checkpoints that are never removed. */
const KEPT_CHECKPOINTS = 2;

/** What a retention is made of. */
export type RetentionParts = {
  readonly run: Pick<Run, "runId" | "manifest">;
  readonly blobs: Pick<BlobStore, "addresses" | "delete" | "get" | "open">;
  readonly record: Pick<ChainRecord, "outcome">;
};

/** The first bytes of a stored blob; null when it is gone or shorter. */
async function headOf(
  blobs: Pick<BlobStore, "open">,
  address: Hex,
  length: number,
): Promise<Uint8Array | null> {
  const blob = await blobs.open(address);
  if (blob === null || blob.bytes < length) return null;
  for await (const piece of blob.pieces()) return piece.slice(0, length);
  return null;
}

/**
 * Removes what is too old. It remembers nothing that a crash could lose: each sweep looks at what lies there, so one that was
 * cut short anywhere is finished by the next.
 */
export class Retention {
  readonly #parts: RetentionParts;
  /** The window that a blob belongs to. */
  readonly #windows = new Map<Hex, number>();
  #isFirst = true;
  #runBlobs: readonly Hex[] | null = null;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /**
   * Removes blobs of windows that the manifest does not keep, as of `window`. Payloads since the last but one confirmed
   * checkpoint stay in any case: without them nobody could go on from it.
   * @param checkpoints - this node's own, in any order
   * @returns how many blobs were removed, and the checkpoints that are still there
   */
  async sweep(
    window: number,
    checkpoints: readonly OwnCheckpoint[],
  ): Promise<{ readonly removed: number; readonly kept: readonly OwnCheckpoint[] }> {
    const { run, blobs } = this.#parts;
    const { payloadWindows } = run.manifest.retention;
    if (payloadWindows === 0) return { removed: 0, kept: checkpoints };
    const base = await this.#baseOf(checkpoints, window);
    const oldest = Math.min(window - payloadWindows, base);
    const spared = new Set([
      ...(await this.#ofTheRun()),
      ...checkpoints.filter((one) => one.window >= base).map(({ address }) => address),
    ]);
    for (const one of checkpoints) this.#windows.set(one.address, one.window);
    let removed = 0;
    for (const address of await blobs.addresses()) {
      if (spared.has(address) || (await this.#windowOf(address, window)) >= oldest) continue;
      await blobs.delete(address);
      this.#windows.delete(address);
      removed += 1;
    }
    this.#isFirst = false;
    const kept = checkpoints.filter((one) => spared.has(one.address) || one.window >= oldest);
    return { removed, kept };
  }

  /** Window of the last but one checkpoint that votes confirm; 0 while there are not two: everything may be needed. */
  async #baseOf(checkpoints: readonly OwnCheckpoint[], window: number): Promise<number> {
    let confirmed = 0;
    for (const one of checkpoints.toSorted((a, b) => b.window - a.window)) {
      // The votes of a window are cast in it.
      if (one.window >= window) continue;
      const { thetaDigest } = await this.#parts.record.outcome(one.window);
      if (thetaDigest === one.digest) confirmed += 1;
      if (confirmed === KEPT_CHECKPOINTS) return one.window;
    }
    return 0;
  }

  /** Manifest, data and theta_0. */
  async #ofTheRun(): Promise<readonly Hex[]> {
    if (this.#runBlobs !== null) return this.#runBlobs;
    const { run, blobs } = this.#parts;
    const { data, genesisCheckpoint, tokenizer } = run.manifest;
    const bytes = await blobs.get(data.manifest);
    // Whoever joined the run has it; if it is gone, so is what it names, and it is fetched again.
    const named = bytes === null ? null : parseDataManifest(bytes);
    const parts =
      named === null ? [] : [named.shard.address, named.pageDigests, named.heldOut.address];
    const files = tokenizer.kind === "huggingface" ? [tokenizer.file] : [];
    this.#runBlobs = [run.runId, data.manifest, genesisCheckpoint, ...files, ...parts];
    return this.#runBlobs;
  }

  /**
   * Which window a blob counts for. What was here before this process is believed if it says that it is an update of this run;
   * all else counts for the window in which it is seen first, whatever it says: a stranger may have committed it.
   */
  async #windowOf(address: Hex, window: number): Promise<number> {
    const known = this.#windows.get(address);
    if (known !== undefined) return known;
    const said = this.#isFirst ? await this.#saidWindow(address) : null;
    const found = said === null ? window : Math.min(said, window);
    this.#windows.set(address, found);
    return found;
  }

  async #saidWindow(address: Hex): Promise<number | null> {
    const head = await headOf(this.#parts.blobs, address, UPDATE_HEADER_BYTES);
    if (head === null) return null;
    const { runId, window } = readUpdateHeader(head);
    return runId === this.#parts.run.runId ? Number(window) : null;
  }
}
