/** @file From fates to scores: the evidence of a window, and the step that it makes in the scorebook. */
import type { MinerEvidence } from "../src/gauntlet/evidence.ts";
import { scoreLosses } from "../src/gauntlet/loss-score.ts";
import { type ScoredWindow, scoreWindow } from "../src/gauntlet/scorebook.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { Fate, Judgement } from "./fate.ts";
import type { Memory } from "./memory.ts";

/** What was found out about a uid: a score, or the reason why there is none. */
function evidenceOf(uid: number, hotkey: Hex, fate: Fate | undefined): MinerEvidence {
  const noise = fate?.gate?.fall ?? undefined;
  if (fate?.own && fate.gate) {
    const found = scoreLosses({ own: fate.own, noise: fate.gate.noise });
    return found === null
      ? { kind: "rejected", uid, hotkey, reason: "not-finite", noise }
      : { kind: "evaluated", uid, hotkey, score: found };
  }
  return { kind: "rejected", uid, hotkey, reason: fate?.refusal?.reason ?? "no-commitment", noise };
}

/** Scores the window and moves the scorebook on. */
export function score(memory: Memory, judgement: Judgement): ScoredWindow {
  const { window, hotkeys, rules, fates } = judgement;
  const byUid = new Map(fates.map((fate) => [fate.commit.uid, fate]));
  const miners = hotkeys.map((hotkey, uid) => evidenceOf(uid, hotkey, byUid.get(uid)));
  const advanced = scoreWindow(memory.book, { window, miners }, rules.scoring);
  memory.book = advanced.book;
  return advanced;
}
