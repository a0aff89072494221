/** @file The quick gate: does an update lower the loss on noise pages, which nobody was assigned in this window? */
import { gateUpdate } from "../src/gauntlet/gate.ts";
import type { PairedLosses } from "../src/gauntlet/loss-score.ts";
import { type Fate, isLive, type Judgement, type LiveFate } from "./fate.ts";
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

/** At least so long after the last but one block for votes: a chain with faster blocks is a local one, which waits for its validators. */
const GRACE_MS = 1000;

/**
 * Resolves to null when a vote would come too late if more was measured first: half a block after the last but one in which votes count.
 * Never, where nobody else measures: then all is.
 */
async function late({ node, desk }: Validator, window: number): Promise<null> {
  if (desk === undefined) return new Promise(() => undefined);
  const { run, subnet, neuron } = node;
  const last = run.clock.lastJudgeBlock(window);
  desk.until(last - 1);
  const { number: first } = subnet.blocks.current;
  const start = performance.now();
  await subnet.blocks.reached(last - 1, neuron.signal);
  const blockMs = (performance.now() - start) / Math.max(1, last - 1 - first);
  const over = subnet.blocks.reached(last, neuron.signal);
  await Promise.race([over, subnet.pause(Math.max(GRACE_MS, blockMs / 2))]);
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
  let isOver = false;
  over.then(
    () => (isOver = true),
    () => (isOver = true), // told by whatever else waits for the chain
  );
  const one = async (fate: LiveFate): Promise<Fate> => {
    const noise = await Promise.race([measure.noise(fate), over]);
    return noise === null ? fate : gated(fate, noise, measure.factor);
  };
  const all = (): Promise<Fate[]> =>
    measure.each(fates, async (fate) => (isLive(fate) ? one(fate) : fate));
  const revision = (): number => validator.desk?.revision ?? 0;
  const isInTime = (): boolean => !isOver;
  let found = await all();
  // What rests on answers that were taken back meanwhile; the others are there already.
  for (let seen = 0; isInTime() && revision() !== seen;) {
    seen = revision();
    found = await all();
  }
  const passed = found.filter(isLive).filter((fate) => fate.gate !== null).length;
  const open = found.filter(isLive).length - passed;
  const missed = open === 0 ? "" : `; ${open} could not be measured in time to vote on them`;
  neuron.say(
    `window ${window}: ${passed} of ${fates.length} committed updates lower the loss${missed}`,
  );
  return { ...judgement, fates: found };
}
