/** @file Windows that a miner stays away from on purpose: a test of what missing some of them costs. */
import type { Participant } from "../../src/neuron/participant.ts";
import { blake2b256, type Hex } from "../../src/protocol/digest.ts";
import { drawsOf } from "../../src/protocol/draws.ts";
import type { Strategy } from "./strategy.ts";

/** A hotkey in a window of a run. */
export type Turn = { readonly runId: Hex; readonly hotkey: Hex; readonly window: number };

const PERCENT = 100;

/** Whether a hotkey that misses `percent` of its windows stays away from this one: drawn by run, hotkey and window, so always the same. */
export function isAway({ runId, hotkey, window }: Turn, percent: number): boolean {
  const key = blake2b256(new TextEncoder().encode(`${runId}/${hotkey}/${window}/miss`));
  return drawsOf(key).below(PERCENT) < percent;
}

/** `work`, but nothing in `percent` of the windows. */
export function withAbsences(
  { neuron, run: { runId } }: Participant,
  percent: number,
  work: Strategy,
): Strategy {
  if (percent === 0) return work;
  return async (window) => {
    if (!isAway({ runId, hotkey: neuron.signer.publicKey, window }, percent)) return work(window);
    neuron.say(`window ${window}: stays away, as --miss-percent ${percent} asks`);
    return null;
  };
}
