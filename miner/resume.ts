/** @file A miner goes on where its last process ended: the optimizer's state, and what was not revealed yet. */
import type { Participant } from "../src/neuron/participant.ts";
import { mine } from "./loop.ts";
import { decodeMoments } from "./moments.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { revealKept } from "./unrevealed.ts";

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
  await mine(miner, produce);
}
