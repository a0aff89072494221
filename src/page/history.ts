/** @file The last windows of a run as the page needs them: what records say, without their losses. */
import type { Hex } from "../protocol/digest.ts";
import type { WindowRecord } from "../protocol/record.ts";
import type { ScoringMode } from "../protocol/scoring.ts";
import { type MinerRow, minerRows } from "../view/miner.ts";
import { type VoteRow, voteRows } from "../view/vote.ts";
import { type WindowLine, windowLine } from "../view/window.ts";

/** So many windows are kept. */
export const KEPT_WINDOWS = 512;

/** A recorded window. */
export type Recorded = {
  /** Hotkey of the validator that recorded it. */
  readonly judge: Hex;
  readonly line: WindowLine;
  readonly rows: readonly MinerRow[];
  readonly votes: readonly VoteRow[];
};

/** The newest windows, and the newest whole record of each judge. */
export class History {
  readonly #mode: ScoringMode;
  readonly #windows = new Map<number, Recorded>();
  readonly #newest = new Map<Hex, WindowRecord>();

  constructor(mode: ScoringMode) {
    this.#mode = mode;
  }

  /** Takes a record. A window that is known already stays as it is: one window, one judge. */
  add(record: WindowRecord): void {
    const { window, validator } = record;
    if (window > (this.#newest.get(validator)?.window ?? -1)) this.#newest.set(validator, record);
    if (this.#windows.has(window)) return;
    const rows = minerRows(record, this.#mode);
    const line = windowLine(record, rows);
    this.#windows.set(window, { judge: validator, line, rows, votes: voteRows(record) });
    for (const known of this.#windows.keys())
      if (known <= this.last - KEPT_WINDOWS) this.#windows.delete(known);
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
    return this.#newest.get(judge);
  }

  /** The newest record that there is of every judge that was heard. */
  get opinions(): readonly WindowRecord[] {
    return [...this.#newest.values()];
  }
}
