/** @file The miner's loop: one window on one screen. */
import { type Participant, rulesNow } from "../src/neuron/participant.ts";
import { fetchAhead } from "./ahead.ts";
import { Earnings } from "./earnings.ts";
import { commit } from "./publish.ts";
import { settle } from "./settle.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { reveal } from "./unrevealed.ts";
import { begunWork, takeUp } from "./unsettled.ts";

/**
 * Takes part in every window of the run that it is there for (missed ones only move the parameters), until the run ends or the neuron is
 * told to stop.
 */
export async function mine(miner: Participant, produce: Strategy): Promise<void> {
  const { neuron, subnet, run, engine, follower } = miner;
  const earnings = new Earnings(miner);
  let moments = await engine.momentState(); // where a null window goes back to
  let begun = await begunWork(miner); // by an earlier process of this miner
  while ((await rulesNow(miner)) !== null) {
    const { window } = follower;
    await subnet.blocks.reached(run.clock.startBlock(window), neuron.signal); // the parameters (theta_w) are ready, the window's hash is known
    const taken = await takeUp(miner, begun, moments); // in the same window its work is this one's; later it is settled first
    [begun, moments] = [null, taken.moments];
    const work = taken.work ?? (await produce(window)); // assigned pages -> inner steps -> compressed pseudo-gradient
    const committed = work !== null && (await commit(miner, work)); // its digest on chain, before the deadline
    fetchAhead(miner, window + 1); // the next pages, as soon as the chain has drawn them
    neuron.did(committed ? "committed" : "skipped", window);
    if (committed) await reveal(miner, work); // the payload, only after the deadline
    const outcome = await follower.advance(); // votes -> accepted set -> the outer step that everybody takes
    moments = await settle(miner, { work, committed, outcome, moments, earnings }); // error feedback keeps what was not accepted
    neuron.did("settled", window);
  }
}
