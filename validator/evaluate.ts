/** @file The evaluation in depth: loss on the pages that an update was assigned, before and after it. */
import { modeOf } from "../src/protocol/scoring.ts";
import { type Fate, isLive, type Judgement } from "./fate.ts";
import { type Gated, OwnPages } from "./own-pages.ts";
import type { Validator } from "./validator.ts";

/**
 * Whether the scores of the mode rest on an update's own pages, and they were not measured yet: always when it passed the gate,
 * and in mode `credit` also when it did not lower the loss.
 */
function isToEvaluate(fate: Fate, { rules }: Judgement): fate is Gated {
  if (fate.own !== null) return false;
  if (isLive(fate)) return true;
  const isMeasured = fate.payload !== null && fate.gate !== null;
  return (
    isMeasured && modeOf(rules.scoring) === "credit" && fate.refusal?.reason === "loss-not-lowered"
  );
}

/** Measures updates on their own pages. Runs after the vote, which has a deadline; theta is still theta_w. */
export async function evaluate(validator: Validator, judgement: Judgement): Promise<Judgement> {
  const pages = new OwnPages(validator, judgement);
  const fates: Fate[] = [];
  for (const fate of judgement.fates)
    fates.push(isToEvaluate(fate, judgement) ? await pages.own(fate) : fate);
  return { ...judgement, fates };
}
