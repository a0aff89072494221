/** @file The evaluation in depth: loss on the pages that an update was assigned, before and after it. */
import { modeOf } from "../src/protocol/scoring.ts";
import { type Fate, isLive, type Judgement, type LiveFate, type Payload } from "./fate.ts";
import { lossesWith } from "./losses.ts";
import type { Validator } from "./validator.ts";

type Gated = Fate & { readonly payload: Payload };

/**
 * Whether the scores of the mode rest on an update's own pages: always when it passed the gate, and in mode `credit` also
 * when it did not lower the loss.
 */
function isEvaluated(fate: Fate, { rules }: Judgement): fate is LiveFate | Gated {
  if (isLive(fate)) return true;
  const isMeasured = fate.payload !== null && fate.gate !== null;
  return (
    isMeasured && modeOf(rules.scoring) === "credit" && fate.refusal?.reason === "loss-not-lowered"
  );
}

/** Measures updates on their own pages. Runs while the vote is on its way; theta is still theta_w. */
export async function evaluate(validator: Validator, judgement: Judgement): Promise<Judgement> {
  const fates: Fate[] = [];
  for (const fate of judgement.fates)
    fates.push(isEvaluated(fate, judgement) ? await evaluated(validator, judgement, fate) : fate);
  return { ...judgement, fates };
}

async function evaluated(
  { node }: Validator,
  { keys, rules, hotkeys }: Judgement,
  fate: Gated,
): Promise<Fate> {
  const { engine, run } = node;
  const { commit, payload, gate } = fate;
  const tokens = run.ownTokens(keys, { ...commit, neurons: hotkeys.length }, rules);
  const before = Array.from(await engine.losses({ tokens }));
  const applied = { update: payload.update, factor: gate?.factor ?? 0 };
  const after = await lossesWith(engine, applied, { tokens, sequences: before.length });
  return { ...fate, own: { before, after } };
}
