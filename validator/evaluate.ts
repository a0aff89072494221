/** @file The evaluation in depth: loss on the pages that an update was assigned, before and after it. */
import { modeOf } from "../src/protocol/scoring.ts";
import { type Fate, isLive, type Judgement } from "./fate.ts";
import { gated } from "./gate.ts";
import { type Measurable, Measure } from "./measure.ts";
import { ranksOf } from "./need.ts";
import type { Validator } from "./validator.ts";

/**
 * Whether the scores of the mode rest on an update's own pages, and they were not measured yet: always when it passed the gate,
 * and in mode `credit` also when it did not lower the loss.
 */
function isToEvaluate(fate: Fate, { rules }: Judgement): fate is Measurable {
  if (fate.own !== null) return false;
  if (isLive(fate)) return true;
  const isMeasured = fate.payload !== null && fate.gate !== null;
  return (
    isMeasured && modeOf(rules.scoring) === "credit" && fate.refusal?.reason === "loss-not-lowered"
  );
}

/** The judgement with all measured that scores rest on. */
async function measured(validator: Validator, judgement: Judgement): Promise<Judgement> {
  const measure = new Measure(validator, judgement);
  // What there was no time for before the vote.
  const late = await measure.each(judgement.fates, async (fate) =>
    isLive(fate) && fate.gate === null
      ? gated(fate, await measure.noise(fate), measure.factor)
      : fate,
  );
  const ranks = validator.desk === undefined ? null : ranksOf(validator.memory.book, late);
  const fates = await measure.each(late, async (fate, at) =>
    isToEvaluate(fate, judgement)
      ? { ...fate, own: await measure.own(fate, ranks?.[at] ?? 0) }
      : fate,
  );
  return { ...judgement, fates };
}

/** A fate as it was before anything was measured of it; what else was found of it stays. */
function unmeasured(fate: Fate): Fate {
  if (fate.gate === null) return fate;
  const byLosses = ["loss-not-lowered", "not-finite"].includes(fate.refusal?.reason ?? "");
  return { ...fate, gate: null, own: null, refusal: byLosses ? null : fate.refusal };
}

/** Fates of which something rests on losses that were taken back, with what it is now; the vote stands. */
async function mended(validator: Validator, judgement: Judgement): Promise<Judgement> {
  const measure = new Measure(validator, judgement);
  const fates = await measure.each(judgement.fates, async (fate) => {
    const { payload, gate } = fate;
    if (payload === null || gate === null) return fate;
    const noise = await measure.noise({ ...fate, payload });
    const bare = unmeasured(fate);
    const found = gated(bare, noise, measure.factor);
    return bare.refusal === null ? found : { ...found, refusal: bare.refusal };
  });
  return measured(validator, { ...judgement, fates });
}

/** Measures updates on their own pages. Runs after the vote, which has a deadline; theta is still theta_w. */
export async function evaluate(validator: Validator, judgement: Judgement): Promise<Judgement> {
  const { desk, node } = validator;
  desk?.until(node.run.clock.lastJudgeBlock(judgement.window));
  const revision = (): number => desk?.revision ?? 0;
  let found = await measured(validator, judgement);
  // Who measures again what a liar had may lie as well.
  for (let seen = 0; revision() !== seen;) {
    seen = revision();
    found = await mended(validator, found);
  }
  return found;
}
