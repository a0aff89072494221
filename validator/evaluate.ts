/** @file The evaluation in depth: loss on the pages that an update was assigned, before and after it. */
import { type Judgement, withLiveFates } from "./fate.ts";
import { lossesWith } from "./losses.ts";
import type { Validator } from "./validator.ts";

/** Measures every update that passed the gate on its own pages. Runs while the vote is on its way; theta is still theta_w. */
export function evaluate({ node }: Validator, judgement: Judgement): Promise<Judgement> {
  const { engine, run } = node;
  return withLiveFates(judgement, async (fate) => {
    const { commit, payload, gate } = fate;
    const who = { ...commit, consumedPages: payload.consumedPages };
    const tokens = run.ownTokens(judgement.keys, who, judgement.rules);
    const before = Array.from(await engine.losses({ tokens }));
    const applied = { update: payload.update, factor: gate?.factor ?? 0 };
    const after = await lossesWith(engine, applied, { tokens, sequences: before.length });
    return { ...fate, own: { before, after } };
  });
}
