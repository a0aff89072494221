/** @file What `subnet check` measures of a chain: how far its newest block is ahead of what is final. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { AssayError } from "../../src/errors.ts";
import type { FinalityMeasure } from "./subject.ts";

/** When it is enough. */
export type FinalityLimits = {
  /** Blocks that are watched at most, and for how long. */
  readonly blocks: number;
  readonly mostMs: number;
};

const LIMITS: FinalityLimits = { blocks: 20, mostMs: 60_000 };
/** With fewer nothing can be said. */
const LEAST_BLOCKS = 3;
/** Much shorter than any block: what is the most between two looks is missed by no more. */
const LOOK_MS = 20;

/** Watches new blocks of a connected chain. @throws ChainError; AssayError bad-option when too few come */
export async function watchFinality(
  chain: Pick<ChainClient, "bestNumber" | "head">,
  { blocks, mostMs }: FinalityLimits = LIMITS,
): Promise<FinalityMeasure> {
  const begun = performance.now();
  const first = await chain.bestNumber();
  let [best, lag, lastAt] = [first, 0, begun];
  let firstAt: number | null = null;
  while (best - first <= blocks && performance.now() - begun < mostMs) {
    const newest = await chain.bestNumber();
    // Asked in this order, a block that comes in between is not taken for one that is late.
    const { number: final } = await chain.head();
    if (newest > best) {
      lastAt = performance.now();
      // What was there before is of unknown age.
      firstAt ??= lastAt;
      best = newest;
    }
    lag = Math.max(lag, newest - final);
    await sleep(LOOK_MS);
  }
  const seen = best - first - 1;
  if (seen < LEAST_BLOCKS)
    throw new AssayError({
      code: "bad-option",
      detail: `--endpoint: only ${best - first} blocks came in ${Math.round((lastAt - begun) / 1000)} s, too few to measure finality`,
    });
  return { blocks: best - first, lag, blockMs: (lastAt - (firstAt ?? begun)) / seen };
}

/**
 * Watches new blocks of the chain at these endpoints (URLs, comma between) for a minute at most.
 * @throws ChainError; AssayError bad-option when too few come
 */
export async function measureFinality(endpoint: string): Promise<FinalityMeasure> {
  const chain = await connectChain({ endpoints: endpoint.split(",") });
  try {
    return await watchFinality(chain);
  } finally {
    await chain.close();
  }
}
