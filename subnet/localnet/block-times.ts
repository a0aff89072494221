/** @file How long the blocks of a local network took, and for whom the chain waited. */

/** What the summary says about the pace. Times in milliseconds. */
export type PaceReport = {
  readonly blocks: number;
  readonly medianMs: number;
  readonly longestMs: number;
  /** Blocks that waited for each neuron, the most waited for first. */
  readonly waitedFor: readonly { readonly name: string; readonly blocks: number }[];
};

/** Collects block times. */
export class BlockTimes {
  readonly #times: number[] = [];
  readonly #waitedFor = new Map<string, number>();

  /** One more block: its time, and who was waited for last, if anybody. */
  note(milliseconds: number, waitedFor: string | null): void {
    this.#times.push(milliseconds);
    if (waitedFor !== null)
      this.#waitedFor.set(waitedFor, (this.#waitedFor.get(waitedFor) ?? 0) + 1);
  }

  /** Everything so far. */
  report(): PaceReport {
    const sorted = this.#times.toSorted((a, b) => a - b);
    const waitedFor = [...this.#waitedFor].map(([name, blocks]) => ({ name, blocks }));
    return {
      blocks: sorted.length,
      medianMs: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0,
      longestMs: sorted.at(-1) ?? 0,
      waitedFor: waitedFor.toSorted((a, b) => b.blocks - a.blocks),
    };
  }
}
