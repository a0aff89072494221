/** @file The quick gate: does an update lower the loss on data that nobody was assigned in this window? */
import { lowerMedian } from "../src/gauntlet/fast-checks.ts";
import { gateUpdate } from "../src/gauntlet/gate.ts";
import type { PairedLosses } from "../src/gauntlet/loss-score.ts";
import { noisePages } from "../src/protocol/assignment.ts";
import { chooseSequences } from "../src/protocol/batches.ts";
import { drawsOf } from "../src/protocol/draws.ts";
import { tokensOf } from "../src/data/pages.ts";
import { lossesWith } from "./losses.ts";
import type { Entry, Refusal, Sample } from "./collect.ts";
import type { ValidatorState } from "./memory.ts";

/** An update with what the gate measured. `factor` is the share of it that was applied. */
export type Gated = Entry & {
  readonly factor: number;
  readonly noise: PairedLosses;
  readonly fall: number | null;
};

/** A window after the gate. */
export type Judged = {
  readonly sample: Sample;
  readonly passed: readonly Gated[];
  readonly failed: readonly Gated[];
  readonly refusals: ReadonlyMap<number, Refusal>;
};

/** The noise batch of a window: the same for every uid, so that differences between uids are paired. */
function noiseTokens(state: ValidatorState, { hotkeys, keys }: Sample): Int32Array {
  const { pages, manifest } = state.node.run;
  const { data, evaluation, model } = manifest;
  const chosen = noisePages({
    key: keys.assign,
    pages: data.pages,
    neurons: hotkeys.length,
    perUid: data.pagesPerWindow,
    count: data.noisePages,
  });
  const sequences = pages.sequences(chosen);
  const order = chooseSequences(drawsOf(keys.noise), sequences.count, evaluation.noiseSequences);
  return tokensOf(sequences, order, model.context);
}

/**
 * Applies each update alone, at `evaluation.factor` of the outer step and clipped to the window's median norm as the
 * outer step would clip it, and compares losses before and after.
 */
export async function judge(state: ValidatorState, sample: Sample): Promise<Judged> {
  const { engine, run, say } = state.node;
  const { outer, evaluation } = run.manifest;
  const tokens = noiseTokens(state, sample);
  const median = lowerMedian(sample.entries.map((entry) => entry.candidate.norm));
  const before = Array.from(await engine.losses({ tokens }));
  const gated: Gated[] = [];
  const refusals = new Map(sample.refusals);
  for (const entry of sample.entries) {
    const factor = outer.alpha * evaluation.factor * Math.min(1, median / entry.candidate.norm);
    const batch = { tokens, sequences: before.length };
    const after = await lossesWith(engine, { update: entry.update, factor }, batch);
    const noise = { before, after };
    const { reason, fall } = gateUpdate(noise);
    gated.push({ ...entry, factor, noise, fall });
    if (reason !== "accepted") {
      const detail = fall === null ? "" : `noise loss moved by ${(-100 * fall).toFixed(3)} %`;
      refusals.set(entry.commit.uid, { reason, detail });
    }
  }
  const passed = gated.filter((entry) => !refusals.has(entry.commit.uid));
  say(
    `window ${sample.window}: ${passed.length} of ${sample.commits.length} committed updates lower the loss`,
  );
  return {
    sample,
    passed,
    failed: gated.filter((entry) => refusals.has(entry.commit.uid)),
    refusals,
  };
}
