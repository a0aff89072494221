/** @file What a validator remembers between windows: scorebook, updates, record log; all but the held-out loss survives a restart. */
import { join } from "node:path";
import type { Status } from "../src/api/types.ts";
import { addressOf } from "../src/blobs/hashing.ts";
import { bodyOf, fingerprintOf } from "../src/gauntlet/fast-checks.ts";
import { emptyScorebook, type Scorebook } from "../src/gauntlet/scorebook.ts";
import { encodeScorebook, parseScorebook } from "../src/gauntlet/scorebook-file.ts";
import type { BlobStore } from "../src/blobs/directory.ts";
import { readIfThere, writeAtomically } from "../src/disk/atomic-file.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { CONFIRMED_WITHIN_WINDOWS } from "../src/protocol/acceptance.ts";
import type { WindowRecord } from "../src/protocol/record.ts";
import { modeOf } from "../src/protocol/scoring.ts";
import { type ExpectedUpdate, readUpdate } from "../src/protocol/update.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { Run } from "../src/run/run.ts";
import { Awaited } from "./awaited.ts";
import { KnownWork, keptWindows } from "./known-work.ts";
import { RecordLog } from "./record-log.ts";

/** Windows after which a record is served although the weights that it led to did not come on chain. */
const HELD_WINDOWS = 2;

/** What of a record is needed to find its updates again. */
type SeenWindow = Omit<ExpectedUpdate, "hotkey" | "window"> & {
  readonly window: number;
  readonly candidates: readonly {
    readonly uid: number;
    readonly hotkey: Hex;
    readonly payload: Hex;
  }[];
};

function seenOf({ genesis, runId, netuid, window, thetaBefore, miners }: WindowRecord): SeenWindow {
  // Without a length it was no candidate then: it never came, or did not decode.
  const candidates = miners.flatMap(({ uid, hotkey, payloadDigest, payloadBytes }) =>
    payloadDigest === null || payloadBytes === null
      ? []
      : [{ uid, hotkey, payload: payloadDigest }],
  );
  return { genesis, runId, netuid, window, baseDigest: thetaBefore, candidates };
}

/** A validator's memory of one run. */
export class Memory {
  readonly #run: Run;
  readonly #folder: string;
  readonly #blobs: Pick<BlobStore, "get">;
  book: Scorebook;
  /** The updates that it saw. */
  readonly work = new KnownWork();
  readonly records: RecordLog;
  #newestRecord = -1;
  /** Newest window whose weights are on chain, or were before the process began. */
  #released = -1;
  /** Windows whose weights wait until they can go out unseen. */
  readonly #held = new Set<number>();
  /** Whether the subnet hides weights for some epochs. */
  #hidesWeights = false;
  heldOut: Status["heldOut"] = null;
  /** All that were measured since the process began. */
  readonly losses: NonNullable<Status["heldOut"]>[] = [];
  /** Payloads of the running window that are not here yet. */
  readonly awaited = new Awaited();

  /** @param parts - `folder`: where records and scorebook lie; `blobs`: where payloads of the past are found again. */
  constructor(
    run: Run,
    parts: { readonly folder: string; readonly blobs: Pick<BlobStore, "get"> },
  ) {
    this.#run = run;
    this.#folder = parts.folder;
    this.#blobs = parts.blobs;
    this.book = emptyScorebook(run.manifest.scoring);
    const path = join(parts.folder, `records-${run.runId.slice(2, 18)}.jsonl`);
    this.records = new RecordLog(path, run.manifest.retention.recordWindows);
  }

  /** recordDigest of the last record. */
  get recordHead(): Hex {
    return this.records.head;
  }

  get #bookPath(): string {
    return join(this.#folder, `scorebook-${this.#run.runId.slice(2, 18)}.json`);
  }

  /**
   * Reads what an earlier process of this validator wrote for the same run.
   * @param overlapWindows - how many windows of updates the rules in force compare with
   * @throws AssayError record-corrupt, state-corrupt: nothing recorded is thrown away silently
   */
  async restore(overlapWindows: number): Promise<void> {
    const seen: SeenWindow[] = [];
    await this.records.restore(async (record) => {
      this.#newestRecord = record.window;
      this.#noteApplied(record);
      seen.push(seenOf(record));
    });
    // Of updates that lie back far only the digests of their bodies are kept: to decode them all would cost windows.
    const oldest = this.#newestRecord - keptWindows(overlapWindows);
    for (const one of seen) await this.#remember(one, one.window < oldest ? null : overlapWindows);
    // Weights of the newest may not have gone out before this process began.
    this.#released = Math.max(-1, this.#newestRecord - 1);
    const book = await readIfThere(this.#bookPath);
    if (book !== null) this.book = this.#parsed(book.toString("utf8"));
  }

  #parsed(text: string): Scorebook {
    return parseScorebook(text, this.#bookPath, modeOf(this.#run.manifest.scoring));
  }

  /** What is known of a recorded window's updates, made again from the payloads in the blob store. `overlapWindows` null: their bodies alone. */
  async #remember(seen: SeenWindow, overlapWindows: number | null): Promise<void> {
    const { candidates, ...facts } = seen;
    const { window } = facts;
    for (const { uid, hotkey, payload } of candidates) {
      // A payload that is gone or damaged costs the memory of one update, not the start.
      const bytes = await this.#blobs.get(payload).catch(() => null);
      if (bytes === null) continue;
      const bodyDigest = await addressOf(bodyOf(bytes));
      if (overlapWindows === null) {
        this.work.sent(bodyDigest, { hotkey, window });
        continue;
      }
      const reading = readUpdate(bytes, this.#run.updateLayout, { ...facts, hotkey });
      if (!reading.ok) continue;
      const { update } = reading;
      const about = { uid, hotkey, window, bytes, bodyDigest, update };
      this.work.add(fingerprintOf(about), overlapWindows);
    }
  }

  /** A window's applied updates; one that shows that the window three before was void says that nothing of that was applied. */
  #noteApplied({ window, miners, accepted, flags }: WindowRecord): void {
    const applied = miners.filter(({ uid }) => accepted.includes(uid));
    this.work.setApplied(
      window,
      applied.map(({ hotkey }) => hotkey),
    );
    if (flags.includes("void")) this.work.setApplied(window - CONFIRMED_WITHIN_WINDOWS, []);
  }

  /** Whether this window, or a later one, was scored or recorded already. */
  hasJudged(window: number): boolean {
    return window <= this.book.window || window <= this.#newestRecord;
  }

  /** Lets the records up to `window` be served: its weights are on chain, so nobody can copy them any more. */
  release(window: number): void {
    this.#released = Math.max(this.#released, window);
    this.forgo(window);
  }

  /** The weights of a window go out later, unseen: its record and those after it are not served before. */
  hold(window: number): void {
    this.#held.add(window);
  }

  /** What was held up to `window` did not come on chain: only the two windows count for it. */
  forgo(window: number): void {
    for (const held of this.#held) if (held <= window) this.#held.delete(held);
  }

  /** Newest window whose record may be served, whatever else. */
  get released(): number {
    return this.#released;
  }

  /** The subnet hides weights: of this run, only records up to `window` may be served, and what is released from now on. */
  hide(window: number): void {
    this.#hidesWeights = true;
    this.#released = window;
  }

  /** The subnet hides weights no longer. */
  unhide(): void {
    this.#hidesWeights = false;
  }

  /**
   * The record of a window as strangers may have it: losses, finals and weights only when the weights are on chain for everybody to
   * see. Two windows later all the same, since a validator whose weights the chain refuses, or that has none to send, is audited too;
   * where weights are hidden, once they could not be revealed any more (`HiddenWeights` says when).
   */
  served(window: number): { readonly line: string; readonly record: WindowRecord } | null {
    const isHeld = this.#hidesWeights || window >= Math.min(...this.#held);
    const isOld = window <= this.#newestRecord - HELD_WINDOWS && !isHeld;
    const isOpen = window <= this.#released || isOld;
    return isOpen ? (this.records.get(window) ?? null) : null;
  }

  /**
   * Saves the scorebook before the record of its window, so that a restart never scores a window twice.
   * @throws AssayError disk-full
   */
  async save(chained: { record: WindowRecord; line: string; digest: Hex }): Promise<void> {
    await writeAtomically(this.#bookPath, encodeScorebook(this.book));
    await this.records.append(chained);
    this.#newestRecord = chained.record.window;
    this.#noteApplied(chained.record);
  }
}

/** What an earlier process of this validator left on disk about its run. @throws AssayError record-corrupt, state-corrupt */
export async function memoryOf({
  neuron,
  run,
  subnet,
  amendments,
  follower,
}: Participant): Promise<Memory> {
  const memory = new Memory(run, { folder: neuron.state.folder, blobs: subnet.blobs });
  const { rules } = await amendments.at(follower.window, neuron.signal);
  await memory.restore(rules.scoring.overlapWindows);
  return memory;
}
