/** @file A chain on this very machine that does not answer in time is busy, as everything else there is: it is asked again. */
import { setTimeout as sleep } from "node:timers/promises";
import { ChainError } from "../../chain/errors.ts";

/** A chain that has been silent for longer is gone; its process is watched besides. */
const USUAL = { patienceMs: 60_000, retryMs: 500 };

/**
 * What `work` gives, begun again while the chain does not answer. From the first failure on it may be begun for a minute, and not after
 * `signal` aborts.
 * @throws what ended `work`: ChainError chain-unreachable after a minute
 */
export async function whileLate<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  { patienceMs, retryMs } = USUAL,
): Promise<T> {
  let until = Infinity;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const now = performance.now();
      until = Math.min(until, now + patienceMs);
      const mayPass = error instanceof ChainError && error.code === "chain-unreachable";
      if (!mayPass || signal.aborted || now >= until) throw error;
    }
    await sleep(retryMs, undefined, { signal });
  }
}
