/** @file A cheat: relabels the newest update of a peer. */
import type { Participant } from "../../src/neuron/participant.ts";
import { newestPeerUpdate } from "./peer-update.ts";
import { encodeWork, type Strategy } from "./strategy.ts";

/** Sends somebody else's work under its own name. */
export function copy(miner: Participant): Strategy {
  return async (window) => {
    const stolen = await newestPeerUpdate(miner, window);
    return stolen === null ? null : encodeWork(miner, window, stolen, null);
  };
}
