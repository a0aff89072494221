/** @file A reason in words. */
import type { VerdictView } from "../api/page.ts";
import { explainReason, isReason } from "../gauntlet/verdict.ts";
import type { ScoringMode } from "../protocol/scoring.ts";

/** A code and its sentence; a newer validator's code that we do not know stands alone. */
export function verdictView(code: string, mode: ScoringMode): VerdictView {
  return { code, text: isReason(code) ? explainReason(code, mode) : "" };
}
