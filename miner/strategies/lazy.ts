/** @file A cheat: a quarter of the inner steps, scaled up so that it looks like all of them. */
import type { Participant } from "../../src/neuron/participant.ts";
import { partTime } from "./part-time.ts";
import { newestPeerUpdate } from "./peer-update.ts";
import { encodeWork, type Strategy } from "./strategy.ts";
import { normOf, withNorm } from "./values.ts";

/** Part of the inner steps that it does. */
export const LAZY_SHARE = 0.25;

/** Does a quarter of the work at the norm of a peer's. */
export function lazy(miner: Participant): Strategy {
  const little = partTime(LAZY_SHARE)(miner);
  return async (window) => {
    const own = await little(window);
    if (own === null) return null;
    const peer = await newestPeerUpdate(miner, window);
    if (peer === null) return own;
    return encodeWork(miner, window, withNorm(own.update, normOf(peer)), null);
  };
}
