/** @file Reads what judges have recorded: what is new at each look, and some more of what is old. */
import { lossesSchema, type Losses } from "../api/types.ts";
import { fetchBytes, fetchJson, urlOf } from "../network/client.ts";
import type { Hex } from "../protocol/digest.ts";
import { readRecord, type WindowRecord } from "../protocol/record.ts";
import { type History, KEPT_WINDOWS } from "./history.ts";
import type { Judge } from "./judges.ts";
import type { Subject } from "./subject.ts";

const RECORD_LIMITS = { limitBytes: 8 << 20, timeoutMs: 3000 };
const LOSS_LIMITS = { limitBytes: 8 << 20, timeoutMs: 3000 };
/** Records of the newest windows may not be served yet. */
const FRESH_WINDOWS = 3;
/** Windows of the past that one look adds, and bytes that a process fetches of it: whoever opens its page must not make it ask others for much. */
const OLDER_AT_ONCE = 16;
const MOST_PAST_BYTES = 32 << 20;
/** Whoever fails, or tells what is no record, is left alone for so long. */
const PAUSE_MS = 10_000;

/** A subnet has fewer uids by far; records with more of anything than these are not shown, since each look goes over all of it. */
const MOST_UIDS = 4096;
const MOST_VOTED = 16 * MOST_UIDS;
const MOST_VOTES = 16;
const MOST_FLAGS = 8;
const MOST_VERDICT = 64;
/** With others of its window, and with earlier ones: docs/gauntlet.md. */
const MOST_COMPARISONS = 16;

/** Whether a record is no larger than an honest one can be: its schema bounds no lists. */
function isBounded({ miners, voters, accepted, flags, comparisons }: WindowRecord): boolean {
  if (Math.max(miners.length, voters.length, accepted.length) > MOST_UIDS) return false;
  if (flags.length > MOST_FLAGS) return false;
  if ((comparisons?.length ?? 0) > MOST_COMPARISONS * miners.length) return false;
  if (miners.some(({ verdict }) => verdict.length > MOST_VERDICT)) return false;
  if (voters.some(({ votes }) => votes.length > MOST_VOTES)) return false;
  const votes = voters.flatMap((voter) => voter.votes);
  return votes.reduce((sum, { acceptedUids }) => sum + acceptedUids.length, 0) <= MOST_VOTED;
}

/** What reading needs. */
export type ReaderParts = {
  readonly subject: Pick<Subject, "record" | "losses" | "node">;
  readonly runId: Hex;
  readonly history: History;
};

/** Follows the records of one run. */
export class RecordReader {
  readonly #parts: ReaderParts;
  readonly #losses = new Map<number, number>();
  /** Judge -> until when it is left alone, by performance.now(). */
  readonly #pausedUntil = new Map<Hex, number>();
  /** The first window that was not looked for yet, and the last of the past that was. */
  #next: number | null = null;
  #oldest = 0;
  #pastBytes = 0;
  #newestLoss = -1;
  #lossesFrom: Hex | null = null;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** Held-out losses by window. */
  get losses(): ReadonlyMap<number, number> {
    return this.#losses;
  }

  /** Hotkey of the judge that told the newest loss. */
  get lossesFrom(): Hex | null {
    return this.#lossesFrom;
  }

  /** Reads what is new up to `window`, which runs, and some of what is old. */
  async read(judges: readonly Judge[], window: number, signal: AbortSignal): Promise<void> {
    await this.#readNew(judges, window, signal);
    await this.readOlder(judges, signal);
    await this.#readOpinions(judges, signal);
    await this.#readLosses(judges, window, signal);
  }

  async #readNew(judges: readonly Judge[], window: number, signal: AbortSignal): Promise<void> {
    const { history } = this.#parts;
    if (this.#next === null) this.#oldest = Math.max(0, window - FRESH_WINDOWS);
    this.#next = Math.max(this.#next ?? this.#oldest, window - KEPT_WINDOWS);
    while (this.#next <= window) {
      const found = await this.#first(judges, this.#next, signal);
      if (found === null && (this.#next > window - FRESH_WINDOWS || this.#isPaused(judges))) return;
      if (found !== null) history.add(found);
      this.#next += 1;
    }
  }

  /** Reads some more of what is old, until as much is known as is kept, or was fetched. */
  async readOlder(judges: readonly Judge[], signal: AbortSignal): Promise<void> {
    const { history } = this.#parts;
    const end = Math.max(0, history.last - KEPT_WINDOWS + 1);
    for (let count = 0; count < OLDER_AT_ONCE && this.#oldest > end; count++) {
      if (this.#pastBytes > MOST_PAST_BYTES) return;
      const found = await this.#first(judges, this.#oldest - 1, signal);
      if (found === null && this.#isPaused(judges)) return;
      if (found !== null) history.add(found);
      this.#oldest -= 1;
    }
  }

  /** The others' word on the newest window. */
  async #readOpinions(judges: readonly Judge[], signal: AbortSignal): Promise<void> {
    const { history } = this.#parts;
    const { last } = history;
    for (const judge of judges) {
      if (last < 0 || (history.recordOf(judge.hotkey)?.window ?? -1) >= last) continue;
      const record = await this.#ask(judge, last, signal);
      if (record !== null) history.add(record);
    }
  }

  /** Losses that are newer than those that are known; of parameters that there can be, `now` at most. */
  async #readLosses(judges: readonly Judge[], now: number, signal: AbortSignal): Promise<void> {
    const { subject } = this.#parts;
    const { publicKey } = subject.node();
    this.#takeLosses(subject.losses(this.#newestLoss + 1), publicKey, now);
    for (const judge of judges) {
      if (judge.hotkey === publicKey) continue;
      const url = urlOf(judge.axon, `/held-out?from=${this.#newestLoss + 1}`);
      const limits = { ...LOSS_LIMITS, signal };
      const told = await this.#asked(judge, () => fetchJson(url, lossesSchema, limits));
      this.#takeLosses(told ?? [], judge.hotkey, now);
    }
  }

  #takeLosses(told: Losses, by: Hex, now: number): void {
    const from = this.#newestLoss + 1;
    for (const { window, loss } of told) {
      if (window < from || window > now + 1 || this.#losses.has(window)) continue;
      this.#losses.set(window, loss);
      this.#newestLoss = Math.max(this.#newestLoss, window);
      this.#lossesFrom = by;
    }
  }

  /** The record of the first judge that has one. */
  async #first(
    judges: readonly Judge[],
    window: number,
    signal: AbortSignal,
  ): Promise<WindowRecord | null> {
    for (const judge of judges) {
      const record = await this.#ask(judge, window, signal);
      if (record !== null) return record;
    }
    return null;
  }

  async #ask(judge: Judge, window: number, signal: AbortSignal): Promise<WindowRecord | null> {
    const line = await this.#line(judge, window, signal);
    if (line === null) return null;
    const record = readRecord(line);
    if (record === null || !isBounded(record)) {
      this.#pause(judge);
      return null;
    }
    const isMeant =
      record.runId === this.#parts.runId &&
      record.validator === judge.hotkey &&
      record.window === window;
    return isMeant ? record : null;
  }

  /** The line of a record: this node's own as it lies, another's from its axon. */
  async #line(judge: Judge, window: number, signal: AbortSignal): Promise<string | null> {
    const { subject } = this.#parts;
    if (judge.hotkey === subject.node().publicKey) return subject.record(window);
    const url = urlOf(judge.axon, `/records/${window}`);
    const bytes = await this.#asked(judge, () => fetchBytes(url, { ...RECORD_LIMITS, signal }));
    if (bytes === null) return null;
    if (window < this.#oldest) this.#pastBytes += bytes.length;
    return new TextDecoder().decode(bytes);
  }

  /** An answer; whoever fails is left alone for a while. */
  async #asked<T>(judge: Judge, ask: () => Promise<T | null>): Promise<T | null> {
    if (this.#isPaused([judge])) return null;
    try {
      return await ask();
    } catch {
      this.#pause(judge);
      return null;
    }
  }

  /** Also of a record that was read for nothing: of 8 MiB that takes most of a second. This node itself is asked as it is. */
  #pause({ hotkey }: Judge): void {
    if (hotkey === this.#parts.subject.node().publicKey) return;
    this.#pausedUntil.set(hotkey, performance.now() + PAUSE_MS);
  }

  /** Whether all of them are left alone. */
  #isPaused(judges: readonly Judge[]): boolean {
    const now = performance.now();
    return judges.every(({ hotkey }) => now < (this.#pausedUntil.get(hotkey) ?? 0));
  }
}
