/** @file A cheat: honest work with every sign turned, which leads the model back uphill. */
import type { Participant } from "../../src/neuron/participant.ts";
import { honest } from "./honest.ts";
import { encodeWork, type Strategy } from "./strategy.ts";
import { flipped } from "./values.ts";

/** Sends the opposite of its work. */
export function poison(miner: Participant): Strategy {
  const work = honest(miner);
  return async (window) => {
    const own = await work(window);
    return own === null ? null : encodeWork(miner, window, flipped(own.update), null);
  };
}
