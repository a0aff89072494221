/** @file Since when other endpoints have final blocks that the one in use has not. */

/** Enough to know since when an endpoint is behind. */
const MOST_HEIGHTS = 1024;

/** Heights that others announced first, and when. Times are those of `performance.now`. */
export class Ahead {
  #heights: readonly { readonly height: number; readonly at: number }[] = [];

  /** Another endpoint announces a height that the one in use has not reached. */
  note(height: number): void {
    if (this.#heights.length < MOST_HEIGHTS)
      this.#heights = [...this.#heights, { height, at: performance.now() }];
  }

  /** The endpoint in use has come to a height. */
  reached(number: number): void {
    this.#heights = this.#heights.filter(({ height }) => height > number);
  }

  forget(): void {
    this.#heights = [];
  }

  /** For how many milliseconds somebody has been above a height; null: nobody is. */
  aheadMs(number: number): number | null {
    const since = this.#heights.find(({ height }) => height > number);
    return since === undefined ? null : performance.now() - since.at;
  }
}
