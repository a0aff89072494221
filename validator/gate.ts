/** @file The quick gate: does an update lower the loss on noise pages, which nobody was assigned in this window? */
import { gateUpdate } from "../src/gauntlet/gate.ts";
import { isLive, type Judgement, withLiveFates } from "./fate.ts";
import { lossesWith } from "./losses.ts";
import type { Validator } from "./validator.ts";

/**
 * Applies each update alone, at `evaluation.factor` of the outer step, each tensor clipped to its usual norm as the outer step clips
 * it, and compares losses before and after.
 */
export async function gate({ node }: Validator, judgement: Judgement): Promise<Judgement> {
  const { engine, run, neuron } = node;
  const { window, hotkeys, rules, keys, fates } = judgement;
  const tokens = await run.noiseTokens(keys, hotkeys.length, rules);
  const { alpha } = run.manifest.outer;
  const factor = alpha * rules.evaluation.factor;
  const before = Array.from(await engine.losses({ tokens }));
  const gated = await withLiveFates(judgement, async (fate) => {
    const { update } = fate.payload;
    const batch = { tokens, sequences: before.length };
    const noise = { before, after: await lossesWith(engine, { update, factor }, batch) };
    const { reason, fall } = gateUpdate(noise);
    const measured = { ...fate, gate: { factor, noise, fall } };
    if (reason === "accepted") return measured;
    const detail = fall === null ? "" : `noise loss moved by ${(-100 * fall).toFixed(3)} %`;
    return { ...measured, refusal: { reason, detail } };
  });
  const passed = gated.fates.filter(isLive).length;
  neuron.say(`window ${window}: ${passed} of ${fates.length} committed updates lower the loss`);
  return gated;
}
