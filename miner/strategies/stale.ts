/** @file A cheat: honest work that comes a window too late, under a header that says it is of this one. */
import type { Participant } from "../../src/neuron/participant.ts";
import { honest } from "./honest.ts";
import { encodeWork, type Strategy, type Work } from "./strategy.ts";

/** Sends what it trained in the window before: on pages, and from parameters, that are no longer those of the window. */
export function stale(miner: Participant): Strategy {
  const work = honest(miner);
  let last: Work | null = null;
  return async (window) => {
    const old = last;
    last = await work(window);
    // With its loss, so that what was not accepted goes back into the error feedback: it is own work after all.
    return old === null ? null : encodeWork(miner, window, old.update, old.trainingLoss);
  };
}
