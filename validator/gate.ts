/** @file The quick gate: does an update lower the loss on noise pages, which nobody was assigned in this window? */
import { gateUpdate } from "../src/gauntlet/gate.ts";
import type { PairedLosses } from "../src/gauntlet/loss-score.ts";
import { type Fate, isLive, type Judgement, type LiveFate } from "./fate.ts";
import { lastBlockToMeasure } from "./late.ts";
import { Measure } from "./measure.ts";
import type { Validator } from "./validator.ts";

/** A fate with what the gate makes of its losses on noise pages. */
export function gated(fate: Fate, noise: PairedLosses, factor: number): Fate {
  const { reason, fall } = gateUpdate(noise);
  const measured = { ...fate, gate: { factor, noise, fall } };
  if (reason === "accepted") return measured;
  const detail = fall === null ? "" : `noise loss moved by ${(-100 * fall).toFixed(3)} %`;
  return { ...measured, refusal: { reason, detail } };
}

/** Resolves to null when a vote would come too late if more was measured first; never, where nobody else measures: then all is. */
async function late({ node, desk }: Validator, window: number): Promise<null> {
  if (desk === undefined) return new Promise(() => undefined);
  const last = lastBlockToMeasure(node, window);
  desk.until(last);
  await node.subnet.blocks.reached(last, node.neuron.signal);
  return null;
}

/**
 * Applies each update alone, at `evaluation.factor` of the outer step, each tensor clipped to its usual norm as the outer step clips
 * it, and compares losses before and after. With workers, what is not measured in time to vote is left for later, with a gate of null.
 */
export async function gate(validator: Validator, judgement: Judgement): Promise<Judgement> {
  const { neuron } = validator.node;
  const { window, fates } = judgement;
  const measure = new Measure(validator, judgement);
  const over = late(validator, window);
  over.catch(() => undefined); // told by whatever else waits for the chain
  const one = async (fate: LiveFate): Promise<Fate> => {
    const noise = await Promise.race([measure.noise(fate), over]);
    return noise === null ? fate : gated(fate, noise, measure.factor);
  };
  const found = await measure.each(fates, async (fate) => (isLive(fate) ? one(fate) : fate));
  const passed = found.filter(isLive).filter((fate) => fate.gate !== null).length;
  const open = found.filter(isLive).length - passed;
  const missed = open === 0 ? "" : `; ${open} could not be measured in time to vote on them`;
  neuron.say(
    `window ${window}: ${passed} of ${fates.length} committed updates lower the loss${missed}`,
  );
  return { ...judgement, fates: found };
}
