/** @file The score in depth: loss on the update's own assigned data against noise, then ratings, trust and reasons. */
import { type LossEvidence, scoreLosses } from "../src/gauntlet/loss-score.ts";
import { type Advance, advance, type MinerEvidence } from "../src/gauntlet/scorebook.ts";
import { assignedPages } from "../src/protocol/assignment.ts";
import { chooseSequences } from "../src/protocol/batches.ts";
import { drawsOf } from "../src/protocol/draws.ts";
import { tokensOf } from "../src/data/pages.ts";
import type { Gated, Judged } from "./gate.ts";
import { lossesWith } from "./losses.ts";
import type { ValidatorState } from "./memory.ts";

/** A scored window. */
export type Scored = {
  readonly judged: Judged;
  /** Losses of every update that was evaluated on its own data, by uid. */
  readonly evidence: ReadonlyMap<number, LossEvidence>;
  readonly advance: Advance;
};

/** Losses on the pages that a uid was assigned and says it consumed; the batch is drawn after the deadline. */
async function ownLosses(
  state: ValidatorState,
  { sample }: Judged,
  gated: Gated,
): Promise<LossEvidence> {
  const { engine, run } = state.node;
  const { data, evaluation, model } = run.manifest;
  const { uid, hotkey } = gated.commit;
  const assigned = assignedPages({
    key: sample.keys.assign,
    pages: data.pages,
    uid,
    perUid: data.pagesPerWindow,
  });
  const sequences = run.pages.sequences(assigned.slice(0, gated.consumedPages));
  const draws = drawsOf(sample.keys.evaluation(hotkey));
  const tokens = tokensOf(
    sequences,
    chooseSequences(draws, sequences.count, evaluation.ownSequences),
    model.context,
  );
  const before = Array.from(await engine.losses({ tokens }));
  const after = await lossesWith(engine, gated, { tokens, sequences: before.length });
  return { own: { before, after }, noise: gated.noise };
}

/** What was found out about each uid: a score, or the reason why there is none. */
function evidenceOf(judged: Judged, losses: ReadonlyMap<number, LossEvidence>): MinerEvidence[] {
  return judged.sample.hotkeys.map((hotkey, uid): MinerEvidence => {
    const found = losses.get(uid);
    const measured = found === undefined ? null : scoreLosses(found);
    if (measured !== null) return { kind: "evaluated", uid, hotkey, score: measured };
    const refusal = judged.refusals.get(uid);
    const noise = judged.failed.find((entry) => entry.commit.uid === uid)?.fall ?? undefined;
    const reason = found === undefined ? (refusal?.reason ?? "no-commitment") : "not-finite";
    return { kind: "rejected", uid, hotkey, reason, noise };
  });
}

/** Scores the window and moves the scorebook on. Runs while the vote is on its way; theta is still theta_w. */
export async function score(state: ValidatorState, judged: Judged): Promise<Scored> {
  const { window } = judged.sample;
  const losses = new Map<number, LossEvidence>();
  for (const gated of judged.passed)
    losses.set(gated.commit.uid, await ownLosses(state, judged, gated));
  const evidence = { window, miners: evidenceOf(judged, losses) };
  const advanced = advance(state.book, evidence, state.node.run.manifest.scoring);
  state.book = advanced.book;
  return { judged, evidence: losses, advance: advanced };
}
