/** @file The last windows of a run as the page needs them: what records say, without their losses. */
import type { Hex } from "../protocol/digest.ts";
import type { WindowRecord } from "../protocol/record.ts";
import type { ScoringMode } from "../protocol/scoring.ts";
import { type MinerRow, minerRows } from "../view/miner.ts";
import { type VoteRow, voteRows } from "../view/vote.ts";
import { type WindowLine, windowLine } from "../view/window.ts";

/** So many windows are kept, and so many rows of them: 256 miners fill fewer windows. */
export const KEPT_WINDOWS = 512;
const KEPT_ROWS = 64 * KEPT_WINDOWS;

/** A recorded window. */
export type Recorded = {
  /** Hotkey of the validator that recorded it. */
  readonly judge: Hex;
  readonly line: WindowLine;
  readonly rows: readonly MinerRow[];
  readonly byHotkey: ReadonlyMap<Hex, MinerRow>;
  readonly votes: readonly VoteRow[];
};

/** The newest record of a judge, with what its losses come to. */
export type Opinion = { readonly record: WindowRecord; readonly rows: readonly MinerRow[] };

/** The newest windows, and the newest whole record of each judge. What requests read is made here, once for each record. */
export class History {
  readonly #mode: ScoringMode;
  readonly #windows = new Map<number, Recorded>();
  readonly #newest = new Map<Hex, Opinion>();
  #rows = 0;

  constructor(mode: ScoringMode) {
    this.#mode = mode;
  }

  /** Takes a record. A window that is known already stays as it is: one window, one judge. */
  add(record: WindowRecord): void {
    const { window, validator } = record;
    const isNewest = window > (this.recordOf(validator)?.window ?? -1);
    if (!isNewest && this.#windows.has(window)) return;
    const rows = minerRows(record, this.#mode);
    if (isNewest) this.#newest.set(validator, { record, rows });
    if (this.#windows.has(window)) return;
    const byHotkey = new Map(rows.map((row) => [row.hotkey, row]));
    const line = windowLine(record, rows);
    this.#windows.set(window, { judge: validator, line, rows, byHotkey, votes: voteRows(record) });
    this.#rows += rows.length;
    this.#forget();
  }

  /** Drops the oldest windows beyond what is kept. */
  #forget(): void {
    const first = this.last - KEPT_WINDOWS;
    for (const window of [...this.#windows.keys()].toSorted((a, b) => a - b)) {
      if (window > first && this.#rows <= KEPT_ROWS) return;
      this.#rows -= this.#windows.get(window)?.rows.length ?? 0;
      this.#windows.delete(window);
    }
  }

  /** The newest window that is known; -1: none. */
  get last(): number {
    return Math.max(-1, ...this.#windows.keys());
  }

  get(window: number): Recorded | undefined {
    return this.#windows.get(window);
  }

  /** The newest window. */
  get newest(): Recorded | undefined {
    return this.#windows.get(this.last);
  }

  /** Every known window, ascending. */
  get windows(): readonly Recorded[] {
    return [...this.#windows.values()].toSorted((a, b) => a.line.window - b.line.window);
  }

  /** The newest record of a judge. */
  recordOf(judge: Hex): WindowRecord | undefined {
    return this.#newest.get(judge)?.record;
  }

  /** The newest record that there is of every judge that was heard. */
  get opinions(): readonly Opinion[] {
    return [...this.#newest.values()];
  }
}
