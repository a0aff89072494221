/** @file Honest work with a share of the inner steps: what a slower machine could do, sent as it is. */
import type { Participant } from "../../src/neuron/participant.ts";
import { training } from "./honest.ts";
import type { Strategy } from "./strategy.ts";

/** Does `share` (0 to 1) of the inner steps, one at least. */
export function partTime(share: number): (miner: Participant) => Strategy {
  return (miner) =>
    training(miner, Math.max(1, Math.round(share * miner.run.manifest.inner.steps)));
}
