/** @file A miner goes on where its last process ended: the optimizer's state, and what was not revealed yet. */
import type { Participant } from "../src/neuron/participant.ts";
import { mine } from "./loop.ts";
import { decodeMoments } from "./moments.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { revealKept } from "./unrevealed.ts";
import { type Begun, begunWork, settleBegun } from "./unsettled.ts";

/** Hands out what an earlier process made for the window that is running, or settles it if that is over by now; then works as usual. */
function first(miner: Participant, begun: Begun, produce: Strategy): Strategy {
  let waiting: Begun | null = begun;
  return async (window) => {
    const made = waiting;
    waiting = null;
    if (made === null) return produce(window);
    if (made.work.window === window) {
      await miner.engine.setMomentState(made.moments);
      return made.work;
    }
    await settleBegun(miner, made);
    return produce(window);
  };
}

async function restoreMoments({ neuron, run, engine }: Participant): Promise<void> {
  const saved = await neuron.state.load("moments.bin");
  const moments = saved === null ? null : decodeMoments(run.runId, saved, run.layout.total);
  if (moments !== null) await engine.setMomentState(moments);
}

/** Mines the run to its end, from what is on disk. */
export async function resume(miner: Participant, produce: Strategy): Promise<void> {
  await restoreMoments(miner);
  // In the background: its deadline may be blocks away, and the next window is trained meanwhile.
  revealKept(miner).catch((error: unknown) => miner.neuron.log.debug({ error }, "not revealed"));
  const begun = await begunWork(miner);
  await mine(miner, begun === null ? produce : first(miner, begun, produce));
}
