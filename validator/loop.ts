/** @file The validator's loop: one window on one screen. */
import { judge } from "./gate.ts";
import { writeRecord } from "./record.ts";
import { sample } from "./collect.ts";
import { score } from "./evaluate.ts";
import type { ValidatorState } from "./memory.ts";
import { submitWeights } from "./submit-weights.ts";
import { vote } from "./vote.ts";

/** Judges every window of the run until it ends or the node is told to stop. */
export async function validate(state: ValidatorState): Promise<void> {
  const { run, follower, say } = state.node;
  while (run.clock.isInRun(follower.window)) {
    const thetaBefore = follower.digest;
    const sampled = await sample(state, follower.window); // committed digests -> payloads -> structural checks
    const judged = await judge(state, sampled); // the quick gate: does it lower the loss on unassigned data?
    await vote(state, judged); // accept bitmap and digest of theta_w on chain
    const scored = await score(state, judged); // assigned against unassigned data, ratings, reasons
    submitWeights(state, scored); // in the background; the chain counts them at the next epoch
    const outcome = await follower.advance(); // everybody's votes -> accepted set -> outer step
    await writeRecord(state, { scored, outcome, thetaBefore }); // one hash-chained line that lets anybody recompute this
  }
  say("the run is over; still serving until stopped");
}
