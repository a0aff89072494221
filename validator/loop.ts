/** @file The validator's loop: one window on one screen. */
import { collect } from "./collect.ts";
import { compare } from "./compare.ts";
import { evaluate } from "./evaluate.ts";
import { gate } from "./gate.ts";
import { measureHeldOut } from "./held-out.ts";
import { recall } from "./recall.ts";
import { publishRecords } from "./published-records.ts";
import { record } from "./record.ts";
import { rulesNow } from "../src/neuron/participant.ts";
import { score } from "./score.ts";
import { submitWeights } from "./submit-weights.ts";
import type { Validator } from "./validator.ts";
import { vote } from "./vote.ts";

/** Judges every window of the run that it is there for (missed ones only move the parameters), until the run ends or the neuron is told to stop. */
export async function validate(validator: Validator): Promise<void> {
  const { follower, neuron } = validator.node;
  for (;;) {
    const rules = await rulesNow(validator.node); // the manifest's, as the owner has amended them by this window
    if (rules === null) break;
    if (validator.memory.hasJudged(follower.window)) {
      await follower.advance(); // judged before a restart: nothing is scored or recorded twice
      continue;
    }
    await validator.permit.look(follower.window); // without one, votes and weights do not count: says so, and the remedy
    const thetaBefore = follower.digest;
    await recall(validator, follower.window, rules.scoring.overlapWindows); // for one that was away: what others sent and whose work was applied
    const collected = await collect(validator, follower.window, rules); // committed digests -> payloads -> decoded, fast checks
    neuron.did("collected", follower.window);
    const gated = await gate(validator, collected); // the quick gate: does it lower the loss on noise pages, which nobody was assigned?
    const compared = await compare(validator, gated); // similar updates: who copied, who shares one work
    await vote(validator, compared); // on chain: accept bitmap, digests of theta_w, of the rules and of the newest own record
    neuron.did("voted", follower.window);
    const judgement = await evaluate(validator, compared); // the loss on the pages that each update was assigned
    const outcome = await follower.advance(); // everybody's votes -> accepted set -> outer step
    if (follower.digestOf(outcome.window) !== thetaBefore) continue; // judged with parameters that were wrong and are mended: neither scored nor recorded
    const scored = score(validator, judgement, outcome); // losses and outcome: credit, trust, reasons, weights
    submitWeights(validator, scored); // in the background; the chain counts them at the next epoch
    await record(validator, { judgement, scored, outcome, thetaBefore }); // what was seen and decided, as one hash-chained line
    publishRecords(validator, outcome.window); // where others read them without this node, if that is anywhere
    neuron.did("recorded", outcome.window);
    await measureHeldOut(validator); // for people: the loss on text that nobody trains on
  }
}
