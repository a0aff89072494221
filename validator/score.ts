/** @file From fates to scores: the evidence of a window, and the step that it makes in the scorebook. */
import type { MinerEvidence } from "../src/gauntlet/evidence.ts";
import { withOwnWeights } from "../src/gauntlet/own-weights.ts";
import { type LossScore, scoreLosses } from "../src/gauntlet/loss-score.ts";
import { type ScoredWindow, scoreWindow } from "../src/gauntlet/scorebook.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { WindowOutcome } from "../src/run/chain-record.ts";
import type { Fate, Judgement } from "./fate.ts";
import type { Memory } from "./memory.ts";
import type { Validator } from "./validator.ts";

/** The losses as a score; null for losses that are not finite, undefined where own pages were not measured. */
function lossScoreOf({ own, gate }: Fate): LossScore | null | undefined {
  return own && gate ? scoreLosses({ own, noise: gate.noise }) : undefined;
}

/** What was found out about a uid: a score, or the reason why there is none. */
function evidenceOf(uid: number, hotkey: Hex, fate: Fate | undefined): MinerEvidence {
  if (fate === undefined) return { kind: "rejected", uid, hotkey, reason: "no-commitment" };
  const { refusal, gate, group } = fate;
  const noise = gate?.fall ?? undefined;
  const found = lossScoreOf(fate) ?? undefined;
  // Losses that were measured and give no score are not finite.
  const unmeasured = lossScoreOf(fate) === null ? "not-finite" : "no-commitment";
  if (refusal !== null || found === undefined)
    return {
      kind: "rejected",
      uid,
      hotkey,
      reason: refusal?.reason ?? unmeasured,
      noise,
      score: found,
    };
  return { kind: "evaluated", uid, hotkey, score: found, share: 1 / (group?.length ?? 1) };
}

/** Scores the window, once the votes have said what became of it, and moves the scorebook on. */
export function score(
  { memory, weigh }: Pick<Validator, "weigh"> & { readonly memory: Pick<Memory, "book"> },
  judgement: Judgement,
  outcome: Pick<WindowOutcome, "accepted">,
): ScoredWindow {
  const { window, hotkeys, rules, fates } = judgement;
  const byUid = new Map(fates.map((fate) => [fate.commit.uid, fate]));
  const miners = hotkeys.map((hotkey, uid) => evidenceOf(uid, hotkey, byUid.get(uid)));
  const isNull = outcome.accepted.length === 0;
  const advanced = scoreWindow(memory.book, { window, miners, isNull }, rules.scoring);
  memory.book = advanced.book;
  return withOwnWeights(advanced, weigh);
}
