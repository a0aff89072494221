/** @file The miner's loop: one window on one screen. */
import type { MomentState } from "../kernels/engine/calls.ts";
import { type Participant, rulesNow } from "../src/neuron/participant.ts";
import { Earnings } from "./earnings.ts";
import { commit } from "./publish.ts";
import { settle } from "./settle.ts";
import type { Strategy, Work } from "./strategies/strategy.ts";
import { reveal } from "./unrevealed.ts";
import type { Begun } from "./unsettled.ts";

/**
 * Takes part in every window of the run that it is there for (missed ones are replayed), until the run ends or the neuron is told to
 * stop. `begun`: what an earlier process made for the window that is running now.
 */
export async function mine(
  miner: Participant,
  produce: Strategy,
  begun: Begun | null,
): Promise<void> {
  const { neuron, subnet, run, engine, follower } = miner;
  const earnings = new Earnings(miner);
  let moments = await engine.momentState(); // where a null window goes back to
  const finish = async (work: Work | null): Promise<MomentState> => {
    const { window } = follower;
    const committed = work !== null && (await commit(miner, work)); // its digest on chain, before the deadline
    neuron.did(committed ? "committed" : "skipped", window);
    if (committed) await reveal(miner, work); // the payload, only after the deadline
    const outcome = await follower.advance(); // votes -> accepted set -> the outer step that everybody takes
    const settled = await settle(miner, { work, committed, outcome, moments, earnings }); // error feedback keeps what was not accepted
    neuron.did("settled", window);
    return settled;
  };
  if (begun !== null) {
    await engine.setMomentState(begun.moments);
    moments = await finish(begun.work);
  }
  while ((await rulesNow(miner)) !== null) {
    const { window } = follower;
    await subnet.blocks.reached(run.clock.startBlock(window), neuron.signal); // the parameters (theta_w) are ready, the window's hash is known
    moments = await finish(await produce(window)); // assigned pages -> inner steps -> compressed pseudo-gradient
  }
}
