/** @file The miner's loop: one window on one screen. */
import type { Joined } from "../src/neuron/neuron.ts";
import { learn } from "./settle.ts";
import { commit, reveal } from "./publish.ts";
import type { Strategy } from "./strategy.ts";

/** Takes part in every window of the run until it ends or `node.signal` aborts. */
export async function mine(node: Joined, strategy: Strategy): Promise<void> {
  const { run, follower, heads, signal, say } = node;
  while (run.clock.isInRun(follower.window)) {
    const { window } = follower;
    await heads.reached(run.clock.startBlock(window), signal); // theta_w is ready, the window's hash is known
    const work = await strategy.produce(window); // assigned pages -> inner steps -> compressed pseudo-gradient
    const committed = work !== null && (await commit(node, work)); // its digest on chain, before the deadline
    if (committed) await reveal(node, work); // the payload, only after the deadline
    const outcome = await follower.advance(); // votes -> accepted set -> the outer step that everybody takes
    await learn(node, { work, committed, outcome }); // error feedback keeps what was not accepted
  }
  say("the run is over; still serving until stopped");
}
