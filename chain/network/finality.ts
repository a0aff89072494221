/** @file How long a block takes, and how long until it is final, as one node sees it. */
import { setTimeout as sleep } from "node:timers/promises";
import { heightOf } from "./rpc.ts";

/** Much shorter than any of the times that are measured. */
const LOOK_MS = 10;

/** Milliseconds: median, 95th of a hundred, and the most. */
export type Spread = { readonly median: number; readonly p95: number; readonly most: number };

/** What was seen. */
export type Finality = {
  readonly blocks: number;
  /** Between two new blocks. */
  readonly blockMs: Spread;
  /** From a block's first sight until it is final. */
  readonly finalMs: Spread;
  /** Blocks that were newer than the final one, when one became final. */
  readonly lag: Spread;
};

/** Of some numbers. */
function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { median: at(0.5), p95: at(0.95), most: sorted.at(-1) ?? 0 };
}

/** Watches until `blocks` more are final. */
export async function watchFinality(port: number, blocks: number): Promise<Finality> {
  const begin = await heightOf(port);
  const seenAt = new Map<number, number>();
  const [between, until, lags]: [number[], number[], number[]] = [[], [], []];
  let { best, final } = begin;
  let lastAt: number | null = null;
  while (final < begin.best + blocks) {
    const height = await heightOf(port);
    const now = performance.now();
    for (; best < height.best; best++) seenAt.set(best + 1, now);
    if (height.best > begin.best && best === height.best && seenAt.get(best) === now) {
      if (lastAt !== null) between.push(now - lastAt);
      lastAt = now;
    }
    if (height.final > final) lags.push(height.best - height.final);
    for (; final < height.final; final++) {
      const seen = seenAt.get(final + 1);
      if (seen !== undefined) until.push(now - seen);
    }
    await sleep(LOOK_MS);
  }
  return {
    blocks: until.length,
    blockMs: spreadOf(between),
    finalMs: spreadOf(until),
    lag: spreadOf(lags),
  };
}
