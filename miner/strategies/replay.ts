/** @file A cheat: works honestly once, then sends that same update again in every window, with a header that fits. */
import type { Participant } from "../../src/neuron/participant.ts";
import type { SparseUpdate } from "../../src/protocol/codec.ts";
import { honest } from "./honest.ts";
import { encodeWork, type Strategy } from "./strategy.ts";

/** Sends its own old work again. */
export function replay(miner: Participant): Strategy {
  const once = honest(miner);
  let old: SparseUpdate | null = null;
  return async (window) => {
    if (old !== null) return encodeWork(miner, window, old, null);
    const work = await once(window);
    old = work?.update ?? null;
    return work;
  };
}
