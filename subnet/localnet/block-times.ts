/** @file How long the blocks of a local network took, and for whom the chain waited. */

/** What the summary says about the pace. Times in milliseconds. */
export type PaceReport = {
  readonly blocks: number;
  readonly medianMs: number;
  readonly longestMs: number;
  /** Who was waited for last before the longest block, and in which window; null: nobody. */
  readonly longest: { readonly name: string; readonly window: number } | null;
  /** Median time of a whole window, 0 before there is one. */
  readonly windowMs: number;
  /** Blocks that waited for each neuron, the most waited for first. */
  readonly waitedFor: readonly { readonly name: string; readonly blocks: number }[];
};

/** One block: its time, who was waited for last (if anybody), and the window it lies in. */
export type BlockTime = {
  readonly milliseconds: number;
  readonly waitedFor: string | null;
  readonly window: number;
};

/** The lower median; 0 of nothing. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

/** Collects block times. */
export class BlockTimes {
  readonly #times: number[] = [];
  readonly #perWindow = new Map<number, number>();
  readonly #waitedFor = new Map<string, number>();
  #longest: BlockTime = { milliseconds: 0, waitedFor: null, window: 0 };

  /** One more block. */
  note(block: BlockTime): void {
    const { milliseconds, waitedFor, window } = block;
    this.#times.push(milliseconds);
    this.#perWindow.set(window, (this.#perWindow.get(window) ?? 0) + milliseconds);
    if (milliseconds > this.#longest.milliseconds) this.#longest = block;
    if (waitedFor !== null)
      this.#waitedFor.set(waitedFor, (this.#waitedFor.get(waitedFor) ?? 0) + 1);
  }

  /** Mean time of the newest `blocks` blocks, or null before there are any. */
  recentMs(blocks: number): number | null {
    const newest = this.#times.slice(-blocks);
    return newest.length === 0 ? null : newest.reduce((sum, one) => sum + one, 0) / newest.length;
  }

  /** How long the blocks of a window took that were made, or null where none was. */
  windowMs(window: number): number | null {
    return this.#perWindow.get(window) ?? null;
  }

  /** Everything so far. */
  report(): PaceReport {
    const waitedFor = [...this.#waitedFor].map(([name, blocks]) => ({ name, blocks }));
    const { milliseconds: longestMs, waitedFor: name, window } = this.#longest;
    return {
      blocks: this.#times.length,
      medianMs: medianOf(this.#times),
      longestMs,
      longest: name === null ? null : { name, window },
      windowMs: medianOf([...this.#perWindow.values()]),
      waitedFor: waitedFor.toSorted((a, b) => b.blocks - a.blocks),
    };
  }
}
