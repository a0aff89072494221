/** @file When measuring has to end, because a vote would come too late after it. */
import type { Participant } from "../src/neuron/participant.ts";

/** Blocks before the last one in which a vote counts: from there on voting matters more than anything that could be measured. */
const BLOCKS_TO_VOTE = 2;

/** The block from which on nothing more is measured before the vote. */
export function lastBlockToMeasure({ run }: Pick<Participant, "run">, window: number): number {
  return run.clock.lastJudgeBlock(window) - BLOCKS_TO_VOTE;
}
