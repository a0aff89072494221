/** @file What a validator remembers between windows: scorebook, fingerprints of updates, record log; all but the held-out loss survives a restart. */
import { join } from "node:path";
import type { Status } from "../src/api/types.ts";
import { candidateOf, type Fingerprint } from "../src/gauntlet/fast-checks.ts";
import { emptyScorebook, type Scorebook } from "../src/gauntlet/scorebook.ts";
import { encodeScorebook, parseScorebook } from "../src/gauntlet/scorebook-file.ts";
import type { BlobStore } from "../src/blobs/directory.ts";
import { readIfThere, writeAtomically } from "../src/disk/atomic-file.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { WindowRecord } from "../src/protocol/record.ts";
import { modeOf } from "../src/protocol/scoring.ts";
import { readUpdate } from "../src/protocol/update.ts";
import type { Run } from "../src/run/run.ts";
import { RecordLog } from "./record-log.ts";

/** Windows whose fingerprints are kept beyond those that the rules compare with: own replays are looked for longer. */
const EXTRA_WINDOWS = 8;

/** A validator's memory of one run. */
export class Memory {
  readonly #run: Run;
  readonly #folder: string;
  readonly #blobs: Pick<BlobStore, "get">;
  book: Scorebook;
  /** Fingerprints of recent updates, oldest first. */
  fingerprints: Fingerprint[] = [];
  /** Every body ever seen, by digest: who sent it first. */
  readonly bodies = new Map<Hex, { readonly hotkey: Hex; readonly window: number }>();
  readonly records: RecordLog;
  #newestRecord = -1;
  heldOut: Status["heldOut"] = null;

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
    await this.records.restore(async (record) => {
      this.#newestRecord = record.window;
      await this.#remember(record, overlapWindows);
    });
    const book = await readIfThere(this.#bookPath);
    if (book !== null) this.book = this.#parsed(book.toString("utf8"));
  }

  #parsed(text: string): Scorebook {
    return parseScorebook(text, this.#bookPath, modeOf(this.#run.manifest.scoring));
  }

  /** Fingerprints of a recorded window, made again from the payloads in the blob store. */
  async #remember(record: WindowRecord, overlapWindows: number): Promise<void> {
    for (const { uid, hotkey, payloadDigest, payloadBytes, commitBlock } of record.miners) {
      // Without a length it was no candidate then: it never came, or did not decode.
      if (payloadBytes === null) continue;
      // A payload that is gone or damaged costs the memory of one update, not the start.
      const bytes =
        payloadDigest === null ? null : await this.#blobs.get(payloadDigest).catch(() => null);
      if (bytes === null || commitBlock === null) continue;
      const { genesis, runId, netuid, window } = record;
      const expected = { genesis, runId, netuid, window, hotkey, baseDigest: record.thetaBefore };
      const reading = readUpdate(bytes, this.#run.updateLayout, expected);
      if (!reading.ok) continue;
      this.addFingerprint(
        candidateOf({ uid, hotkey, window, commitBlock, bytes, update: reading.update }),
        overlapWindows,
      );
    }
  }

  /** Whether this window, or a later one, was scored or recorded already. */
  hasJudged(window: number): boolean {
    return window <= this.book.window || window <= this.#newestRecord;
  }

  /** Remembers an update that was looked at in its window. */
  addFingerprint(fingerprint: Fingerprint, overlapWindows: number): void {
    const { bodyDigest, hotkey, window } = fingerprint;
    if (!this.bodies.has(bodyDigest)) this.bodies.set(bodyDigest, { hotkey, window });
    this.fingerprints.push(fingerprint);
    const oldest = window - overlapWindows - EXTRA_WINDOWS;
    this.fingerprints = this.fingerprints.filter((one) => one.window >= oldest);
  }

  /**
   * Saves the scorebook before the record of its window, so that a restart never scores a window twice.
   * @throws AssayError disk-full
   */
  async save(chained: { record: WindowRecord; line: string; digest: Hex }): Promise<void> {
    await writeAtomically(this.#bookPath, encodeScorebook(this.book));
    await this.records.append(chained);
    this.#newestRecord = chained.record.window;
  }
}
