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

/** The newest checkpoints are kept, and in any case so many that votes confirm. */
const KEPT_CHECKPOINTS = 3;
const KEPT_CONFIRMED = 2;

/** What a retention is made of. */
export type RetentionParts = {
  readonly run: Pick<Run, "runId" | "manifest">;
  readonly blobs: Pick<BlobStore, "addresses" | "delete" | "get" | "open" | "trees">;
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
  for await (const piece of blob.pieces({ start: 0, end: length })) return piece.slice(0, length);
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
  /** Trees that were here before this process wrote or fetched any. */
  readonly #before: Promise<readonly Hex[]>;
  #isFirst = true;
  #runBlobs: readonly Hex[] | null = null;

  /** To be made before the process stores any tree: those that are here now and that nobody notes as a checkpoint are strays. */
  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#before = parts.blobs.trees.addresses().catch(() => []);
  }

  /**
   * Removes checkpoints that are not kept, and blobs of windows that the manifest does not keep, as of `window`. Payloads since the
   * last but one confirmed checkpoint stay in any case: without them nobody could go on from it.
   * @param own - this node's own checkpoints now, in any order; asked again before strays are removed, since one may have been adopted
   * @returns how many blobs were removed, and the checkpoints that are still there
   */
  async sweep(
    window: number,
    own: () => readonly OwnCheckpoint[],
  ): Promise<{ readonly removed: number; readonly kept: readonly OwnCheckpoint[] }> {
    const { manifest } = this.#parts.run;
    const checkpoints = own();
    const confirmed = await this.#confirmed(checkpoints, window);
    const newest = checkpoints.toSorted((a, b) => b.window - a.window).slice(0, KEPT_CHECKPOINTS);
    const kept = checkpoints.filter((one) => newest.includes(one) || confirmed.includes(one));
    const spared = new Set([...kept.map((one) => one.address), manifest.genesisCheckpoint]);
    const old = checkpoints.map(({ address }) => address);
    let removed = await this.#remove(old.filter((address) => !spared.has(address)));
    if (this.#isFirst) await this.#removeStrays(spared, own);
    const { payloadWindows } = manifest.retention;
    if (payloadWindows > 0) {
      // While there are not two, everything may be needed.
      const base = confirmed.length < KEPT_CONFIRMED ? 0 : (confirmed.at(-1)?.window ?? 0);
      removed += await this.#removeBlobs(window, Math.min(window - payloadWindows, base), spared);
    }
    this.#isFirst = false;
    return { removed, kept };
  }

  /** Removes trees of earlier processes that are no checkpoint of this node, nor have become one by now. */
  async #removeStrays(
    spared: ReadonlySet<Hex>,
    own: () => readonly OwnCheckpoint[],
  ): Promise<void> {
    for (const address of await this.#before) {
      const isOwn = own().some((one) => one.address === address);
      if (!spared.has(address) && !isOwn) await this.#parts.blobs.trees.deleteStray(address);
    }
  }

  async #remove(addresses: readonly Hex[]): Promise<number> {
    const there = new Set(addresses);
    for (const address of there) {
      await this.#parts.blobs.delete(address);
      this.#windows.delete(address);
    }
    return there.size;
  }

  /** Removes blobs of windows before `oldest`; what is part of the run, or a checkpoint that is kept, stays. */
  async #removeBlobs(window: number, oldest: number, kept: ReadonlySet<Hex>): Promise<number> {
    const spared = new Set([...(await this.#ofTheRun()), ...kept]);
    let removed = 0;
    for (const address of await this.#parts.blobs.addresses()) {
      if (spared.has(address) || (await this.#windowOf(address, window)) >= oldest) continue;
      removed += await this.#remove([address]);
    }
    return removed;
  }

  /** The newest checkpoints that votes confirm, newest first. */
  async #confirmed(
    checkpoints: readonly OwnCheckpoint[],
    window: number,
  ): Promise<readonly OwnCheckpoint[]> {
    const confirmed: OwnCheckpoint[] = [];
    for (const one of checkpoints.toSorted((a, b) => b.window - a.window)) {
      // The votes of a window are cast in it.
      if (one.window >= window) continue;
      const { thetaDigest } = await this.#parts.record.outcome(one.window);
      if (thetaDigest === one.digest) confirmed.push(one);
      if (confirmed.length === KEPT_CONFIRMED) break;
    }
    return confirmed;
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
